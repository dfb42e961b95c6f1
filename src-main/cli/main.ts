import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type StoreThread, startStoreThread } from '../core/store/start-store-worker.ts';
import { keepCompiledCode } from '../host-node/compiled-code.ts';
import { profileDirGiven, workingFolder } from '../host-node/profile-place.ts';
import { createResources } from '../host-node/resources.ts';
import { widenThreadPool } from '../host-node/thread-pool.ts';

workingFolder();
const argv = process.argv.slice(2);
const profileDir = profileDirGiven(argv, process.env.POSTRIDER_PROFILE);
widenThreadPool();
keepCompiledCode(profileDir);
const storeThread = startAhead();
// Only now: what is loaded before is compiled anew at each start.
const { runProcess } = await import('./run-process.ts');

process.exitCode = await runProcess({
  argv,
  stdin: process.stdin,
  exit: (code) => process.exit(code),
  storeThread,
});
// Standard input that nobody read would keep the process waiting.
process.stdin.unref?.();

/** The store's thread comes up while this one loads the command, where it looks as if the command will open the profile itself. */
function startAhead(): StoreThread | undefined {
  const isAsked = argv.some((word) => ['--help', '-h', '--version', 'help'].includes(word));
  const has = (name: string): boolean => existsSync(join(profileDir, name));
  if (isAsked || !has('settings.json') || has('control.sock') || has('control.pipe')) return undefined;
  return startStoreThread(createResources().worker('store-worker'));
}
