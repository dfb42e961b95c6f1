import type { Dialled } from '../core/incoming/dial-ahead.ts';
import type { StoreThread } from '../core/store/start-store-worker.ts';
import { noDesktop } from '../host-node/no-desktop.ts';
import type { Program } from './program.ts';

/** What was begun before it was known who opens the profile. */
export interface BegunAhead {
  readonly storeThread?: StoreThread;
  /** The servers of the accounts that will be collected. */
  readonly dialled?: Dialled;
}

/** The command under Node. */
export function nodeProgram(ahead: BegunAhead = {}): Program {
  let { storeThread, dialled } = ahead;
  const script = process.argv[1];
  return {
    async openCore(profile, collects) {
      // Only now: the core is most of the program, and a command that talks to a running app does without.
      const { openNodeCore } = await import('../host-node/node-core.ts');
      const taken = dialled;
      dialled = undefined;
      const takeStoreThread = (): StoreThread | undefined => {
        const thread = storeThread;
        storeThread = undefined;
        return thread;
      };
      return openNodeCore({
        profile,
        desktop: noDesktop,
        collects,
        takeStoreThread,
        dialled: taken,
        brokenSettings: 'refuse',
      });
    },
    startAgain: script === undefined ? [] : [process.execPath, ...process.execArgv, script],
  };
}
