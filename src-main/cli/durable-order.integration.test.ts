import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { message, sha256 } from '../core/incoming/testing/maildrops.ts';
import { startScriptedSmtp } from '../core/outgoing/testing/scripted-smtp.ts';
import { type Command, makeCommand } from './testing/command.ts';
import { createDurableOrder } from './testing/durable-order.ts';
import { buildFaultLibrary, type Change, type Fault, takeChanges, watchedBy } from './testing/fault-library.ts';
import { beginningsIn } from './testing/filing-audit.ts';
import { credentials, type KillBox, openPracticeBox } from './testing/kill-box.ts';

// A kill proves what a process had done, not what the disk had: the order of the changes themselves is looked at, over
// several processes on one profile.

const ends: (() => Promise<unknown>)[] = [];
const folder = await mkdtemp(join(tmpdir(), 'postrider-order-'));
const library = await buildFaultLibrary(folder);

beforeAll(() => () => rm(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function makePlace(more: object = {}): Promise<{ box: KillBox; postrider: Command }> {
  const box = await openPracticeBox();
  ends.push(() => box.close());
  const postrider = await makeCommand();
  ends.push(() => postrider.remove());
  const retention = { kind: 'delete' };
  const account = {
    label: 'A',
    host: '127.0.0.1',
    port: box.port,
    security: 'none',
    ...credentials,
    retention,
    ...more,
  };
  expect((await postrider.run(['account', 'add', '--json'], { stdin: JSON.stringify(account) })).code).toBe(0);
  for (const uniqueId of ['a', 'b', 'c', 'd', 'e']) await box.deliver(uniqueId, message(uniqueId).bytes);
  return { box, postrider };
}

test.skipIf(library === null).each([
  ['the folder', '/Mail/new', 1],
  // The next one reads there what no disk has yet. (What is synced first is the header of the file.)
  ['the ledger', '/ledger.sqlite-wal', 2],
])(
  'named by a process that was killed before it synced %s: synced by the next one before DELE',
  async (_what, pathEnd, at) => {
    const { box, postrider } = await makePlace();
    const order = createDurableOrder(join(postrider.profileDir, 'Mail'));
    const log = join(folder, 'log');
    const collect = async (fault?: Fault) => {
      const watched = watchedBy(library ?? '', { under: postrider.profileDir, log, port: box.port, fault });
      const { code } = await postrider.run(['collect', '--json'], { env: watched });
      return { code, changes: await takeChanges(log) };
    };
    const lying = await box.lying();
    const killed = await collect({ kind: 'kill-before', at, only: 'sync', pathEnd });
    expect(killed.code).toBeNull();
    expect(killed.changes.filter(({ operation }) => operation === 'rename')).toHaveLength(lying.length);
    order.follow(killed.changes, () => {
      throw new Error('DELE was sent by the process that was killed before.');
    });
    const safe: boolean[] = [];
    const next = await collect();
    expect(next.code).toBe(0);
    order.follow(next.changes, (number) => safe.push(order.isSafe(lying[number - 1]?.slice(0, 16) ?? '')));
    expect(safe).toEqual(lying.map(() => true));
    expect(await box.lying()).toEqual([]);
  },
);

test.skipIf(library === null)(
  'a message is in the Outbox and in the ledger before a server hears a word, and may have left before its bytes do',
  async () => {
    const relay = await startScriptedSmtp({});
    ends.push(() => relay.close());
    const postrider = await makeCommand();
    ends.push(() => postrider.remove());
    const endpoints = [{ host: '127.0.0.1', port: relay.port, security: 'none' }];
    const server = { label: 'A', kind: 'relay', auth: { method: 'none' }, endpoints };
    expect((await postrider.run(['server', 'add', '--json'], { stdin: JSON.stringify(server) })).code).toBe(0);
    const path = join(folder, 'message.eml');
    await writeFile(path, 'From: a@a.example\r\nTo: b@b.example\r\nSubject: s\r\n\r\nThe body.\r\n');
    const log = join(folder, 'log');
    const watched = watchedBy(library ?? '', { under: postrider.profileDir, log, port: relay.port });
    expect((await postrider.run(['send', path, '--json'], { env: watched })).code).toBe(0);
    const changes = (await takeChanges(log)).filter(({ how }) => how === 'ok');
    const at = (test: (change: Change) => boolean, from = 0): number =>
      changes.findIndex((change, index) => index >= from && test(change));
    const isLedgerSync = ({ operation, path: synced }: Change) =>
      operation === 'sync' && /ledger\.sqlite(-wal)?$/.test(synced);
    const said = (words: string) => at(({ operation, more }) => operation === 'send' && more.includes(words));
    const named = at(({ operation, more }) => operation === 'rename' && more.includes('/.Outbox/'));
    const { path: tmp = '', more: to = '' } = changes[named] ?? {};
    const order = [
      at(({ operation, path: synced }) => operation === 'sync' && synced === tmp),
      named,
      at(({ operation, path: synced }) => operation === 'sync' && synced === dirname(to), named),
      at(isLedgerSync, named),
      said('EHLO'),
      said('DATA;'),
      said('The body.'),
    ];
    expect(order.every((place) => place >= 0)).toBe(true);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    // That it may have left is in the ledger once the server heard its name, and before its bytes go.
    const pending = at(isLedgerSync, said('EHLO'));
    expect(pending).toBeGreaterThan(said('EHLO'));
    expect(pending).toBeLessThan(said('The body.'));
  },
);

/** A large message that is here by its beginning, and what processes do to it from now on, followed. */
async function makeBeginning() {
  const { box, postrider } = await makePlace({ maxOctets: 10_000 });
  const header = 'From: b@b.example\r\nSubject: Film\r\n\r\n';
  const whole = new Uint8Array(Buffer.from(header + `.${'x'.repeat(60)}\r\n`.repeat(400)));
  await box.deliver('film', whole);
  const mailFolder = join(postrider.profileDir, 'Mail');
  const order = createDurableOrder(mailFolder);
  const log = join(folder, 'log');
  const run = async (args: readonly string[], fault?: Fault) => {
    const watched = watchedBy(library ?? '', { under: postrider.profileDir, log, port: box.port, fault });
    const lying = await box.lying();
    const { code } = await postrider.run([...args, '--json'], { env: watched });
    const changes = await takeChanges(log);
    const safe: boolean[] = [];
    order.follow(changes, (number) => safe.push(order.isSafe(lying[number - 1]?.slice(0, 16) ?? '')));
    return { code, changes, safe };
  };
  expect((await run(['collect'])).code).toBe(0);
  const [beginning = '', ...others] = await beginningsIn(postrider.profileDir);
  expect(others).toEqual([]);
  const inInbox = async () =>
    (await readdir(join(mailFolder, 'new'))).filter((name) => name.startsWith(beginning.slice(0, 32)));
  return { box, run, order, beginning, wholeEnd: sha256(whole).slice(0, 16), inInbox };
}

test.skipIf(library === null)(
  'the whole of a large message is synced, named, its folder synced and the ledger told before its beginning goes, and then DELE is sent',
  async () => {
    const { box, run, order, beginning, wholeEnd, inInbox } = await makeBeginning();
    const { code, changes, safe } = await run(['fetch', beginning]);
    expect(code).toBe(0);
    const at = (is: (change: Change) => boolean, from = 0): number =>
      changes.findIndex((change, place) => place >= from && change.how === 'ok' && is(change));
    const named = at(({ operation, more }) => operation === 'rename' && more.endsWith(wholeEnd));
    const tmp = changes[named]?.path ?? '';
    const inFolder = at(({ operation, path }) => operation === 'sync' && path.endsWith('/Mail/new'), named);
    const steps = [
      at(({ operation, path }) => operation === 'sync' && path === tmp),
      named,
      inFolder,
      at(({ operation, path }) => operation === 'sync' && /\/ledger\.sqlite(-wal)?$/.test(path), inFolder),
      at(({ operation, path }) => operation === 'unlink' && path.endsWith(beginning)),
      at(({ operation, more }) => operation === 'send' && /DELE \d+;/.test(more)),
    ];
    expect(steps.every((step) => step >= 0)).toBe(true);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(safe).toEqual([true]);
    expect([order.removedTooSoon, order.namedTooSoon]).toEqual([[], []]);
    expect([await inInbox(), await box.lying()]).toMatchObject([[expect.stringContaining(wholeEnd)], []]);
  },
);

test.skipIf(library === null).each([
  ['before the folder of the whole message is synced', { only: 'sync', pathEnd: '/Mail/new' }],
  ['before its beginning is removed', { only: 'unlink', pathEnd: '' }],
])('killed %s: the next collection puts the beginning away, in the same order', async (_when, where) => {
  const { box, run, order, beginning, wholeEnd, inInbox } = await makeBeginning();
  const pathEnd = where.pathEnd === '' ? beginning : where.pathEnd;
  const killed = await run(['fetch', beginning], { kind: 'kill-before', at: 1, only: where.only, pathEnd });
  expect([killed.code, killed.safe]).toEqual([null, []]);
  expect(await inInbox()).toHaveLength(2);
  expect((await run(['collect'])).code).toBe(0);
  expect(await inInbox()).toEqual([expect.stringContaining(wholeEnd)]);
  expect((await run(['collect'])).code).toBe(0);
  expect([order.removedTooSoon, order.namedTooSoon]).toEqual([[], []]);
  expect(await box.lying()).toEqual([]);
});
