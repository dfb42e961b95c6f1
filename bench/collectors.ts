import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Contender } from './measure.ts';

const run = promisify(execFile);

/**
 * What the rounds made is removed at the very end: where many files were removed a moment before, some file systems make
 * new ones slowly, and the next contender would be timed for that.
 */
const leftovers: string[] = [];

export async function freshFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), name));
  leftovers.push(folder);
  return folder;
}

/** Where a contender finds the maildrop of `anna`. */
export interface Maildrop {
  readonly host: string;
  readonly port: number;
}

export interface Collector extends Contender {
  /** Where the last round's mail lies, for what follows the collecting. */
  home(): string;
}

/** Ours: on disk, synced, listed; the time of the whole command, start-up included. */
export function postrider(maildrop: Maildrop, count: number): Collector {
  let profileDir = '';
  return {
    name: 'postrider: durable and listed',
    home: () => profileDir,
    async prepare() {
      profileDir = await freshFolder('postrider-bench-');
      const account = {
        label: 'Bench',
        host: maildrop.host,
        port: maildrop.port,
        security: 'none',
        user: 'anna',
        secret: 'secret',
      };
      const add = run(process.execPath, [command, '--profile', profileDir, 'account', 'add']);
      add.child.stdin?.end(JSON.stringify(account));
      await add;
    },
    async run() {
      const { stdout } = await run(process.execPath, [command, '--profile', profileDir, '--json', 'collect'], {
        maxBuffer: 1e8,
      });
      if (!stdout.includes(`"retrieved":${count}`)) throw new Error(stdout.slice(0, 500));
      return { did: `${count} collected` };
    },
  };
}

export const command = join(import.meta.dirname, '../dist/cli/postrider.js');

/** mpop syncs every message and keeps no list. */
export function mpop(maildrop: Maildrop, count: number): Collector {
  let folder = '';
  return {
    name: 'mpop: durable, lists nothing',
    home: () => folder,
    async prepare() {
      folder = await freshFolder('mpop-bench-');
      for (const name of ['cur', 'new', 'tmp']) await mkdir(join(folder, 'mail', name), { recursive: true });
      const config = [
        'account default',
        `host ${maildrop.host}`,
        `port ${maildrop.port}`,
        'user anna',
        'password secret',
        'auth user',
        'tls off',
        'keep on',
        `delivery maildir ${folder}/mail`,
        `uidls_file ${folder}/uidls`,
        '',
      ];
      await writeFile(join(folder, 'mpoprc'), config.join('\n'), { mode: 0o600 });
      await chmod(join(folder, 'mpoprc'), 0o600);
    },
    async run() {
      await run('/usr/bin/mpop', ['-q', '-C', join(folder, 'mpoprc')]);
      const got = (await readdir(join(folder, 'mail', 'new'))).length;
      if (got !== count) throw new Error(`mpop left ${got} files.`);
      return { did: `${got} collected` };
    },
  };
}

export async function removeLeftovers(): Promise<void> {
  for (const folder of leftovers.splice(0)) await rm(folder, { recursive: true, force: true });
}
