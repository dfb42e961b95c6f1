import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Api, createClient } from '#shared/rpc/client.ts';
import { connectControlSocket } from '../src-main/host-node/control-socket.ts';
import { writeLargeMail } from './large-mail.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
export const command = join(root, 'dist/cli/postrider.js');
const host = join(root, 'dist/host-browser/main.js');

/** A profile with many messages in its Inbox, and what the peers need beside it. */
export interface LargeProfile {
  readonly profileDir: string;
  readonly mailFolder: string;
  readonly messages: number;
  readonly octets: number;
  /** Removes what this run made. */
  dispose(): Promise<void>;
}

/** Makes one, or takes the one an earlier run left in `kept`. The mail lies there as files alone; nothing is indexed yet. */
export async function largeProfile(count: number, kept?: string): Promise<LargeProfile> {
  const profileDir = kept ?? (await mkdtemp(join(tmpdir(), 'postrider-bench-large-')));
  const mailFolder = join(profileDir, 'Mail');
  const note = join(profileDir, 'large.json');
  const elsewhere = Math.floor(count / 50);
  if (!existsSync(note)) {
    await mkdir(profileDir, { recursive: true, mode: 0o700 });
    const octets = writeLargeMail(mailFolder, { count, elsewhere });
    await writeFile(note, String(octets));
  }
  const octets = Number(await readFile(note, 'utf8'));
  const dispose = async (): Promise<void> => {
    if (kept === undefined) await rm(profileDir, { recursive: true, force: true });
  };
  return { profileDir, mailFolder, messages: count + 4 * elsewhere, octets, dispose };
}

/** Runs the `postrider` command on the profile. */
export async function postrider(profileDir: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [command, '--profile', profileDir, ...args], { maxBuffer: 1e8 });
  return stdout;
}

export interface RunningHost {
  readonly api: Api;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

/** The application as it runs on a desktop (browser host, no window), asked over its control socket. */
export async function startHost(profileDir: string): Promise<RunningHost> {
  const args = [host, '--no-window', '--profile', profileDir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (child.stdout === null) throw new Error('The host has no output.');
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('{')) break;
  child.stdout.resume();
  const transport = await connectControlSocket(profileDir);
  if (transport === null) throw new Error('The application does not answer. Is it built (npm run build)?');
  const api = createClient(transport);
  return {
    api,
    child,
    async stop() {
      api.close();
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Resident memory of a process in MB, as Linux counts it. */
export async function residentMb(pid: number | undefined, line: 'VmRSS' | 'VmHWM' = 'VmRSS'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const found = new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(status);
  return Number(found?.[1] ?? Number.NaN) / 1000;
}

/** mu over the mail of a profile; its database lies beside it. */
export const mu = {
  path: '/usr/bin/mu',
  home: (profileDir: string): string => join(profileDir, 'mu'),
  /** Makes the database anew. */
  async index(profileDir: string): Promise<void> {
    const home = mu.home(profileDir);
    await rm(home, { recursive: true, force: true });
    await run(mu.path, ['init', `--muhome=${home}`, `--maildir=${join(profileDir, 'Mail')}`]);
    await run(mu.path, ['index', `--muhome=${home}`, '--quiet']);
  },
} as const;

/** notmuch over the mail of a profile; its database lies beside it. */
export const notmuch = {
  path: '/usr/bin/notmuch',
  home: (profileDir: string): string => join(profileDir, 'notmuch'),
  environment: (profileDir: string): NodeJS.ProcessEnv => ({
    ...process.env,
    NOTMUCH_CONFIG: join(notmuch.home(profileDir), 'config'),
  }),
  /** Makes the database anew. */
  async index(profileDir: string): Promise<void> {
    const home = notmuch.home(profileDir);
    await rm(home, { recursive: true, force: true });
    await mkdir(home, { recursive: true });
    const config = [
      '[database]',
      `mail_root=${join(profileDir, 'Mail')}`,
      `path=${join(home, 'database')}`,
      '[user]',
      'name=Bench',
      'primary_email=bench@example.net',
      '[new]',
      'tags=',
      'ignore=postrider-mail-folder.txt;maildirfolder',
      '[maildir]',
      'synchronize_flags=false',
      '',
    ];
    await writeFile(join(home, 'config'), config.join('\n'));
    await mkdir(join(home, 'database'), { recursive: true });
    await run(notmuch.path, ['new', '--quiet'], { env: notmuch.environment(profileDir) });
  },
} as const;
