import type { StoreThread } from '../core/store/start-store-worker.ts';
import { noDesktop } from '../host-node/no-desktop.ts';
import type { Program } from './program.ts';

/** The command under Node. `storeThread`: the store's, when it was started before it was known who opens the profile. */
export function nodeProgram(storeThread?: StoreThread): Program {
  let waiting = storeThread;
  const script = process.argv[1];
  return {
    async openCore(profile, collects) {
      // Only now: the core is most of the program, and a command that talks to a running app does without.
      const { openNodeCore } = await import('../host-node/node-core.ts');
      const takeStoreThread = (): StoreThread | undefined => {
        const taken = waiting;
        waiting = undefined;
        return taken;
      };
      return openNodeCore({ profile, desktop: noDesktop, collects, takeStoreThread, brokenSettings: 'refuse' });
    },
    startAgain: script === undefined ? [] : [process.execPath, ...process.execArgv, script],
  };
}
