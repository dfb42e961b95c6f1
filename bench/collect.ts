import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Dovecot, startDovecot } from '../src-main/core/incoming/testing/dovecot.ts';
import { type Contender, race, table } from './measure.ts';
import { realisticMessage } from './realistic-mail.ts';

const run = promisify(execFile);

/**
 * What the rounds made is removed at the very end: where many files were removed a moment before, some file systems make
 * new ones slowly, and the next contender would be timed for that.
 */
const leftovers: string[] = [];

async function freshFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), name));
  leftovers.push(folder);
  return folder;
}

/** Ours: on disk, synced, listed; the time of the whole command, start-up included. */
function postrider(dovecot: Dovecot, count: number): Contender {
  let profileDir = '';
  return {
    name: 'postrider: durable and listed',
    async prepare() {
      profileDir = await freshFolder('postrider-bench-');
      const account = {
        label: 'Bench',
        host: dovecot.host,
        port: dovecot.port,
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

const command = join(import.meta.dirname, '../dist/cli/postrider.js');

/** mpop syncs every message and keeps no list. */
function mpop(dovecot: Dovecot, count: number): Contender {
  let folder = '';
  return {
    name: 'mpop: durable, lists nothing',
    async prepare() {
      folder = await freshFolder('mpop-bench-');
      for (const name of ['cur', 'new', 'tmp']) await mkdir(join(folder, 'mail', name), { recursive: true });
      const config = [
        'account default',
        `host ${dovecot.host}`,
        `port ${dovecot.port}`,
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

/** The row “collect 10,000 messages (0.8 GB) from Dovecot”. */
export async function benchCollect({ rounds, count }: { rounds: number; count: number }): Promise<string> {
  const dovecot = await startDovecot();
  try {
    let octets = 0;
    for (let index = 0; index < count; index += 1) {
      const bytes = realisticMessage(index);
      octets += bytes.length;
      await dovecot.deliver('anna', bytes, `${1_600_000_000 + index}.bench${index}.host`);
    }
    const contenders = [postrider(dovecot, count)];
    if (existsSync('/usr/bin/mpop')) contenders.push(mpop(dovecot, count));
    // The server reads its own index the first time: that round counts for nobody.
    await race(contenders.slice(-1), 1);
    const timings = await race(contenders, rounds);
    return table(`Collect ${count} messages (${(octets / 1e9).toFixed(2)} GB) from Dovecot`, timings);
  } finally {
    await dovecot.stop();
    for (const folder of leftovers) await rm(folder, { recursive: true, force: true });
  }
}
