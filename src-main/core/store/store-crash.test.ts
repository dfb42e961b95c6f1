import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { AccountId, MessageKey } from '#shared/ids.ts';
import { type Home, inbox, makeHome } from './testing/store-fixture.ts';

const child = fileURLToPath(new URL('./testing/filing-child.ts', import.meta.url));
let home: Home | undefined;
afterEach(() => home?.remove());

/** Starts filing, kills the process after so many acknowledged messages, and answers what was acknowledged. */
async function fileAndKill(path: string, first: number, killAfter: number): Promise<Map<string, string>> {
  const process_ = spawn(process.execPath, [child, path, String(first), '100000', '7'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = new Map<string, string>();
  for await (const line of createInterface({ input: process_.stdout })) {
    const [uniqueId, key] = line.split(' ');
    if (uniqueId === undefined || key === undefined) continue;
    acknowledged.set(uniqueId, key);
    if (acknowledged.size === killAfter) process_.kill('SIGKILL');
  }
  return acknowledged;
}

it('kill -9 while filing: nothing half-written, nothing acknowledged is lost, nothing doubled', async () => {
  home = makeHome();
  const account = AccountId.parse('account-1');
  for (const [round, killAfter] of [1, 60, 203].entries()) {
    const first = round * 50;
    const acknowledged = await fileAndKill(home.path, first, killAfter);
    expect(acknowledged.size).toBeGreaterThanOrEqual(killAfter);
    const store = await home.open();
    const known = new Map((await store.knownUniqueIds(account)).map((entry) => [entry.uniqueId, entry]));
    for (const [uniqueId, key] of acknowledged) {
      const bytes = await store.read(MessageKey.parse(key));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(known.get(uniqueId)).toMatchObject({ messageKey: key, sha256 });
    }
    const files = readdirSync(join(home.mailFolder, 'new'));
    for (const name of files) {
      const digest = createHash('sha256')
        .update(readFileSync(join(home.mailFolder, 'new', name)))
        .digest('hex');
      expect(name.slice(33)).toBe(digest.slice(0, 16));
    }
    expect(readdirSync(join(home.mailFolder, 'tmp'))).toEqual([]);
    expect(new Set(await store.listKeys(inbox))).toEqual(new Set(files));
    expect((await store.checkIndex()).problems).toEqual([]);
    await store.close();
  }
}, 60_000);

interface Call {
  readonly name: string;
  readonly text: string;
  readonly start: number;
  end: number;
}

/** The system calls of all threads, each with the places where it began and ended. */
function readTrace(path: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, Call>();
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((line, at) => {
      const [, pid = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
      const resumed = /^<\.\.\. (\w+) resumed>/.exec(rest);
      const before = open.get(pid);
      if (resumed !== null && before !== undefined) {
        before.end = at;
        open.delete(pid);
        return;
      }
      const name = /^(\w+)\(/.exec(rest)?.[1];
      if (name === undefined) return;
      const call = { name, text: rest, start: at, end: rest.includes('<unfinished') ? Number.MAX_SAFE_INTEGER : at };
      if (call.end !== at) open.set(pid, call);
      calls.push(call);
    });
  return calls;
}

const hasStrace = spawnSync('strace', ['-V']).status === 0;

it.skipIf(!hasStrace)(
  'writes, syncs, renames, syncs the folder, and only then commits the ledger (needs strace)',
  () => {
    home = makeHome();
    mkdirSync(home.path, { recursive: true });
    const trace = join(home.path, 'trace');
    const traced = 'trace=write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,unlink';
    // Slow syncs, so that whoever does not wait for one is seen.
    const slow = 'inject=fsync,fdatasync:delay_enter=30000';
    const run = spawnSync(
      'strace',
      [
        '-f',
        '-y',
        '-s',
        '60',
        '-e',
        traced,
        '-e',
        slow,
        '-o',
        trace,
        process.execPath,
        child,
        home.path,
        '0',
        '12',
        '6',
      ],
      { encoding: 'utf8' },
    );
    expect(run.stderr).toBe('');
    expect(run.stdout.match(/^u\d+ /gm)).toHaveLength(12);
    const calls = readTrace(trace);
    const inbox = join(home.mailFolder, 'new');
    const renames = calls.filter(({ name, text }) => name.startsWith('rename') && text.includes(`"${inbox}/`));
    expect(renames).toHaveLength(12);
    const folderSyncs = calls.filter(({ name, text }) => name === 'fsync' && text.includes(`<${inbox}>`));
    const ledgerSyncs = calls.filter(
      ({ name, text }) => /^f(data)?sync$/.test(name) && text.includes('ledger.sqlite-wal>'),
    );
    const acknowledged = calls.filter(({ name, text }) => name === 'write' && /"u\d+ /.test(text));
    expect(acknowledged).toHaveLength(2);
    for (const rename of renames) {
      const tmp = /"([^"]+\.postrider)"/.exec(rename.text)?.[1] ?? 'no tmp file';
      const write = calls.find(({ name, text }) => name === 'write' && text.includes(`<${tmp}>`));
      const sync = calls.find(({ name, text }) => name === 'fsync' && text.includes(`<${tmp}>`));
      const folderSync = folderSyncs.find(({ start }) => start > rename.end);
      const said = acknowledged.find(({ start }) => start > rename.end);
      // The first sync of the ledger after the rename must not come before the folder's sync has ended.
      const ledgerSync = ledgerSyncs.find(({ start }) => start > rename.end);
      const order = [
        write?.end,
        sync?.start,
        sync?.end,
        rename.start,
        folderSync?.start,
        folderSync?.end,
        ledgerSync?.start,
        ledgerSync?.end,
        said?.start,
      ];
      expect(order.every((place) => place !== undefined)).toBe(true);
      expect(order).toEqual(order.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
    }
  },
  60_000,
);
