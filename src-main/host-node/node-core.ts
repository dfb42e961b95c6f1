import { type AppCore, createAppCore } from '../core/app-core.ts';
import type { Desktop, Log, Secrets, Spawn } from '../core/ports.ts';
import { nodeSpawn } from './child-process.ts';
import { openFileSecrets } from './file-secrets.ts';
import { createFileLog } from './log.ts';
import { nodeNetwork } from './node-network.ts';
import { keepMailFolder, type Profile } from './profile.ts';
import { lockProfile } from './profile-lock.ts';
import { createResources, type ProgramFiles } from './resources.ts';
import { systemClock } from './system-clock.ts';

/** The core on a profile this process owns. */
export interface NodeCore {
  readonly core: AppCore;
  readonly log: Log;
  readonly files: ProgramFiles;
  /** Closes the core, then lets go of the profile. */
  close(): Promise<void>;
}

/**
 * Takes the profile and makes the core with Node's own ports: for the browser host and for a command that runs while
 * no app does. Throws `MailError` ELOCKED when another process owns the profile.
 */
export async function openNodeCore(options: {
  profile: Profile;
  desktop: Desktop;
  /** Opens where passwords are kept, once the profile is ours; the encrypted file of the profile unless given. */
  openSecrets?: () => Promise<Secrets>;
  /** How children are made; Node's own processes unless given. */
  spawn?: Spawn;
}): Promise<NodeCore> {
  const { profile, desktop } = options;
  const lock = await lockProfile(profile.profileDir);
  try {
    const log = createFileLog(profile.profileDir);
    const files = createResources();
    await keepMailFolder(profile);
    const core = await createAppCore({
      ...profile,
      secrets: await (options.openSecrets?.() ?? openFileSecrets(profile.profileDir)),
      clock: systemClock,
      log,
      network: nodeNetwork,
      spawn: options.spawn ?? nodeSpawn,
      resources: files,
      desktop,
    });
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
    lock.release();
    throw error;
  }
}
