import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Identity } from '#shared/mail/identity.ts';
import { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { MailError } from '#shared/mail-error.ts';
import { nodeSpawn } from '../../host-node/child-process.ts';
import { systemClock } from '../../host-node/system-clock.ts';
import type { Clock, Spawn } from '../ports.ts';
import { parseLimits } from './parse-process.ts';
import { corpusMessages, hasCorpus } from './testing/corpus.ts';
import { nestedMessages, nestedMultiparts } from './testing/hostile.ts';
import { type MessageRoom, openMessageRoom } from './testing/message-room.ts';

const rooms: MessageRoom[] = [];
afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.dispose()));
});

async function open(options: Parameters<typeof openMessageRoom>[0] = {}): Promise<MessageRoom> {
  const room = await openMessageRoom(options);
  rooms.push(room);
  return room;
}

/** A clock on which the time the first message may take is over as soon as it has begun; all else is as on the wall. */
function impatientAtFirst(): Clock {
  let isFirst = true;
  return {
    now: () => systemClock.now(),
    after(delayMs, run) {
      const isCut = isFirst && delayMs === parseLimits.timeMs;
      if (isCut) isFirst = false;
      return systemClock.after(isCut ? 0 : delayMs, run);
    },
  };
}

/** Real children, counted. */
function countingSpawn(): { spawn: Spawn; started: () => number; running: () => number } {
  let started = 0;
  let running = 0;
  return {
    spawn: {
      fork(entry, options) {
        started += 1;
        running += 1;
        const child = nodeSpawn.fork(entry, options);
        child.onExit(() => {
          running -= 1;
        });
        return child;
      },
    },
    started: () => started,
    running: () => running,
  };
}

const head =
  'From: A <a@example.org>\r\nTo: b@example.org\r\nSubject: Hello\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@x>\r\n';

describe('parse', () => {
  let shared: MessageRoom;
  beforeAll(async () => {
    shared = await openMessageRoom();
  });
  afterAll(() => shared.dispose());

  it('reads a message with HTML, an inline picture and attachments, in one warm child', async () => {
    const { spawn, started } = countingSpawn();
    const { service, messages } = await open({ spawn });
    const source = [
      `${head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n`,
      '--m\r\nContent-Type: multipart/related; boundary=r\r\n',
      '--r\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Grüße <img src="cid:pic@x"><script>x</script></p>',
      '--r\r\nContent-Type: image/png\r\nContent-ID: <pic@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=',
      '--r--',
      '--m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="../bill.pdf.exe"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC',
      '--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: inside: out\r\n\r\nHello',
      '--m\r\nContent-Type: text/plain; name=notes.txt\r\n\r\nnotes',
      '--m--\r\n',
    ].join('\r\n');
    const key = messages.add('m', Buffer.from(source), { folder: 'Work' });
    const parsed = await service.parse(key);
    expect(parsed).toMatchObject({
      messageKey: 'm',
      folder: 'Work',
      subject: 'Hello',
      from: [{ displayName: 'A', mailbox: 'a@example.org' }],
      date: '2026-11-21T10:00:00.000Z',
      messageId: '<1@x>',
      flags: ['seen'],
      defects: [],
      isRaw: false,
    });
    // As the sender wrote it: making it harmless is the business of who shows it.
    expect(parsed.html).toContain('<img src="cid:pic@x"><script>x</script>');
    expect(parsed.attachments).toEqual([
      {
        partId: '0',
        fileName: 'attachment.png',
        contentType: 'image/png',
        sizeOctets: 8,
        contentId: 'pic@x',
        isInline: true,
      },
      { partId: '1', fileName: 'bill_pdf.exe', contentType: 'application/pdf', sizeOctets: 3, isInline: false },
      { partId: '2', fileName: 'inside_ out.eml', contentType: 'message/rfc822', sizeOctets: 29, isInline: false },
      { partId: '3', fileName: 'notes.txt', contentType: 'text/plain', sizeOctets: 5, isInline: false },
    ]);
    const part = await service.part(key, '1');
    expect({ ...part, bytes: [...part.bytes] }).toMatchObject({ bytes: [0, 1, 2], fileName: 'bill_pdf.exe' });
    expect(Buffer.from((await service.part(key, '2')).bytes).toString()).toBe('Subject: inside: out\r\n\r\nHello');
    await expect(service.part(key, '9')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(started()).toBe(1);
  });

  it.each([
    ['an empty message', '', /^$/, /empty/],
    ['no header', 'Just text.\nMore of it.\n', /^Just text\./, /no header/],
    ['bare line feeds', `${head}\r\nHello\r\n`.replaceAll('\r\n', '\n'), /^Hello$/m, null],
    [
      'a broken boundary',
      `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--c\r\n\r\nHello\r\n`,
      /Hello/,
      /multipart/i,
    ],
    ['a long line', `${head}\r\n${'x'.repeat(1500)}\r\n`, /^x+/, /1500 octets/],
    ['no Date', head.replace(/Date.*\r\n/, '').concat('\r\nx'), /x/, /Date/],
    [
      'an unreadable Date',
      head.replace(/Date: .*\r\n/, 'Date: soon\r\n').concat('\r\nx'),
      /x/,
      /Date field cannot be read/,
    ],
    ['no Message-ID', head.replace(/Message-ID.*\r\n/, '').concat('\r\nx'), /x/, /Message-ID/],
    ['binary octets', Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 31) % 256)), /./, /./],
    ['8-bit text without a charset', Buffer.from(`${head}\r\nGr\xfc\xdfe`, 'latin1'), /Grüße/, null],
    ['base64 that is none', `${head}Content-Transfer-Encoding: base64\r\n\r\n$$$ %%%`, /^/, /base64 does not have/],
    ['a way of encoding nobody knows', `${head}Content-Transfer-Encoding: x-odd\r\n\r\nx`, /x/, /not known \(x-odd\)/],
    [
      'a character set nobody knows',
      `${head}Content-Type: text/plain; charset=klingon\r\n\r\nx`,
      /x/,
      /not known \(klingon\)/,
    ],
    ['carriage returns alone', `${head}\r\none\rtwo`, /one/, /carriage return alone/],
    ['zero octets', `${head}\r\none\0two`, /one/, /zero octets/],
    [
      'a From without an address',
      head.replace('A <a@example.org>', 'nobody').concat('\r\nx'),
      /x/,
      /From field holds no address/,
    ],
    [
      '8-bit letters in the header',
      Buffer.from(`${head}X-Who: J\xfcrgen\r\n\r\nx`, 'latin1'),
      /x/,
      /no known character set/,
    ],
    ['UTF-8 in the header', `${head}X-Who: Jürgen\r\n\r\nx`, /x/, null],
    [
      'a header of two million octets',
      `${head}X-Long: ${'y'.repeat(2_000_000)}\r\n\r\nx`,
      /x/,
      /header is \d+ octets long/,
    ],
    [
      'a hundred thousand fields',
      `${head}${'X-A: b\r\n'.repeat(150_000)}\r\nthe body`,
      /^the body/,
      /header is \d+ octets long/,
    ],
    [
      'fifty thousand recipients',
      `To: ${'a@example.org, '.repeat(50_000)}\r\n${head}\r\nx`,
      /x/,
      /more recipients than can be shown/,
    ],
    ['ten thousand levels', nestedMultiparts(10_000), /innermost/, /50 deep/],
    ['50 levels', nestedMultiparts(50), /innermost/, null],
    ['a thousand levels', nestedMultiparts(1000), /innermost/, /50 deep/],
    ['a thousand messages in each other', nestedMessages(1000), /^/, /50 deep/],
  ])('shows something of %s and says what is wrong', async (_, source, text, defect) => {
    const { service, messages } = shared;
    const parsed = await service.parse(messages.add('m', Buffer.from(source)));
    expect(parsed.text).toMatch(text);
    expect(parsed.isRaw).toBe(false);
    if (defect !== null) expect(parsed.defects.join(' ')).toMatch(defect);
    for (const sentence of parsed.defects) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  it('opens a message of 30 MB', { timeout: 60_000 }, async () => {
    const { service, messages } = await open();
    const octets = Buffer.alloc(22_000_000, 'postrider ');
    const body = octets.toString('base64').replace(/.{76}/g, '$&\r\n');
    const source = `${head}Content-Type: application/octet-stream; name=big.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}\r\n`;
    const key = messages.add('big', Buffer.from(source));
    expect((await service.parse(key)).attachments).toMatchObject([{ fileName: 'big.bin', sizeOctets: 22_000_000 }]);
    expect(Buffer.from((await service.part(key, '0')).bytes).equals(octets)).toBe(true);
    const line = await service.parse(messages.add('line', Buffer.from(`${head}\r\n${'x'.repeat(30_000_000)}`)));
    expect(line.defects.join()).toMatch(/30000000 octets.*only its beginning is shown/);
    expect(line.text).toHaveLength(1_000_000);
  });

  it('answers from the address in the field a shared maildrop names, before all others', async () => {
    const account = {
      id: 'a',
      label: 'Firm',
      host: 'x',
      port: 110,
      security: 'none',
      user: 'u',
      retention: { kind: 'leave' },
    };
    const me = { id: 'me', displayName: 'Me', address: 'me@example.org', route: { kind: 'any' } };
    const firm = { id: 'firm', displayName: 'Firm', address: '*@firm.example', route: { kind: 'any' } };
    const multidrop = { fields: ['X-RCPT'], routes: [] };
    shared.setSettings({
      accounts: [IncomingAccount.parse({ ...account, multidrop })],
      identities: [Identity.parse(me), Identity.parse(firm)],
    });
    const mail = 'Delivered-To: me@example.org\r\nX-Rcpt: <sales@firm.example>\r\nTo: me@example.org\r\n\r\nHi\r\n';
    const key = shared.messages.add('shared-maildrop', Buffer.from(mail));
    expect(await shared.service.start('reply', key, undefined)).toMatchObject({
      identityId: 'firm',
      from: 'sales@firm.example',
    });
    shared.setSettings({});
  });

  it('says when the message is gone', async () => {
    const { service, messages } = await open();
    const key = messages.add('m', Buffer.from(head));
    const { service: other } = await open();
    await service.close();
    await expect(other.parse(key)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it.skipIf(!hasCorpus)('opens every message of the corpus', { timeout: 60_000 }, async () => {
    const { spawn, started } = countingSpawn();
    const { service, messages } = await open({ spawn });
    for (const { name, bytes } of corpusMessages()) {
      const parsed = await service.parse(messages.add(name, bytes));
      expect(parsed.isRaw, name).toBe(false);
      const isShown = parsed.text.trim() !== '' || parsed.html !== null || parsed.attachments.length > 0;
      expect(isShown || parsed.defects.length > 0, name).toBe(true);
    }
    expect(started()).toBe(1);
  });
});

describe('a message that is too much for the child', () => {
  const childEntry = new URL('./testing/misbehaving-child.ts', import.meta.url);
  const message = (order: string) => Buffer.from(`${head}\r\n${order}`);

  it.each([
    ['hangs', 'hang', /five seconds/, impatientAtFirst()],
    ['dies', 'die', /memory/],
    ['eats memory', 'eat', /memory/],
    ['talks nonsense', 'babble', /memory/],
  ])(
    'is shown as its source when the child %s, and the next one works',
    async (_, order, why, clock = systemClock) => {
      const { spawn, started, running } = countingSpawn();
      const { service, messages } = await open({ spawn, childEntry, clock });
      const [bad, good] = await Promise.all([
        service.parse(messages.add('bad', message(order))),
        service.parse(messages.add('good', message('fine'))),
      ]);
      expect(bad).toMatchObject({ isRaw: true, subject: 'Hello', text: `${message(order)}`.replaceAll('\r\n', '\n') });
      expect(bad.defects[0]).toMatch(why);
      // This double always refuses, in words; what matters is that the second child answered.
      expect(good.defects[0]).toMatch(/could not be read/);
      expect(started()).toBe(2);
      await expect.poll(running).toBe(1);
    },
    30_000,
  );

  it('does not let attachments be read for ever', async () => {
    const { service, messages } = await open({ childEntry });
    await expect(service.part(messages.add('bad', message('die')), '0')).rejects.toMatchObject({ code: 'EMALFORMED' });
  });

  it('ends the child when the room is closed', async () => {
    const { spawn, running } = countingSpawn();
    const { service, messages } = await open({ spawn, childEntry });
    const asked = service.parse(messages.add('bad', message('hang')));
    await expect.poll(running).toBe(1);
    await service.close();
    expect((await asked).isRaw).toBe(true);
    await expect.poll(running).toBe(0);
  });
});

describe('uploads', () => {
  it('keeps files under random names for the user alone, and removes them', async () => {
    const { service, profileDir } = await open();
    const upload = await service.addUpload({
      fileName: '../../a\u202etxt.exe',
      contentType: 'not a type',
      body: chunks('one', 'two'),
    });
    expect(upload).toMatchObject({ fileName: 'atxt.exe', contentType: 'application/octet-stream', sizeOctets: 6 });
    const path = join(profileDir, 'uploads', upload.uploadId);
    expect(await readFile(path, 'utf8')).toBe('onetwo');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await service.discardUpload(upload.uploadId);
    await service.discardUpload(upload.uploadId);
    expect(await readdir(join(profileDir, 'uploads'))).toEqual([]);
  });

  it('leaves nothing behind when the disk is full or the sender goes away', async () => {
    const { service, profileDir } = await open();
    const add = (error: unknown) =>
      service.addUpload({ fileName: 'a', contentType: 'text/plain', body: failing(error) });
    await expect(add(Object.assign(new Error('full'), { code: 'ENOSPC' }))).rejects.toMatchObject({
      code: 'EDISKFULL',
    });
    await expect(add(Object.assign(new Error('gone'), { code: 'ECONNRESET' }))).rejects.toBeInstanceOf(MailError);
    expect(await readdir(join(profileDir, 'uploads'))).toEqual([]);
  });

  it('makes uploads of a part and of a whole message', async () => {
    const { service, messages, profileDir } = await open();
    const source = `${head}Content-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment\r\n\r\n1;2`;
    const path = join(profileDir, 'stored');
    await writeFile(path, source);
    const key = messages.add('Hello', Buffer.from(source), { path });
    expect(await service.uploadFromMessage(key, '0')).toMatchObject({ fileName: 'a.csv', sizeOctets: 3 });
    const whole = await service.uploadFromMessage(key);
    expect(whole).toMatchObject({ fileName: 'Hello.eml', contentType: 'message/rfc822', sizeOctets: source.length });
    expect(await readFile(join(profileDir, 'uploads', whole.uploadId), 'utf8')).toBe(source);
  });

  it('forgets at start what is older than a week', async () => {
    const first = await open();
    const uploads = join(first.profileDir, 'uploads');
    await mkdir(uploads);
    const old = new Date(Date.now() - 8 * 24 * 3600 * 1000);
    for (const name of ['old', 'new']) await writeFile(join(uploads, name), 'x');
    await utimes(join(uploads, 'old'), old, old);
    const { createUploads } = await import('./uploads.ts');
    await createUploads(uploads).removeOld(Date.now());
    expect(await readdir(uploads)).toEqual(['new']);
  });
});

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function* failing(error: unknown): AsyncGenerator<Uint8Array> {
  yield Buffer.from('begun');
  throw error;
}
