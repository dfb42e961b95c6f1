import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const configDir = '/etc/netns';
const prefix = 'postrider-';

/** A machine of its own as far as the network is concerned: interfaces, routes, packet filter, name server. */
export interface Namespace {
  readonly name: string;
  /** Put before a command to have it run inside. */
  readonly through: readonly string[];
  /** `ip ARGUMENTS`, inside. */
  ip(...args: string[]): Promise<void>;
  iptables(...args: string[]): Promise<void>;
  /** Any command, inside; answers its standard output. */
  run(...command: string[]): Promise<string>;
  /** A process that stays; `close` ends it. */
  start(...command: string[]): ChildProcess;
  /** Its `/etc/resolv.conf`. Written in place: what runs inside sees the change. */
  setResolver(text: string): Promise<void>;
  /** Ends every process inside, then removes it. */
  close(): Promise<void>;
}

/** Null when network namespaces can be made here; otherwise why they cannot, as a sentence. */
export async function whyNoNamespaces(): Promise<string | null> {
  if (process.platform !== 'linux') return 'Network namespaces are a thing of Linux.';
  if (process.getuid?.() !== 0) return 'Only root can make network namespaces.';
  const name = `${prefix}${process.pid}-trial`;
  try {
    await run('ip', ['netns', 'add', name]);
    await run('ip', ['netns', 'exec', name, 'iptables', '-t', 'nat', '-L', '-n']);
    await run('dnsmasq', ['--version']);
    return null;
  } catch (error) {
    return error instanceof Error ? `Network namespaces cannot be used here: ${error.message.trim()}` : 'unknown';
  } finally {
    await run('ip', ['netns', 'del', name]).catch(() => undefined);
  }
}

let made = 0;

/** Makes one with its loopback up. The name tells which process it belongs to, so that two runs never meet. */
export async function makeNamespace(role: string): Promise<Namespace> {
  made += 1;
  const name = `${prefix}${process.pid}-${made}-${role}`;
  const through = ['ip', 'netns', 'exec', name];
  const inside = async (...command: string[]): Promise<string> => {
    const [first = '', ...args] = [...through, ...command];
    return (await run(first, args)).stdout;
  };
  const namespace: Namespace = {
    name,
    through,
    ip: async (...args) => void (await run('ip', ['-n', name, ...args])),
    iptables: async (...args) => void (await inside('iptables', '-w', ...args)),
    run: inside,
    start(...command) {
      const [first = '', ...args] = [...through, ...command];
      return spawn(first, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    },
    setResolver: (text) => writeFile(join(configDir, name, 'resolv.conf'), text),
    close: () => removeNamespace(name),
  };
  // Before anything runs inside: what is mounted over /etc is decided when a process starts.
  await mkdir(join(configDir, name), { recursive: true });
  await namespace.setResolver('');
  await run('ip', ['netns', 'add', name]);
  await namespace.ip('link', 'set', 'lo', 'up');
  return namespace;
}

/** Removes what a run left behind that was killed before it could clean up. */
export async function sweepNamespaces(): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'list']);
  const kept = await readdir(configDir).catch((): string[] => []);
  const names = new Set([...stdout.split('\n').map((line) => line.split(' ')[0] ?? ''), ...kept]);
  for (const name of names) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await removeNamespace(name);
  }
}

async function removeNamespace(name: string): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'pids', name]).catch(() => ({ stdout: '' }));
  for (const pid of stdout.split('\n').filter((line) => line !== '')) kill(Number(pid));
  await run('ip', ['netns', 'del', name]).catch(() => undefined);
  await rm(join(configDir, name), { recursive: true, force: true });
  // Refused while there are others; before the first of them it was not there.
  await rmdir(configDir).catch(() => undefined);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Ends a process that `Namespace.start` made. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** Waits for a line on its standard output; answers the line. Throws when it ends without. */
export async function untilSaid(child: ChildProcess, line: RegExp): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  const onData = (chunk: Buffer): void => {
    said += chunk.toString();
    const found = said.split('\n').find((one) => line.test(one));
    if (found !== undefined) resolve(found);
  };
  const onExit = (): void => reject(new Error(`It ended and only said: ${said}`));
  child.once('error', reject).once('exit', onExit);
  child.stdout?.on('data', onData);
  try {
    return await promise;
  } finally {
    child.off('exit', onExit);
    // What it says later is of no interest, but must not fill its pipe.
    child.stdout?.off('data', onData).resume();
  }
}
