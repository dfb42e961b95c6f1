import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Dovecot, isDovecotInstalled, startDovecot } from '../core/incoming/testing/dovecot.ts';
import { type Command, makeCommand } from './testing/command.ts';
import { buildFaultLibrary, type Fault, watchedBy } from './testing/fault-library.ts';

/** Large messages and looking first, as a person uses them from a terminal, on a real Dovecot. */

const Id = z.object({ id: z.string() });
const Row = z.object({ messageKey: z.string(), subject: z.string(), flags: z.array(z.string()) });
const Waiting = z.object({ uniqueId: z.string(), here: z.string(), subject: z.string(), octets: z.number() });

const faults = await mkdtemp(join(tmpdir(), 'postrider-faults-'));
const library = await buildFaultLibrary(faults);
afterAll(() => rm(faults, { recursive: true, force: true }));

/** Changes of the file the whole message is written to. */
const moments = [
  { kind: 'kill-after', only: 'create', isNamed: false },
  { kind: 'kill-within', only: 'write', isNamed: false },
  { kind: 'kill-before', only: 'sync', isNamed: false },
  { kind: 'kill-before', only: 'rename', isNamed: false },
  { kind: 'kill-after', only: 'rename', isNamed: true },
] as const;

let postrider: Command;
let dovecot: Dovecot;

beforeEach(async () => {
  postrider = await makeCommand();
  dovecot = await startDovecot();
}, 60_000);
afterEach(async () => {
  await dovecot?.stop();
  await postrider?.remove();
});

/** Text first, then an attachment of some MB, with dots at the start of lines and octets above 127. */
function film(name: string, lines: number): Uint8Array {
  const header = `From: Bea <bea@example.org>\r\nSubject: Film ${name}\r\nMessage-ID: <${name}@example.org>\r\nDate: Mon, 01 Jan 2024 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n`;
  const text = '--b\r\nContent-Type: text/plain\r\n\r\nHere is the film.\r\n';
  const file = `--b\r\nContent-Type: application/octet-stream; name=${name}.bin\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`;
  const body = Array.from({ length: lines }, (_, at) => `..${at} \xe9 ${'y'.repeat(70)}`).join('\r\n');
  return new Uint8Array(Buffer.from(`${header}${text}${file}${body}\r\n--b--\r\n`, 'latin1'));
}

async function addAccount(more: object): Promise<string> {
  const account = {
    label: 'Work',
    host: '127.0.0.1',
    port: dovecot.port,
    security: 'none',
    user: 'anna',
    secret: 'secret',
    maxOctets: 100_000,
    ...more,
  };
  const ended = await postrider.run(['account', 'add', '--json'], { stdin: JSON.stringify(account) });
  if (ended.code !== 0) throw new Error(ended.stdout.toString() + ended.stderr);
  return Id.parse(ended.json()).id;
}

const inbox = async () => (await postrider.run(['list', 'Inbox', '--json'])).lines().map((row) => Row.parse(row));
const look = async (id: string) =>
  (await postrider.run(['look', id, '--json'])).lines().map((row) => Waiting.parse(row));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(!isDovecotInstalled)('on Dovecot', { timeout: 240_000 }, () => {
  test('a large message is there by its beginning, comes whole when asked for, and only then goes from the server', async () => {
    const whole = film('one', 40_000);
    await dovecot.deliver('anna', whole);
    await dovecot.deliver('anna', new Uint8Array(Buffer.from('Subject: Small\r\n\r\nHello\r\n')));
    await addAccount({ retention: { kind: 'delete' }, warnAboveOctets: 1_000_000 });
    const collected = await postrider.run(['collect']);
    expect(collected.code).toBe(0);
    expect(collected.stderr).toContain('1 large message by the beginning only');
    expect(collected.stderr).toContain('more than the 1.0 MB set to warn at');
    const row = (await inbox()).find(({ subject }) => subject === 'Film one');
    const key = row?.messageKey ?? '';
    expect(key).toContain(`.beginning-of-${whole.length}`);
    const shown = await postrider.run(['show', key]);
    expect(shown.stdout.toString()).toContain('only the beginning of this message is here (3.3 MB)');
    expect(shown.stdout.toString()).toContain('Here is the film.');
    expect(shown.stdout.toString()).not.toContain('Attached:');
    expect((await dovecot.files('anna')).size).toBe(1);

    const fetched = await postrider.run(['fetch', key, '--json']);
    expect(fetched.code).toBe(0);
    const report = z.object({ messageKey: z.string(), isDeletedThere: z.boolean() }).parse(fetched.json());
    expect(report.isDeletedThere).toBe(true);
    const raw = await postrider.run(['show', report.messageKey, '--raw']);
    expect(sha256(raw.stdout)).toBe(sha256(whole));
    expect((await inbox()).map(({ subject }) => subject).sort()).toEqual(['Film one', 'Small']);
    expect((await dovecot.files('anna')).size).toBe(0);
    expect((await postrider.run(['fetch', report.messageKey])).code).toBe(65);
  });

  test.skipIf(library === null)(
    'killed while getting it whole: the beginning or the whole, never neither, never half',
    async () => {
      const whole = film('two', 20_000);
      await dovecot.deliver('anna', whole);
      await addAccount({ retention: { kind: 'delete' } });
      await postrider.run(['collect']);
      const key = (await inbox())[0]?.messageKey ?? '';
      const log = join(faults, 'log');
      for (const { kind, only, isNamed } of moments) {
        const fault: Fault = { kind, at: 1, only, pathEnd: '.postrider' };
        const env = watchedBy(library ?? '', { under: postrider.profileDir, log, fault });
        expect((await postrider.run(['fetch', key], { env })).code).toBeNull();
        const here = await filesIn(postrider.profileDir);
        expect(here).toHaveLength(isNamed ? 2 : 1);
        expect(here.includes(sha256(whole))).toBe(isNamed);
        // The server's copy goes only once the whole message is safe here.
        expect((await dovecot.files('anna')).size).toBe(1);
      }
      expect((await postrider.run(['fetch', key])).code).toBe(0);
      await postrider.run(['collect']);
      expect(await filesIn(postrider.profileDir)).toEqual([sha256(whole)]);
      expect(await inbox()).toHaveLength(1);
      expect((await dovecot.files('anna')).size).toBe(0);
    },
  );

  test('looking first: listed without collecting, chosen ones collected or deleted by their unique-ids', async () => {
    await dovecot.deliver('anna', film('three', 3000));
    await dovecot.deliver('anna', new Uint8Array(Buffer.from('Subject: Small\r\n\r\nHello\r\n')));
    const id = await addAccount({});
    const waiting = await look(id);
    expect(waiting.map(({ subject, here }) => [subject, here]).sort()).toEqual([
      ['Film three', 'no'],
      ['Small', 'no'],
    ]);
    expect(await inbox()).toEqual([]);
    const idOf = (subject: string): string => waiting.find((row) => row.subject === subject)?.uniqueId ?? '';
    // Whole, although it is larger than what comes by itself.
    expect((await postrider.run(['look', id, '--collect', idOf('Film three')])).stdout.toString()).toContain(
      '1 message collected',
    );
    expect((await look(id)).find(({ subject }) => subject === 'Film three')).toMatchObject({ here: 'whole' });
    // Nobody to ask: nothing is deleted.
    expect((await postrider.run(['look', id, '--delete', idOf('Film three')])).code).toBe(64);
    expect((await postrider.run(['look', id, '--delete', idOf('Small'), '--yes'])).code).toBe(65);
    expect((await dovecot.files('anna')).size).toBe(2);
    const removed = await postrider.run(['look', id, '--delete', idOf('Film three'), '--yes', '--json']);
    expect(removed.json()).toEqual({ removed: [idOf('Film three')], gone: [], refused: [] });
    expect((await dovecot.files('anna')).size).toBe(1);
    const lost = ['look', id, '--delete', idOf('Small'), '--yes', '--even-if-not-here'];
    expect((await postrider.run(lost)).code).toBe(0);
    expect((await dovecot.files('anna')).size).toBe(0);
    expect(await look(id)).toEqual([]);
  });

  test('the whole message is gone from the server: it says so, and the beginning stays', async () => {
    await dovecot.deliver('anna', film('four', 3000));
    const id = await addAccount({});
    await postrider.run(['collect']);
    const key = (await inbox())[0]?.messageKey ?? '';
    const [row] = await look(id);
    await postrider.run(['look', id, '--delete', row?.uniqueId ?? '', '--yes', '--even-if-not-here']);
    const shown = await postrider.run(['show', key]);
    expect(shown.stdout.toString()).toContain('No account knows of the whole message any more');
    const fetched = await postrider.run(['fetch', key]);
    expect(fetched.code).toBe(65);
    expect(fetched.stderr).toContain('not on the server any more');
    expect(await inbox()).toHaveLength(1);
  });
});

async function filesIn(profileDir: string): Promise<string[]> {
  const digests: string[] = [];
  for (const sub of ['new', 'cur'])
    for (const name of await readdir(join(profileDir, 'Mail', sub)))
      digests.push(sha256(await readFile(join(profileDir, 'Mail', sub, name))));
  return digests;
}
