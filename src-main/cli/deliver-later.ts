import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Profile } from '../host-node/profile.ts';
import { nodeProgram } from './node-program.ts';
import type { Program } from './program.ts';

/**
 * Starts `postrider outbox flush` for this profile in a process of its own, which waits for the profile, takes up the
 * spool and makes one pass. At most one such process waits at a time: it will find everything that is there by then.
 * What it could not deliver is left to the next run, or to the app. Never throws: the mail is durable already, and a
 * caller that is told of a failure would hand it over again.
 */
export async function deliverLater(
  profile: Profile,
  given: string | undefined,
  { startAgain }: Pick<Program, 'startAgain'> = nodeProgram(),
): Promise<void> {
  await start(profile, given, startAgain).catch(() => undefined);
}

async function start(profile: Profile, given: string | undefined, again: readonly string[]): Promise<void> {
  const waiting = waitingFile(profile);
  if (await isAlive(waiting)) return;
  const [file, ...words] = again;
  if (file === undefined) return;
  const where = given === undefined ? [] : ['--profile', profile.profileDir];
  const child = spawn(file, [...words, ...where, 'outbox', 'flush'], {
    detached: true,
    stdio: 'ignore',
    cwd: profile.profileDir,
    env: { ...process.env, [waitingMark]: '1' },
    windowsHide: true,
  });
  child.on('error', () => undefined);
  child.unref();
  if (child.pid !== undefined) await writeFile(waiting, `${child.pid}\n`, { mode: 0o600 });
}

const waitingMark = 'POSTRIDER_DELIVERS_LATER';
const waitingFile = ({ profileDir }: Profile): string => join(profileDir, 'spool', 'waiting.pid');

/** Called by the process itself once it has the profile: from now on, mail that comes needs another one. */
export async function stopWaiting(profile: Profile, env: NodeJS.ProcessEnv): Promise<void> {
  // Left there on a disk that fails, it names a process that will be gone.
  if (env[waitingMark] !== undefined) await rm(waitingFile(profile), { force: true }).catch(() => undefined);
}

async function isAlive(waiting: string): Promise<boolean> {
  try {
    const pid = Number(await readFile(waiting, 'utf8'));
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
