import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '#shared/disk-error.ts';
import type { ScannerSettings, ScanOutcome } from '#shared/mail/quarantine.ts';
import type { Clock } from '../ports.ts';

/** Where the path of the copy goes; without it the message is given on standard input. */
const filePlace = '{file}';
/** So much of what the command writes is kept. */
const keptOctets = 16 * 1024;
const shownCharacters = 2000;
/** A command that has ended may have left its output open to a child of its own: that is not waited for. */
const leftOpenMs = 500;

export interface ScanRun {
  readonly bytes: Uint8Array;
  readonly settings: ScannerSettings;
  /** For copies of messages; made, for this user alone, when it is missing. */
  readonly copies: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** `isStanding`: the command itself cannot be run, whatever the message. */
export type Scanned = ScanOutcome & { readonly isStanding: boolean };

/**
 * Asks the command about one message. It sees a copy: whatever it does to that, the message stays as it came. Past the
 * time limit it is killed with everything it started. Throws only when the copy cannot be written, and ECANCELLED's reason.
 */
export async function runScanner(run: ScanRun): Promise<Scanned> {
  run.signal.throwIfAborted();
  const { settings, copies, clock } = run;
  const startedAt = clock.now();
  await mkdir(copies, { recursive: true, mode: 0o700 });
  const wantsFile = settings.arguments.some((argument) => argument.includes(filePlace));
  const copy = join(copies, `${randomUUID()}.eml`);
  try {
    if (wantsFile) await writeFile(copy, run.bytes, { mode: 0o600 });
    const end = await ending(run, wantsFile ? copy : null);
    run.signal.throwIfAborted();
    return { ...judge(end, settings, copy), durationMs: clock.now() - startedAt };
  } finally {
    await rm(copy, { force: true });
  }
}

type Ending =
  | { readonly kind: 'not-started'; readonly code: string }
  | { readonly kind: 'too-long' }
  | {
      readonly kind: 'ended';
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly wrote: string;
    };

function judge(end: Ending, settings: ScannerSettings, copy: string): Omit<Scanned, 'durationMs'> {
  const without = { verdict: 'not-judged', exitCode: null, isStanding: false } as const;
  if (end.kind === 'not-started')
    return { ...without, isStanding: true, words: whyNotStarted(end.code, settings.command) };
  if (end.kind === 'too-long')
    return {
      ...without,
      words: `The scanner gave no answer within ${settings.timeLimitSeconds} seconds and was stopped.`,
    };
  const { exitCode } = end;
  const words = readable(end.wrote.replaceAll(copy, 'message'));
  const said = words === '' ? '' : ` It wrote: ${words}`;
  if (exitCode === null)
    return { ...without, words: `The scanner broke off (${end.signal ?? 'no reason given'}).${said}` };
  const told = { exitCode, words, isStanding: false };
  if (settings.rejectedCodes.includes(exitCode)) return { ...told, verdict: 'rejected' };
  if (settings.cleanCodes.includes(exitCode)) return { ...told, verdict: 'clean' };
  return {
    ...told,
    verdict: 'not-judged',
    words: `The scanner ended with code ${exitCode}, which is no judgement.${said}`,
  };
}

function whyNotStarted(code: string, command: string): string {
  if (code === 'ENOENT') return `There is no program “${command}” here. Give its full path, or install it.`;
  if (code === 'EACCES') return `“${command}” may not be run by you: it is no program, or its permissions forbid it.`;
  return `“${command}” could not be started (${code}).`;
}

/** As a person may be shown it: no control characters, no direction overrides, not too long. */
function readable(text: string): string {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{C}\n]/gu, ' ')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  return lines.join('\n').trim().slice(0, shownCharacters);
}

function ending({ bytes, settings, copies, clock, signal }: ScanRun, copy: string | null): Promise<Ending> {
  return new Promise((resolve) => {
    const args = settings.arguments.map((argument) =>
      copy === null ? argument : argument.replaceAll(filePlace, () => copy),
    );
    const child = started(settings.command, args, copies);
    if (typeof child === 'string') return resolve({ kind: 'not-started', code: child });
    const output = collectOutput(child);
    const settle = (end: Ending): void => {
      cancelLimit();
      cancelWait();
      signal.removeEventListener('abort', stop);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      resolve(end);
    };
    const stop = (): void => {
      killAll(child);
      settle({ kind: 'too-long' });
    };
    const cancelLimit = clock.after(settings.timeLimitSeconds * 1000, stop);
    let cancelWait = (): void => undefined;
    signal.addEventListener('abort', stop);
    child.once('error', (error) => settle({ kind: 'not-started', code: systemCodeOf(error) || 'unknown' }));
    child.once('exit', (exitCode, killedBy) => {
      const end = (): void => settle({ kind: 'ended', exitCode, signal: killedBy, wrote: output() });
      child.once('close', end);
      cancelWait = clock.after(leftOpenMs, end);
    });
    // A scanner may have judged before it has read everything.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(copy === null ? bytes : undefined);
  });
}

/** Leads a group of its own, so that what it started can be ended with it. */
function started(command: string, args: string[], cwd: string): ChildProcess | string {
  try {
    return spawn(command, args, {
      cwd,
      env: plainEnvironment(),
      detached: process.platform !== 'win32',
      windowsHide: true,
      shell: false,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    return systemCodeOf(error) || 'unknown';
  }
}

const passedOn =
  /^(?:PATH|PATHEXT|HOME|USER|LOGNAME|LANG|LC_.*|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|WINDIR|COMSPEC|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES.*)$/i;

/** What a program needs to run; passwords some start script left in the environment are none of it. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)));
}

function killAll(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group has ended already.
  }
}

/** Everything is read, so that the command never waits for us; the beginning is kept. */
function collectOutput(child: ChildProcess): () => string {
  const kept: { chunks: Buffer[]; octets: number }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    const one: { chunks: Buffer[]; octets: number } = { chunks: [], octets: 0 };
    kept.push(one);
    stream?.on('error', () => undefined);
    stream?.on('data', (chunk: Buffer) => {
      if (one.octets >= keptOctets) return;
      one.chunks.push(chunk.subarray(0, keptOctets - one.octets));
      one.octets += chunk.length;
    });
  }
  return () => kept.map(({ chunks }) => Buffer.concat(chunks).toString('utf8')).join('\n');
}
