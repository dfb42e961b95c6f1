import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** As it is shipped; the integration tests build it first. */
const built = join(import.meta.dirname, '..', '..', '..', 'dist', 'cli', 'postrider.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Standard output as one JSON value. */
  json(): unknown;
  /** Standard output as one JSON value a line. */
  lines(): unknown[];
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Record<string, string>;
}

/** The command on a profile of its own, run as a user runs it: a process, its streams, its exit code. */
export interface Command {
  readonly profileDir: string;
  run(args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** The same, left running; the caller ends it. */
  start(
    args: readonly string[],
    options?: RunOptions,
  ): {
    readonly pid: number;
    kill(signal: NodeJS.Signals): void;
    /** Resolves when standard error has this. */
    says(words: RegExp): Promise<void>;
    readonly ended: Promise<Ended>;
  };
  remove(): Promise<void>;
}

/**
 * `through` is put before each command line: `ip netns exec NAME`. `program`: another copy of the built one. `profile`: one
 * that is there already, of somebody else who removes it.
 */
export async function makeCommand(
  through: readonly string[] = [],
  program = built,
  profile?: string,
): Promise<Command> {
  const root = await mkdtemp(join(tmpdir(), 'postrider-cli-'));
  const profileDir = profile ?? join(root, 'profile');
  const start: Command['start'] = (args, { stdin = '', env = {} } = {}) => {
    const [first = '', ...line] = [...through, process.execPath, program, '--profile', profileDir, ...args];
    const child = spawn(first, line, {
      env: { ...process.env, HOME: root, ...env },
      cwd: root,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const says = (words: RegExp): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (words.test(Buffer.concat(stderr).toString())) resolve();
        };
        child.stderr.on('data', look);
        look();
      });
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve(endedWith(code, Buffer.concat(stdout), Buffer.concat(stderr).toString())));
    });
    return { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), says, ended };
  };
  return {
    profileDir,
    start,
    run: (args, options) => start(args, options).ended,
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function endedWith(code: number | null, stdout: Buffer, stderr: string): Ended {
  const text = stdout.toString('utf8');
  return {
    code,
    stdout,
    stderr,
    json: () => JSON.parse(text),
    lines: () => text.split('\n').flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)])),
  };
}
