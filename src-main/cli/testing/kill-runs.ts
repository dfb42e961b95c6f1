import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Api, createClient } from '#shared/rpc/client.ts';
import { connectControlSocket } from '../../host-node/control-socket.ts';

/** The program in processes of its own, as they are started by a user, a cron job or the desktop. */
export interface Programs {
  readonly command: string;
  readonly host: string;
}

const root = join(import.meta.dirname, '..', '..', '..');
export const builtPrograms: Programs = {
  command: join(root, 'dist/cli/postrider.js'),
  host: join(root, 'dist/host-browser/main.js'),
};
export const sourcePrograms: Programs = {
  command: join(root, 'src-main/cli/main.ts'),
  host: join(root, 'src-main/host-browser/main.ts'),
};

/** Where the processes of a run live and what they may be killed by. */
export interface RunPlace {
  readonly root: string;
  readonly profileDir: string;
  readonly programs: Programs;
  readonly random: () => number;
  /** How long an undisturbed run of each kind takes, learned on the way. */
  readonly typicalMs: Map<RunKind, number>;
}

export type RunKind = 'send' | 'sendmail' | 'flush' | 'host' | 'syscall';

export interface KilledMessage {
  readonly number: number;
  readonly bytes: string;
}

export interface RunEnd {
  readonly kind: RunKind;
  readonly kills: number;
  /** Those the program said it has queued. */
  readonly acknowledged: readonly number[];
}

interface Ended {
  readonly isKilled: boolean;
  readonly code: number | null;
  readonly stdout: string;
}

const Queued = z.object({ outboxId: z.string() });

/** `postrider send FILE`, killed at a moment of its life drawn evenly. */
export async function runSend(place: RunPlace, message: KilledMessage): Promise<RunEnd> {
  const path = await writeMessage(place, message);
  const { isKilled, stdout } = await runUntil(place, 'send', ['send', path, '--json']);
  return { kind: 'send', kills: isKilled ? 1 : 0, acknowledged: isQueued(stdout) ? [message.number] : [] };
}

/** `postrider sendmail -t`, and the process it leaves behind to deliver later: both may die. */
export async function runSendmail(place: RunPlace, message: KilledMessage): Promise<RunEnd> {
  const { isKilled, code } = await runUntil(place, 'sendmail', ['sendmail', '-t', '-oi'], message.bytes);
  const later = await killLeftBehind(place);
  const acknowledged = code === 0 ? [message.number] : [];
  return { kind: 'sendmail', kills: (isKilled ? 1 : 0) + later, acknowledged };
}

/** `postrider outbox flush --now` over what the runs before left. */
export async function runFlush(place: RunPlace): Promise<RunEnd> {
  const { isKilled } = await runUntil(place, 'flush', ['outbox', 'flush', '--now', '--json']);
  return { kind: 'flush', kills: isKilled ? 1 : 0, acknowledged: [] };
}

const syncs = 'fsync,fdatasync';
const files = 'rename,renameat,renameat2,unlink,link';
const writes = 'pwrite64,pwritev';
const sockets = 'write,writev,sendmsg';

/** `postrider send FILE`, killed as one of its system calls begins: a sync, a rename, a write to the ledger or to a socket. */
export async function runToSystemCall(place: RunPlace, message: KilledMessage): Promise<RunEnd> {
  const path = await writeMessage(place, message);
  const chosen = [syncs, files, writes, sockets][Math.floor(place.random() * 4)] ?? syncs;
  const most = { [syncs]: 12, [files]: 5, [writes]: 60, [sockets]: 30 }[chosen] ?? 1;
  const when = 1 + Math.floor(place.random() * most);
  const under = ['strace', '-f', '-qq', '-e', `trace=${chosen}`, '-e', `inject=${chosen}:signal=KILL:when=${when}`];
  const child = start(place, ['send', path, '--json'], [...under, '-o', '/dev/null']);
  const { isKilled, stdout } = await endOf(child);
  return { kind: 'syscall', kills: isKilled ? 1 : 0, acknowledged: isQueued(stdout) ? [message.number] : [] };
}

/** About what it takes to queue and send the messages of one run. */
const hostLifeMs = 600;
const longestLifeMs = 5000;

/** An app that runs gets several messages at once over its control socket and is killed while it sends them. */
export async function runHost(place: RunPlace, messages: readonly KilledMessage[]): Promise<RunEnd> {
  const host = await startHost(place);
  const acknowledged: number[] = [];
  const lifeMs = place.typicalMs.get('host') ?? hostLifeMs;
  const startedAt = performance.now();
  const timer = setTimeout(() => host.child.kill('SIGKILL'), place.random() * lifeMs);
  const handOver = messages.map(async (message) => {
    const path = await writeMessage(place, message);
    await host.api.call('outbox.submitFile', { path, options: {} });
    acknowledged.push(message.number);
    // Queueing is the first third; a busy machine takes longer for everything.
    const isQueued = acknowledged.length === messages.length;
    if (isQueued) place.typicalMs.set('host', Math.max(hostLifeMs, 3 * (performance.now() - startedAt)));
  });
  await Promise.all([...handOver.map((handed) => handed.catch(() => undefined)), host.ended]);
  clearTimeout(timer);
  host.api.close();
  if (acknowledged.length < messages.length) place.typicalMs.set('host', Math.min(longestLifeMs, lifeMs * 1.2));
  return { kind: 'host', kills: 1, acknowledged };
}

/** The app without a window, reached as the command reaches it. */
export async function startHost(place: RunPlace): Promise<{ child: ChildProcess; api: Api; ended: Promise<unknown> }> {
  const child = spawn(process.execPath, [place.programs.host, '--no-window', '--profile', place.profileDir], {
    env: { ...process.env, HOME: place.root },
    cwd: place.root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended.then(() => [''])]);
  const transport = line === '' ? null : await connectControlSocket(place.profileDir);
  if (transport === null) throw new Error('The app did not start.');
  return { child, api: createClient(transport), ended };
}

/** One command, killed by a clock; an undisturbed one teaches how long they take. */
async function runUntil(place: RunPlace, kind: RunKind, args: readonly string[], stdin = ''): Promise<Ended> {
  const typicalMs = place.typicalMs.get(kind);
  const startedAt = performance.now();
  const child = start(place, args, [], stdin);
  // The first of its kind is let be, to see how long it takes.
  const timer =
    typicalMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), place.random() * typicalMs);
  const ended = await endOf(child);
  clearTimeout(timer);
  if (!ended.isKilled) {
    const tookMs = performance.now() - startedAt;
    place.typicalMs.set(kind, typicalMs === undefined ? tookMs : 0.7 * typicalMs + 0.3 * tookMs);
  }
  return ended;
}

/** For what must run to its end. Throws when it fails. */
export async function runWhole(place: RunPlace, args: readonly string[], stdin = ''): Promise<string> {
  const { code, stdout } = await endOf(start(place, args, [], stdin));
  if (code === null || ![0, 69, 75].includes(code)) throw new Error(`postrider ${args.join(' ')}: ${code} ${stdout}`);
  return stdout;
}

function start(place: RunPlace, args: readonly string[], under: readonly string[], stdin = ''): ChildProcess {
  const [program = '', ...line] = [
    ...under,
    process.execPath,
    place.programs.command,
    '--profile',
    place.profileDir,
    ...args,
  ];
  const child = spawn(program, line, {
    env: { ...process.env, HOME: place.root },
    cwd: place.root,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(stdin);
  return child;
}

/** A program that hangs is a finding of its own. */
const longestRunMs = 60_000;

async function endOf(child: ChildProcess): Promise<Ended> {
  const stdout: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const timer = setTimeout(
    () => reject(new Error(`It did not end in a minute: ${child.spawnargs.join(' ')}`)),
    longestRunMs,
  );
  child.once('error', reject);
  child.once('close', (code, signal) =>
    // Under strace the death of the program is told as strace's own.
    resolve({ isKilled: signal === 'SIGKILL', code, stdout: Buffer.concat(stdout).toString('utf8') }),
  );
  return promise.finally(() => clearTimeout(timer));
}

function isQueued(stdout: string): boolean {
  try {
    return Queued.safeParse(JSON.parse(stdout)).success;
  } catch {
    return false;
  }
}

async function writeMessage({ root: dir }: RunPlace, { number, bytes }: KilledMessage): Promise<string> {
  const path = join(dir, `${number}.eml`);
  await writeFile(path, bytes);
  return path;
}

/** What `sendmail` left running for this profile is killed at some moment, or ends by itself; answers how many were killed. */
async function killLeftBehind(place: RunPlace): Promise<number> {
  const left = await processesOf(place.profileDir);
  let kills = 0;
  for (const pid of left) {
    const wholeMs = place.typicalMs.get('flush') ?? 1000;
    const timer = setTimeout(() => {
      kills += end(pid) ? 1 : 0;
    }, place.random() * wholeMs);
    await waitFor(pid);
    clearTimeout(timer);
  }
  return kills;
}

function end(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

const execute = promisify(execFile);

/** Resolves when the process, which is no child of ours, is gone. */
async function waitFor(pid: number): Promise<void> {
  await execute('tail', [`--pid=${pid}`, '-s', '0.05', '-f', '/dev/null']);
}

/** Ends whatever still runs for a profile. */
export async function endAll(profileDir: string): Promise<void> {
  for (const pid of await processesOf(profileDir)) end(pid);
}

/** Processes that were started for a profile, found by the folder in their command line. */
async function processesOf(profileDir: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (line.split('\0').includes(profileDir)) found.push(pid);
  }
  return found;
}
