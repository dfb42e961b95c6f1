import { MailError } from '#shared/mail-error.ts';
import type { AppCore, CollectsFrom } from '../core/app-core.ts';
import { type Dialled, dialAhead } from '../core/incoming/dial-ahead.ts';
import type { Desktop, Log, Secrets, Spawn } from '../core/ports.ts';
import { type StoreThread, type StoreWorker, startStoreThread } from '../core/store/start-store-worker.ts';
import { nodeSpawn } from './child-process.ts';
import { openFileSecrets } from './file-secrets.ts';
import { createFileLog } from './log.ts';
import { nodeNetwork } from './node-network.ts';
import { keepMailFolder, type Profile } from './profile.ts';
import { lockProfile } from './profile-lock.ts';
import { createResources, type ProgramFiles } from './resources.ts';
import { giveSpareRoom, keepSpareRoom } from './spare-room.ts';
import { systemClock } from './system-clock.ts';

/** The core on a profile this process owns. */
export interface NodeCore {
  readonly core: AppCore;
  readonly log: Log;
  readonly files: ProgramFiles;
  /** Closes the core, then lets go of the profile. */
  close(): Promise<void>;
}

/** What a core is made of. */
export interface NodeCoreOptions {
  profile: Profile;
  desktop: Desktop;
  /** Opens where passwords are kept, once the profile is ours; the encrypted file of the profile unless given. */
  openSecrets?: () => Promise<Secrets>;
  /** How children are made; Node's own processes unless given. */
  spawn?: Spawn;
  /** See `AppCoreOptions`. */
  collects?: CollectsFrom;
  brokenSettings?: 'keep-aside' | 'refuse';
  /** The store's thread, when one was started already; asked for once the profile is ours. */
  takeStoreThread?: () => StoreThread | undefined;
  /** Servers that were dialled already; closed here, whatever happens. */
  dialled?: Dialled;
}

/**
 * Takes the profile and makes the core with Node's own ports: for the browser host and for a command that runs while
 * no app does. On a disk without a single page left, what was set aside makes room: the mail can be read then, and something
 * deleted. Throws `MailError` ELOCKED when another process owns the profile.
 */
export async function openNodeCore(options: NodeCoreOptions): Promise<NodeCore> {
  try {
    return await openOnce(options);
  } catch (error) {
    const isFull = error instanceof MailError && error.code === 'EDISKFULL';
    if (!isFull || !giveSpareRoom(options.profile.profileDir)) throw error;
    return openOnce({ ...options, dialled: undefined });
  }
}

async function openOnce(options: NodeCoreOptions): Promise<NodeCore> {
  const { profile, desktop } = options;
  const lock = await lockProfile(profile.profileDir).catch((error: unknown) => {
    options.dialled?.close();
    throw error;
  });
  let storeWorker: StoreWorker | undefined;
  // Far servers are dialled and the store opens while this thread loads the program, which takes about as long.
  const dialled = options.dialled ?? (options.collects && dialAhead(profile.profileDir, options.collects));
  try {
    const log = createFileLog(profile.profileDir);
    const files = createResources();
    await keepMailFolder(profile);
    const thread = options.takeStoreThread?.() ?? startStoreThread(files.worker('store-worker'));
    storeWorker = thread.open(profile);
    const { createAppCore } = await import('../core/app-core.ts');
    const core = await createAppCore({
      ...profile,
      secrets: await (options.openSecrets?.() ?? openFileSecrets(profile.profileDir)),
      clock: systemClock,
      log,
      network: nodeNetwork,
      spawn: options.spawn ?? nodeSpawn,
      resources: files,
      storeWorker,
      desktop,
      collects: options.collects,
      dialled,
      brokenSettings: options.brokenSettings,
    });
    keepSpareRoom(profile.profileDir);
    return {
      core,
      log,
      files,
      async close() {
        try {
          await core.close();
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    // Whoever gets the lock next must find nobody at the store.
    await storeWorker?.abandon();
    lock.release();
    throw error;
  } finally {
    dialled?.close();
  }
}
