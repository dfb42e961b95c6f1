import type { CollectsFrom } from '../core/app-core.ts';
import type { NodeCore } from '../host-node/node-core.ts';
import type { Profile } from '../host-node/profile.ts';

/** What the program that runs a command is made of, where that is not Node: the packaged app's own binary. */
export interface Program {
  /** Makes the core in this process. `collects`: see `AppCoreOptions`. Throws what `openNodeCore` throws. */
  openCore(profile: Profile, collects?: CollectsFrom): Promise<NodeCore>;
  /** The words that start the command once more, before its own. */
  readonly startAgain: readonly string[];
}
