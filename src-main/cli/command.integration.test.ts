import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type ScriptedSmtp, startScriptedSmtp } from '../core/outgoing/testing/scripted-smtp.ts';
import { createPractice } from '../core/practice/practice.ts';
import type { PracticeService } from '../core/services.ts';
import { openControlSocket } from '../host-node/control-socket.ts';
import { noDesktop } from '../host-node/no-desktop.ts';
import { openNodeCore } from '../host-node/node-core.ts';
import { createResources } from '../host-node/resources.ts';
import { systemClock } from '../host-node/system-clock.ts';
import { type Command, type Ended, makeCommand } from './testing/command.ts';

const quiet = { info() {}, warn() {}, error() {} };
const Id = z.object({ id: z.string() });

let postrider: Command;
const servers: ScriptedSmtp[] = [];

beforeEach(async () => {
  postrider = await makeCommand();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await postrider.remove();
});

async function smtp(script: Parameters<typeof startScriptedSmtp>[0] = {}): Promise<ScriptedSmtp> {
  const server = await startScriptedSmtp(script);
  servers.push(server);
  return server;
}

async function add(what: 'account' | 'server' | 'identity', json: unknown): Promise<string> {
  const ended = await postrider.run([what, 'add', '--json'], { stdin: JSON.stringify(json) });
  if (ended.code !== 0) throw new Error(ended.stdout.toString() + ended.stderr);
  return Id.parse(ended.json()).id;
}

const addServer = (port: number, more: object = {}): Promise<string> =>
  add('server', {
    label: `Server ${port}`,
    kind: 'relay',
    endpoints: [{ host: '127.0.0.1', port, security: 'none' }],
    auth: { method: 'none' },
    ...more,
  });

const addIdentity = (route: unknown): Promise<string> =>
  add('identity', { displayName: 'Alice', address: 'alice@example.org', route });

const letter = [
  'From: Alice <alice@example.org>',
  'To: Bob <bob@example.net>',
  'Bcc: carol@example.net',
  'Subject: Hello',
  'Date: Sat, 21 Nov 2026 20:00:00 +0000',
  'Message-ID: <one@example.org>',
  '',
  '.',
  'From here on.',
  '',
].join('\r\n');

async function letterFile(text = letter, name = 'letter.eml'): Promise<string> {
  const path = join(postrider.profileDir, '..', name);
  await writeFile(path, text);
  return path;
}

const unused = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
};

describe('send', () => {
  test('goes by the first server that takes it, and tells every attempt', async () => {
    const [refusing, taking] = [await smtp({ mail: '550 5.7.1 Sender refused' }), await smtp()];
    const dead = await unused();
    const ids = [await addServer(dead), await addServer(refusing.port), await addServer(taking.port)];
    await addIdentity({ kind: 'prefer', serverIds: ids });
    const ended = await postrider.run(['send', await letterFile(), '--json']);
    expect(ended.stderr).toBe('');
    expect(ended.code).toBe(0);
    expect(ended.json()).toMatchObject({
      outboxId: expect.any(String),
      messageId: '<one@example.org>',
      state: 'sent',
      accepted: ['bob@example.net', 'carol@example.net'],
      refused: [],
      skipped: [],
      attempts: [
        { serverId: ids[0], endpoint: `127.0.0.1:${dead}`, stage: 'connect', outcome: 'unreachable' },
        { serverId: ids[1], stage: 'mail', outcome: 'permanent', replyCode: 550, enhancedStatusCode: '5.7.1' },
        { serverId: ids[2], stage: 'final-dot', outcome: 'accepted', durationMs: expect.any(Number) },
      ],
    });
    expect(Object.keys(z.record(z.string(), z.unknown()).parse(ended.json())).sort()).toEqual(
      ['accepted', 'attempts', 'messageId', 'outboxId', 'refused', 'skipped', 'state'].sort(),
    );
    expect(taking.accepted[0]?.bytes.toString()).toBe(letter.replace('Bcc: carol@example.net\r\n', ''));
    const sent = z.object({ messageKey: z.string() }).parse((await postrider.run(['list', 'Sent', '--json'])).json());
    const raw = await postrider.run(['show', sent.messageKey, '--raw']);
    expect(raw.stdout.toString()).toBe(letter);
    const explained = await postrider.run([
      '--json',
      'route',
      'explain',
      '--from',
      'alice@example.org',
      '--to',
      'x@y.z',
    ]);
    expect(explained.json()).toMatchObject({ attempts: [{ serverId: ids[2], why: expect.any(String) }], location: {} });
  });

  test.each([
    [
      'nobody would take it now',
      { greeting: '421 4.3.2 Busy' },
      69,
      { state: 'deferred', deferredUntil: expect.any(String) },
    ],
    ['it was refused for good', { rcpt: '550 5.1.1 No such user' }, 65, { state: 'failed', accepted: [] }],
    ['it is uncertain', { finalDot: 'drop' }, 75, { state: 'held', heldFor: 'uncertain' }],
  ] as const)('says by its exit code that %s', async (_, script, code, report) => {
    const server = await smtp(script);
    await addIdentity({ kind: 'only', serverId: await addServer(server.port) });
    const ended = await postrider.run(['--json', 'send', await letterFile()]);
    expect(ended.json()).toMatchObject(report);
    expect(ended.code).toBe(code);
    const told = await postrider.run(['outbox', 'list']);
    expect(told.stdout.toString()).toMatch(/bob@example\.net/);
  });

  test('a sign-in that fails gives 77; a secret from a file or the environment is used and never shown', async () => {
    const server = await smtp({ auth: '535 5.7.8 No', offers: ['AUTH PLAIN'] });
    await writeFile(join(postrider.profileDir, '..', 'secret'), 'looking-glass\n');
    const json = {
      label: 'Relay',
      kind: 'relay',
      endpoints: [{ host: '127.0.0.1', port: server.port, security: 'none' }],
      auth: { method: 'plain', user: 'alice' },
    };
    const added = await postrider.run(['server', 'add', '--json', '--secret-file', 'secret'], {
      stdin: JSON.stringify(json),
    });
    const { id } = Id.parse(added.json());
    await addIdentity({ kind: 'only', serverId: id });
    const ended = await postrider.run(['send', await letterFile(), '--json']);
    expect([ended.code, ended.json()]).toMatchObject([
      expect.any(Number),
      { attempts: [{ stage: 'auth', replyCode: 535 }] },
    ]);
    const sentSecret = server.commands.find((line) => line.startsWith('AUTH PLAIN'))?.split(' ')[2] ?? '';
    expect(Buffer.from(sentSecret, 'base64').toString()).toBe('\0alice\0looking-glass');
    const set = await postrider.run(['server', 'set', id, '--json', '--secret-env', 'THE_SECRET'], {
      stdin: '{}',
      env: { THE_SECRET: 'wonderland' },
    });
    expect(set.json()).toMatchObject({ id, hasSecret: true });
    const listed = await postrider.run(['server', 'list', '--json']);
    for (const ended of [added, set, listed]) expect(ended.stdout.toString()).not.toMatch(/looking-glass|wonderland/);
  });

  test('kill -9 after the last octet: uncertain at the next start, never sent again by itself', async () => {
    const server = await smtp({ finalDot: 'silence' });
    await addIdentity({ kind: 'only', serverId: await addServer(server.port) });
    const child = postrider.start(['send', await letterFile()]);
    await server.until(() => server.messages.length === 1);
    child.kill('SIGKILL');
    await child.ended;
    server.script = {};
    await postrider.run(['outbox', 'flush', '--now']);
    const [item] = (await postrider.run(['outbox', 'list', '--json'])).lines();
    expect(item).toMatchObject({ state: 'held', heldFor: 'uncertain' });
    expect(server.messages.length).toBe(1);
    const { outboxId } = z.object({ outboxId: z.string() }).parse(item);
    const resent = await postrider.run(['outbox', 'resolve', outboxId, '--resend', '--json']);
    expect([resent.code, resent.json()]).toMatchObject([0, { state: 'sent', messageId: '<one@example.org>' }]);
    expect(server.accepted.length).toBe(1);
  });

  test('cancel gives it back as a draft; flush sends what waits', async () => {
    const server = await smtp({ greeting: '421 4.3.2 Busy' });
    await addIdentity({ kind: 'only', serverId: await addServer(server.port) });
    const Sent = z.object({ outboxId: z.string() });
    const first = Sent.parse((await postrider.run(['send', await letterFile(), '--json'])).json());
    await postrider.run(['send', await letterFile(letter.replace('one@', 'two@')), '--json']);
    const cancelled = await postrider.run(['outbox', 'cancel', first.outboxId, '--json']);
    const { messageKey } = z.object({ messageKey: z.string() }).parse(cancelled.json());
    expect((await postrider.run(['list', 'Drafts', '--json'])).json()).toMatchObject({ messageKey });
    server.script = {};
    const flushed = await postrider.run(['outbox', 'flush', '--now', '--json']);
    expect([flushed.code, flushed.json()]).toEqual([0, { sent: 1, deferred: 0, held: 0, failed: 0 }]);
    expect(server.accepted.length).toBe(1);
  });
});

describe('collect', () => {
  let practice: PracticeService;

  beforeEach(async () => {
    const profileDir = join(postrider.profileDir, '..', 'practice');
    await mkdir(profileDir);
    practice = createPractice({ clock: systemClock, log: quiet, profileDir, resources: createResources() });
  });
  afterEach(() => practice.close());

  test('fetches, lists, searches, shows the very bytes, exports and imports', async () => {
    const { maildrop, user, password } = await practice.start();
    const account = {
      label: 'Practice',
      ...maildrop,
      user,
      secret: password,
      auth: 'auto',
      retention: { kind: 'leave' },
    };
    const accountId = await add('account', account);
    const collected = await postrider.run(['collect', '--json']);
    expect(collected.code).toBe(0);
    const { accounts } = z.object({ accounts: z.array(z.object({ retrieved: z.number() })) }).parse(collected.json());
    expect(z.object({ accounts: z.unknown() }).parse(collected.json()).accounts).toMatchObject([
      { accountId, deleted: 0, failed: [], octets: expect.any(Number) },
    ]);
    const retrieved = accounts[0]?.retrieved ?? 0;
    expect(retrieved).toBeGreaterThan(3);
    for (const named of ['practice', accountId])
      expect((await postrider.run(['collect', named, '--json'])).json()).toMatchObject({
        accounts: [{ accountId, retrieved: 0, left: retrieved }],
      });
    const unknown = await postrider.run(['collect', 'nobody']);
    expect([unknown.code, unknown.stderr]).toEqual([65, expect.stringContaining('There is no account “nobody”')]);

    const Row = z.object({ messageKey: z.string(), subject: z.string(), sizeOctets: z.number() });
    const rows = (await postrider.run(['list', 'Inbox', '--json'])).lines().map((line) => Row.parse(line));
    expect(rows.length).toBe(retrieved);
    const [row] = rows;
    const raw = await postrider.run(['show', row?.messageKey ?? '', '--raw']);
    expect(raw.stdout.length).toBe(row?.sizeOctets);
    expect((await postrider.run(['show', row?.messageKey ?? '', '--json'])).json()).toMatchObject({
      subject: row?.subject,
    });
    const word = rows.map(({ subject }) => /\p{L}{5,}/u.exec(subject)?.[0]).find((found) => found !== undefined) ?? '';
    expect((await postrider.run(['search', word, '--json'])).lines().length).toBeGreaterThan(0);
    expect((await postrider.run(['folders', '--json'])).json()).toContainEqual({
      folder: 'Inbox',
      total: retrieved,
      unread: retrieved,
    });

    const written = await postrider.run(['export', '--format', 'zip', '--out', 'all.zip', '--json']);
    expect([written.code, written.json()]).toMatchObject([0, { exported: retrieved, inexact: [] }]);
    const again = await postrider.run(['export', '--format', 'zip', '--out', 'all.zip', '--json']);
    expect([again.code, again.json()]).toMatchObject([65, { error: { code: 'EINVALID' } }]);
    const taken = await postrider.run(['import', 'all.zip', '--folder', 'Copy', '--json']);
    expect([taken.code, taken.json()]).toEqual([0, { imported: 0, duplicates: retrieved, malformed: 0, failed: [] }]);
  });

  test('a wrong password gives 77, a server that is not there 75', async () => {
    const { maildrop, user } = await practice.start();
    const base = {
      label: 'Practice',
      ...maildrop,
      user,
      secret: 'wrong',
      auth: 'user-pass',
      retention: { kind: 'leave' },
    };
    await add('account', { ...base, port: await unused() });
    const unreachable = await postrider.run(['collect', '--json']);
    expect([unreachable.code, unreachable.json()]).toMatchObject([75, { accounts: [{ error: { code: 'EREFUSED' } }] }]);
    await add('account', base);
    const ended = await postrider.run(['collect', '--json']);
    expect(ended.code).toBe(77);
    expect(ended.json()).toMatchObject({ accounts: [{}, { retrieved: 0, error: { code: 'EAUTH' } }] });
  });
});

describe('sendmail', () => {
  const cron = 'From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@box> backup\n\nAll is well.\n';

  test('queues what cron writes and delivers by itself afterwards', async () => {
    const server = await smtp();
    await addIdentity({ kind: 'only', serverId: await addServer(server.port) });
    const ended = await postrider.run(['sendmail', '-FCronDaemon', '-i', '-odi', '-oem', '-oi', '-t'], { stdin: cron });
    expect([ended.code, ended.stdout.toString(), ended.stderr]).toEqual([0, '', '']);
    await server.until(() => server.accepted.length === 1);
    expect(server.accepted[0]).toMatchObject({ from: 'alice@example.org', to: ['alice@example.org'] });
    expect(server.accepted[0]?.bytes.toString()).toContain('From: "root (Cron Daemon)" <alice@example.org>\r\n');
    await untilIdle();
  });

  test('exits 0 when no server takes it, 64 and 65 when it cannot be sent at all', async () => {
    const server = await smtp({ greeting: '421 4.3.2 Busy' });
    await addIdentity({ kind: 'only', serverId: await addServer(server.port) });
    expect((await postrider.run(['sendmail', '-oi', 'bob@example.net'], { stdin: letter })).code).toBe(0);
    expect((await postrider.run(['sendmail'], { stdin: letter })).code).toBe(64);
    const nobody = await postrider.run(['sendmail', '-t', '--json'], { stdin: 'Subject: x\n\nx\n' });
    expect([nobody.code, nobody.json()]).toMatchObject([64, { error: { code: 'EINVALID' } }]);
    await untilIdle();
    expect((await postrider.run(['outbox', 'list', '--json'])).lines().length).toBe(1);
  });

  test('mere text becomes the body, not a part of the header', async () => {
    const server = await smtp();
    await addIdentity({ kind: 'only', serverId: await addServer(server.port) });
    expect((await postrider.run(['sendmail', 'bob@example.net'], { stdin: 'All is well.\nTo: me\n' })).code).toBe(0);
    await server.until(() => server.accepted.length === 1);
    const [header, body] = server.accepted[0]?.bytes.toString().split('\r\n\r\n') ?? [];
    expect(body).toBe('All is well.\r\nTo: me\r\n');
    expect(header).toMatch(/^From: .*alice@example\.org/);
    await untilIdle();
  });

  test('a profile that cannot be: 75, since it was not queued', async () => {
    await writeFile(postrider.profileDir, 'a file');
    const ended = await postrider.run(['sendmail', '-t'], { stdin: letter });
    expect([ended.code, ended.stderr]).toEqual([75, expect.stringContaining('not queued')]);
  });

  test('a spool the disk does not make: 75, a passing fault and none of the message', async () => {
    await mkdir(join(postrider.profileDir, 'spool'), { recursive: true });
    // On a disk that is not there.
    await symlink(join(postrider.profileDir, 'unmounted', 'tmp'), join(postrider.profileDir, 'spool', 'tmp'));
    const ended = await postrider.run(['sendmail', '-t'], { stdin: letter });
    expect([ended.code, ended.stderr]).toEqual([75, expect.stringContaining('the disk has no spool folder')]);
  });

  test('-t of a resent message: to whom it is resent to, from who resends it, the rest as it was', async () => {
    const server = await smtp();
    await addIdentity({ kind: 'only', serverId: await addServer(server.port) });
    const original =
      'From: author@example.com\r\nTo: old@example.com\r\nMessage-ID: <o@example.com>\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\n\r\nHello.\r\n';
    const block = 'Resent-From: Alice <alice@example.org>\r\nResent-To: new@example.net\r\n';
    const stdin = `${block}Resent-Bcc: hidden@example.net\r\n${original}`;
    expect((await postrider.run(['sendmail', '-t', '-oi'], { stdin })).code).toBe(0);
    await server.until(() => server.accepted.length === 1);
    expect(server.accepted[0]).toMatchObject({
      from: 'alice@example.org',
      to: ['new@example.net', 'hidden@example.net'],
    });
    expect(server.accepted[0]?.bytes.toString()).toBe(block + original);
    await untilIdle();
  });

  test('does not wait for whoever has the profile: it spools, and the next command takes it up', async () => {
    const server = await smtp();
    await addIdentity({ kind: 'only', serverId: await addServer(server.port) });
    const owner = await openNodeCore({ profile: profile(), desktop: noDesktop });
    try {
      const ended = await postrider.run(['sendmail', '-t', '-oi', '-f', 'bounce@example.org'], { stdin: letter });
      expect([ended.code, ended.stderr]).toEqual([0, '']);
      expect((await readdir(join(postrider.profileDir, 'spool/new'))).length).toBe(1);
    } finally {
      await owner.close();
    }
    await server.until(() => server.accepted.length === 1);
    expect(server.accepted[0]).toMatchObject({
      from: 'bounce@example.org',
      to: ['bob@example.net', 'carol@example.net'],
    });
    await untilIdle();
    expect(await readdir(join(postrider.profileDir, 'spool/new'))).toEqual([]);
    expect(await readdir(join(postrider.profileDir, 'spool/cur'))).toEqual([]);
  });

  test('a crash between queueing and tidying up does not double a message', async () => {
    const server = await smtp();
    await addIdentity({ kind: 'only', serverId: await addServer(server.port) });
    const spool = join(postrider.profileDir, 'spool');
    await postrider.run(['send', await letterFile()]);
    for (const part of ['new', 'cur', 'tmp']) await mkdir(join(spool, part), { recursive: true });
    const head = `X-Postrider-Envelope: ${Buffer.from('{"recipients":[],"readHeader":true}').toString('base64')}\r\n`;
    await writeFile(join(spool, 'cur/1.claimed'), head + letter);
    await writeFile(join(spool, 'cur/2.claimed'), head + letter.replace('one@', 'two@'));
    // It died while the second was being written out: what is left of that is in nobody's way.
    await writeFile(join(spool, 'tmp/2.claimed'), 'Fro');
    await postrider.run(['outbox', 'flush']);
    expect(server.accepted.length).toBe(2);
    expect(await readdir(join(spool, 'cur'))).toEqual([]);
  });

  test('not even when its copy in Sent was removed meanwhile', async () => {
    const server = await smtp();
    await addIdentity({ kind: 'only', serverId: await addServer(server.port) });
    const spool = join(postrider.profileDir, 'spool');
    await postrider.run(['send', await letterFile()]);
    const sent = join(postrider.profileDir, 'Mail/.Sent/cur');
    for (const name of await readdir(sent)) await rm(join(sent, name));
    for (const part of ['new', 'cur', 'tmp']) await mkdir(join(spool, part), { recursive: true });
    const head = `X-Postrider-Envelope: ${Buffer.from('{"recipients":[],"readHeader":true}').toString('base64')}\r\n`;
    await writeFile(join(spool, 'cur/1.claimed'), head + letter);
    await postrider.run(['outbox', 'flush']);
    expect(server.accepted.length).toBe(1);
    expect(await readdir(join(spool, 'cur'))).toEqual([]);
  });

  /** Until the process that delivers later is done with the profile. */
  async function untilIdle(): Promise<void> {
    await vi.waitFor(
      async () => expect(await readdir(join(postrider.profileDir, 'spool'))).not.toContain('waiting.pid'),
      {
        timeout: 30_000,
      },
    );
    await postrider.run(['folders']);
  }
});

const profile = () => ({ profileDir: postrider.profileDir, mailFolder: join(postrider.profileDir, 'Mail') });

describe('with an app on the profile', () => {
  test('hands its request over', async () => {
    const server = await smtp();
    const owner = await openNodeCore({ profile: profile(), desktop: noDesktop });
    await owner.core.start();
    const control = await openControlSocket({
      profileDir: postrider.profileDir,
      onClient: (transport) => void owner.core.attach(transport),
      onRaise: () => undefined,
    });
    try {
      await addIdentity({ kind: 'only', serverId: await addServer(server.port) });
      const ended = await postrider.run(['send', await letterFile(), '--json']);
      expect([ended.code, ended.json()]).toMatchObject([0, { state: 'sent' }]);
      const queued = await postrider.run(['sendmail', '-t'], { stdin: letter.replace('one@', 'two@') });
      expect(queued.code).toBe(0);
      await server.until(() => server.accepted.length === 2);
      const jobs = await postrider.run(['index', 'check', '--json']);
      expect(jobs.json()).toMatchObject({ problems: [] });
    } finally {
      await control.close();
      await owner.close();
    }
  });
});

test('settings that cannot be read, and newer ones, give 78 and stay as they are', async () => {
  await mkdir(postrider.profileDir, { recursive: true });
  const file = join(postrider.profileDir, 'settings.json');
  await writeFile(file, '{"version": 99}');
  const newer = await postrider.run(['account', 'list', '--json']);
  expect([newer.code, newer.json()]).toMatchObject([78, { error: { code: 'ESETTINGS' } }]);
  expect(await readFile(file, 'utf8')).toBe('{"version": 99}');
  await writeFile(file, 'no JSON');
  for (const args of [['account', 'list'], ['collect']]) {
    const broken = await postrider.run([...args, '--json']);
    expect([broken.code, broken.json()]).toMatchObject([78, { error: { code: 'ESETTINGS' } }]);
  }
  expect(await readFile(file, 'utf8')).toBe('no JSON');
});

test('a second command waits for the first', async () => {
  const [one, two] = await Promise.all([postrider.run(['folders', '--json']), postrider.run(['folders', '--json'])]);
  const codes = (ended: Ended) => [ended.code, z.array(z.unknown()).parse(ended.json()).length > 0];
  expect([codes(one), codes(two)]).toEqual([
    [0, true],
    [0, true],
  ]);
});

test.skipIf(process.platform !== 'linux')('output that cannot be written is told in words, and gives 75', async () => {
  const full = await makeCommand(['sh', '-c', 'exec "$@" > /dev/full', 'sh']);
  try {
    const ended = await full.run(['--help']);
    expect([ended.code, ended.stderr]).toEqual([
      75,
      expect.stringMatching(/^Postrider could not write the output: .*\n$/),
    ]);
  } finally {
    await full.remove();
  }
});

test('a reader that goes away ends it quietly', async () => {
  const child = postrider.start(['--help']);
  const ended = await child.ended;
  expect([ended.code, ended.stderr]).toEqual([0, '']);
});
