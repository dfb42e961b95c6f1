import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hasPostfix, type Postfix, startPostfix } from '../../e2e/servers/postfix.ts';
import { type Dovecot, isDovecotInstalled, startDovecot } from '../core/incoming/testing/dovecot.ts';
import { generatedMail } from '../core/incoming/testing/generated-mail.ts';
import { sha256 } from '../core/incoming/testing/maildrops.ts';
import { retrieveRaw } from '../core/incoming/testing/raw-retrieve.ts';
import { type Command, makeCommand } from './testing/command.ts';

const Id = z.object({ id: z.string() });
const Row = z.object({ messageKey: z.string(), subject: z.string() });

async function add(postrider: Command, what: string, json: unknown): Promise<string> {
  const ended = await postrider.run([what, 'add', '--json'], { stdin: JSON.stringify(json) });
  if (ended.code !== 0) throw new Error(ended.stdout.toString() + ended.stderr);
  return Id.parse(ended.json()).id;
}

/** The digest of every file of a folder of the Maildir (`''`: the Inbox), by message key. */
async function filesIn({ profileDir }: Command, folder = ''): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const part of ['new', 'cur']) {
    const path = join(profileDir, 'Mail', folder, part);
    for (const name of await readdir(path))
      found.set(name.split(/[:;]/, 1)[0] ?? '', sha256(await readFile(join(path, name))));
  }
  return found;
}

const sorted = (files: ReadonlyMap<string, string>): string[] => [...files.values()].sort();

const withWords = [
  'From: =?utf-8?q?J=C3=B6rg_M=C3=BCller?= <joerg@example.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=\r\n' +
    'Content-Type: text/plain; charset=utf-8\r\n\r\nEin café, 日本語のメール.\r\n',
  'From: a@example.com\r\nSubject: papers\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n' +
    '--b\r\nContent-Type: text/plain\r\n\r\nsee there\r\n--b\r\nContent-Type: application/pdf\r\n' +
    'Content-Disposition: attachment; filename="Quartalsbericht.pdf"\r\n\r\nx\r\n--b--\r\n',
].map((text) => Buffer.from(text));

describe.skipIf(!isDovecotInstalled)('the command and Dovecot', () => {
  let dovecot: Dovecot;
  let postrider: Command;
  let wanted: string[];
  const account = (more: object = {}) => ({
    label: 'Dovecot',
    host: '127.0.0.1',
    port: dovecot.tlsPort,
    security: 'tls',
    pinnedCertificateSha256: dovecot.certificate.sha256,
    user: 'anna',
    secret: 'secret',
    auth: 'auto',
    retention: { kind: 'delete' },
    ...more,
  });

  beforeAll(async () => {
    [dovecot, postrider] = await Promise.all([startDovecot(), makeCommand()]);
    for (const bytes of [...generatedMail(13), ...withWords]) await dovecot.deliver('anna', bytes);
    wanted = (await retrieveRaw(dovecot.port, 'anna', 'secret')).map(sha256).sort();
  });
  afterAll(async () => {
    await dovecot.stop();
    await postrider.remove();
  });

  test('a wrong password gives 77, an unknown certificate 75; nothing is touched', async () => {
    const wrong = await add(postrider, 'account', account({ secret: 'wrong' }));
    const untrusted = await add(postrider, 'account', account({ pinnedCertificateSha256: undefined }));
    const ended = await postrider.run(['--json', 'collect']);
    expect([ended.code, ended.json()]).toMatchObject([
      77,
      {
        accounts: [
          { accountId: wrong, retrieved: 0, error: { code: 'EAUTH', message: expect.stringMatching(/password/) } },
          { accountId: untrusted, retrieved: 0, error: { code: 'ECERT_SELFSIGNED' } },
        ],
      },
    ]);
    for (const id of [wrong, untrusted]) await postrider.run(['account', 'remove', id]);
    expect((await dovecot.files('anna')).size).toBe(15);
  });

  test('collects all byte for byte, empties the server, shows the very bytes', async () => {
    const id = await add(postrider, 'account', account());
    expect((await postrider.run(['collect', '--json'])).json()).toMatchObject({
      accounts: [{ accountId: id, retrieved: 15, failed: [] }],
    });
    // What came shorter than listed is deleted only after a second look.
    await postrider.run(['collect', '--json']);
    expect((await dovecot.files('anna')).size).toBe(0);
    const files = await filesIn(postrider);
    expect(sorted(files)).toEqual(wanted);
    const rows = (await postrider.run(['list', 'Inbox', '--json'])).lines().map((line) => Row.parse(line));
    expect(rows.map(({ messageKey }) => messageKey).sort()).toEqual([...files.keys()].sort());
    for (const { messageKey } of rows.slice(0, 2)) {
      const shown = await postrider.run(['show', messageKey, '--raw']);
      expect(sha256(shown.stdout)).toBe(files.get(messageKey));
    }
    const listed = await postrider.run(['account', 'list', '--json']);
    expect(listed.stdout.toString()).not.toContain('"secret"');
    expect(listed.json()).toMatchObject([{ id, hasSecret: true, retention: { kind: 'delete' } }]);
  });

  test.each([
    ['cafe koln muller', 'Grüße aus Köln'],
    ['日本語', 'Grüße aus Köln'],
    ['quartalsb', 'papers'],
  ])('search finds %s', async (words, subject) => {
    const rows = (await postrider.run(['search', words, '--json'])).lines().map((line) => Row.parse(line));
    expect(rows.map((row) => row.subject)).toEqual([subject]);
  });

  test.each(['eml', 'maildir', 'zip', 'mbox'] as const)(
    '%s goes out of one profile and into another',
    async (format) => {
      const exported = await postrider.run([
        'export',
        '--format',
        format,
        '--out',
        format,
        '--folder',
        'Inbox',
        '--json',
      ]);
      const report = z.object({ exported: z.number(), inexact: z.array(z.string()) }).parse(exported.json());
      expect([exported.code, report.exported]).toEqual([0, 15]);
      const other = await makeCommand();
      try {
        const path = join(postrider.profileDir, '..', format);
        const imported = await other.run(['import', path, '--folder', 'Old/Anna', '--json']);
        expect([imported.code, imported.json()]).toMatchObject([0, { imported: 15, duplicates: 0, failed: [] }]);
        const here = sorted(await filesIn(other, '.Old.Anna'));
        if (format !== 'mbox') expect([report.inexact, here]).toEqual([[], wanted]);
        for (const [key, digest] of await filesIn(postrider))
          if (!report.inexact.includes(key)) expect(here).toContain(digest);
        if (format !== 'zip') return;
        const again = await other.run(['import', path, '--folder', 'Old/Anna', '--json']);
        expect(again.json()).toMatchObject({ imported: 0, duplicates: 15 });
      } finally {
        await other.remove();
      }
    },
  );

  test('the index is rebuilt from the files alone', async () => {
    const rebuilt = await postrider.run(['index', 'rebuild', '--json']);
    expect([rebuilt.code, rebuilt.json()]).toMatchObject([0, { messages: 15, problems: [] }]);
    expect((await postrider.run(['index', 'check', '--json'])).json()).toMatchObject({ problems: [] });
    expect(sorted(await filesIn(postrider))).toEqual(wanted);
  });
});

describe.skipIf(!(await hasPostfix()))('the command and Postfix', () => {
  let postrider: Command;
  const relays: Postfix[] = [];
  const mailboxes = ['bob@example.net', 'carol@example.net'];

  beforeAll(async () => {
    postrider = await makeCommand();
    relays.push(
      ...(await Promise.all([
        startPostfix({ refuseSenders: ['alice@example.org'], mailboxes }),
        startPostfix({ mailboxes, messageSizeLimit: 1_000_000 }),
      ])),
    );
    const serverIds: string[] = [];
    for (const { port } of relays)
      serverIds.push(
        await add(postrider, 'server', {
          label: `Postfix ${port}`,
          kind: 'relay',
          endpoints: [{ host: '127.0.0.1', port, security: 'none' }],
          auth: { method: 'none' },
        }),
      );
    const route = { kind: 'prefer', serverIds };
    await add(postrider, 'identity', { displayName: 'Alice', address: 'alice@example.org', route });
  });
  afterAll(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await postrider.remove();
  });

  const Attempts = z.object({ attempts: z.array(z.object({ stage: z.string(), outcome: z.string() })) });

  async function send(name: string, text: string | Buffer) {
    await mkdir(postrider.profileDir, { recursive: true });
    await writeFile(join(postrider.profileDir, '..', name), text);
    return postrider.run(['send', name, '--json']);
  }

  const head = (id: string, to: string) =>
    `From: Alice <alice@example.org>\r\nTo: ${to}\r\nSubject: ${id}\r\nDate: Sat, 21 Nov 2026 20:00:00 +0000\r\n` +
    `Message-ID: <${id}@example.org>\r\n`;

  test('passes over the one that refuses the sender; the body arrives as it was; the next goes straight', async () => {
    const body = Buffer.from('.\r\n..\r\n.dot\r\nGr\xfc\xdfe\r\nFrom here\r\n', 'latin1');
    const bytes = Buffer.concat([Buffer.from(`${head('one', 'bob@example.net')}Bcc: carol@example.net\r\n\r\n`), body]);
    const first = await send('one.eml', bytes);
    expect([first.code, first.json()]).toMatchObject([
      0,
      { state: 'sent', accepted: mailboxes, attempts: [{ stage: 'mail', replyCode: 550 }, { stage: 'final-dot' }] },
    ]);
    const second = Attempts.parse((await send('two.eml', `${head('two', 'bob@example.net')}\r\nHi\r\n`)).json());
    expect(second.attempts).toMatchObject([{ stage: 'final-dot', outcome: 'accepted' }]);
    await expect.poll(async () => (await relays[1]?.delivered('bob@example.net'))?.length, { timeout: 20_000 }).toBe(2);
    await expect
      .poll(async () => (await relays[1]?.delivered('carol@example.net'))?.length, { timeout: 20_000 })
      .toBe(1);
    const [delivered] = (await relays[1]?.delivered('carol@example.net')) ?? [];
    // A local delivery is kept with LF, and the server adds its own fields above.
    const unix = (text: Buffer) => text.toString('latin1').replaceAll('\r\n', '\n');
    expect(unix(delivered ?? Buffer.alloc(0)).endsWith(unix(bytes).replace('Bcc: carol@example.net\n', ''))).toBe(true);
    const sent = (await postrider.run(['list', 'Sent', '--json'])).lines().map((line) => Row.parse(line));
    const kept = sent.find(({ subject }) => subject === 'one')?.messageKey ?? '';
    expect((await postrider.run(['show', kept, '--raw'])).stdout).toEqual(bytes);
  });

  test('a recipient nobody knows is refused for good, the other is served, once', async () => {
    const ended = await send('three.eml', `${head('three', 'nobody@example.net, carol@example.net')}\r\nHi\r\n`);
    expect([ended.code, ended.json()]).toMatchObject([
      0,
      { state: 'sent', accepted: ['carol@example.net'], refused: [{ mailbox: 'nobody@example.net', replyCode: 550 }] },
    ]);
    await postrider.run(['outbox', 'flush', '--now']);
    const log = (await relays[1]?.log()) ?? '';
    expect(log.match(/message-id=<three@example\.org>/g)).toHaveLength(1);
  });

  test('what is too large waits, and the size is remembered', async () => {
    const large = `${head('four', 'bob@example.net')}\r\n${`${'x'.repeat(78)}\r\n`.repeat(20_000)}`;
    const ended = await send('four.eml', large);
    expect([ended.code, ended.json()]).toMatchObject([69, { state: 'deferred', deferredUntil: expect.any(String) }]);
    const listed = (await postrider.run(['outbox', 'list', '--json'])).lines();
    expect(listed).toMatchObject([{ messageId: '<four@example.org>', state: 'deferred' }]);
    const path = join(postrider.profileDir, '..', 'four.eml');
    expect((await readFile(path)).length).toBeGreaterThan(1_000_000);
  });
});
