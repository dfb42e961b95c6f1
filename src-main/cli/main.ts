import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isOutOfFiles, tooManyFiles } from '#shared/disk-error.ts';
import { type Dialled, dialAhead } from '../core/incoming/dial-ahead.ts';
import { type StoreThread, startStoreThread } from '../core/store/start-store-worker.ts';
import { keepCompiledCode } from '../host-node/compiled-code.ts';
import { profileDirGiven, wordsGiven, workingFolder } from '../host-node/profile-place.ts';
import { createResources } from '../host-node/resources.ts';
import { widenThreadPool } from '../host-node/thread-pool.ts';

workingFolder();
const argv = process.argv.slice(2);
const profileDir = profileDirGiven(argv, process.env.POSTRIDER_PROFILE);
widenThreadPool();
keepCompiledCode(profileDir);
const ahead = startAhead();
// Only now: what is loaded before is compiled anew at each start.
const { runProcess } = await import('./run-process.ts').catch(cannotLoad);

process.exitCode = await runProcess({
  argv,
  stdin: process.stdin,
  exit: (code) => process.exit(code),
  ahead,
});
// Where the command was misspelt, nobody came for them.
ahead.dialled?.close();
// Standard input that nobody read would keep the process waiting.
process.stdin.unref?.();

/** With too few files to open (`ulimit -n`) not even the words for it can be loaded: EX_TEMPFAIL, nothing was done. */
function cannotLoad(error: unknown): never {
  if (!isOutOfFiles(error)) throw error;
  const message = `Postrider could not start: ${tooManyFiles}`;
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: { code: 'EIO', message } })}\n`);
  else process.stderr.write(`${message}\n`);
  process.exit(75);
}

/**
 * Where it looks as if the command will open the profile itself, the store's thread comes up while this one loads the
 * command; and the servers `collect` will go to, in the profile's settings as they lie there, are dialled: a far one is as
 * long in greeting.
 */
function startAhead(): { storeThread?: StoreThread; dialled?: Dialled } {
  const isAsked = argv.some((word) => ['--help', '-h', '--version', 'help'].includes(word));
  const has = (name: string): boolean => existsSync(join(profileDir, name));
  if (isAsked || !has('settings.json') || has('control.sock') || has('control.pipe')) return {};
  const [verb, ...words] = wordsGiven(argv);
  const dialled = verb === 'collect' ? dialAhead(profileDir, words.length === 0 ? 'all' : words) : undefined;
  return { storeThread: startStoreThread(createResources().worker('store-worker')), dialled };
}
