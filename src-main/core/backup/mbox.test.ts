import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findInMbox } from './find-in-mbox.ts';
import { fromLine, isExactInMbox, toMboxrd } from './mbox-format.ts';
import { readMboxMarks } from './mbox-marks.ts';
import { readMbox } from './mbox-reader.ts';

const from = fromLine('alice@example.org', new Date(Date.UTC(2026, 0, 2, 3, 4, 5)));

/** Reads an mbox that arrives in chunks of this size. */
async function read(mbox: Buffer | string, chunkSize = 7, maxMessageOctets = 1 << 20): Promise<string[]> {
  const octets = typeof mbox === 'string' ? Buffer.from(mbox, 'latin1') : mbox;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < octets.length; at += chunkSize) yield octets.subarray(at, at + chunkSize);
  }
  const found: string[] = [];
  for await (const entry of readMbox(chunks(), { maxMessageOctets }))
    found.push(entry.kind === 'message' ? entry.bytes.toString('latin1') : `too large: ${entry.number}`);
  return found;
}

const write = (...messages: string[]): Buffer =>
  Buffer.concat(messages.map((message) => toMboxrd(Buffer.from(message, 'latin1'), from)));

describe('mboxrd', () => {
  test('is written with LF, a From_ line in UTC, and quoting that can be undone', () => {
    expect(write('A: b\r\n\r\nFrom here\r\n>From there\r\n').toString()).toBe(
      'From alice@example.org Fri Jan  2 03:04:05 2026\nA: b\n\n>From here\n>>From there\n\n',
    );
  });

  test('a From_ line holds no spaces or line breaks from the message', () => {
    for (const date of [new Date(Number.NaN), new Date(-1), new Date(8.64e15)])
      expect(fromLine('a b@c\nFrom x', date)).toBe('From MAILER-DAEMON Thu Jan  1 00:00:00 1970');
  });

  const line = fc.oneof(
    fc.constantFrom('', 'From ', '>From x', `${from}`, `>${from}`, '\r', 'A: b', 'Content-Length: 3', '.'),
    fc.string({ unit: 'binary-ascii' }).map((text) => text.replaceAll('\n', '')),
  );
  const crlfMessage = fc.array(line).map((lines) => lines.map((text) => `${text}\r\n`).join(''));

  test('gives every CRLF message back exactly, wherever the chunks break', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(crlfMessage), fc.integer({ min: 1, max: 50 }), async (messages, chunkSize) => {
        const exact = messages.filter((message) => isExactInMbox(Buffer.from(message, 'latin1')));
        expect(await read(write(...exact), chunkSize)).toEqual(exact);
      }),
    );
  });

  test('gives back as many messages as went in, whatever they hold', async () => {
    const anything = fc.array(fc.oneof(line, fc.constant('\n'), fc.constant('\r\n'))).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(anything), async (messages) => {
        const found = await read(write(...messages), 64);
        expect(found.length).toBe(messages.length);
        for (const [index, message] of messages.entries())
          if (isExactInMbox(Buffer.from(message, 'latin1'))) expect(found[index]).toBe(message);
      }),
    );
  });

  test.each([
    ['bare LF', 'a: b\n\nc\n'],
    ['one bare LF', 'a: b\r\nc\nd\r\n'],
    ['no line end', 'a: b\r\n\r\nc'],
    ['CR CRLF in every line', 'a: b\r\r\n\r\r\n'],
  ])('%s is known not to survive', async (_, message) => {
    expect(isExactInMbox(Buffer.from(message))).toBe(false);
    expect(await read(write(message))).not.toEqual([message]);
  });
});

describe('other dialects', () => {
  test('CRLF throughout', async () => {
    const mbox =
      'From a Fri Jan  2 03:04:05 2026\r\nA: 1\r\n\r\n>From x\r\n\r\nFrom b Fri Jan  2 03:04:05 2026\r\nA: 2\r\n';
    expect(await read(mbox)).toEqual(['A: 1\r\n\r\nFrom x\r\n', 'A: 2\r\n']);
  });

  test('LF From_ lines around CRLF messages', async () => {
    const mbox = 'From a Fri Jan  2 03:04:05 2026\nA: 1\r\n\r\nx\r\n\nFrom b Fri Jan  2 03:04:05 2026\nA: 2\r\n\n';
    expect(await read(mbox)).toEqual(['A: 1\r\n\r\nx\r\n', 'A: 2\r\n']);
  });

  test.each([
    'From - Fri Jan 02 03:04:05 2026',
    'From 1234567890123456789@xxx Fri Jan 02 03:04:05 +0000 2026',
    'From a@b.c Fri, 2 Jan 2026 03:04:05 +0100',
    'From "a b"@c.d Fri Jan  2 03:04 CET 2026',
  ])('%s', async (line) => {
    expect(await read(`${line}\nA: 1\n\nx\n\n${line}\nA: 2\n\n`)).toEqual(['A: 1\r\n\r\nx\r\n', 'A: 2\r\n']);
  });

  test('Thunderbird’s bare From_ line', async () => {
    const mbox = 'From \r\nA: 1\r\n\r\nx\r\n\r\nFrom \r\nB: 2\r\n\r\nFrom \r\nno field\r\n\r\n';
    for (const chunkSize of [1, 7, 1000])
      expect(await read(mbox, chunkSize)).toEqual(['A: 1\r\n\r\nx\r\n', 'B: 2\r\n\r\nFrom \r\nno field\r\n']);
  });

  test('no empty line between messages, a byte order mark and empty lines before the first', async () => {
    const line = 'From a@b.c Fri Jan  2 03:04:05 2026';
    expect(await read(`\xef\xbb\xbf\n${line}\nA: 1\n\nx\n${line}\nA: 2\n\ny`)).toEqual([
      'A: 1\r\n\r\nx\r\n',
      'A: 2\r\n\r\ny',
    ]);
  });

  test('mboxo: an unquoted line that begins with “From ” but is no From_ line stays in its message', async () => {
    const mbox = 'From a Fri Jan  2 03:04:05 2026\nA: 1\n\n\nFrom here on it is easy.\nFrom 10:30 on too.\n\n';
    expect(await read(mbox)).toEqual(['A: 1\r\n\r\n\r\nFrom here on it is easy.\r\nFrom 10:30 on too.\r\n']);
  });

  const cl = (body: string): string =>
    `From a Fri Jan  2 03:04:05 2026\nContent-Length: ${body.length}\nA: 1\n\n${body}\n`;

  test('mboxcl2: what looks like a From_ line within the length is part of the message', async () => {
    const body = 'see:\n\nFrom b Fri Jan  2 03:04:05 2026\nA: 2\n\n>From as it was\n';
    const mbox = cl(body) + cl('y\n');
    expect(await read(mbox)).toEqual([
      `Content-Length: ${body.length}\nA: 1\n\n${body}`.replaceAll('\n', '\r\n'),
      'Content-Length: 2\r\nA: 1\r\n\r\ny\r\n',
    ]);
  });

  test('mboxcl: quoted all the same', async () => {
    expect(await read(cl('>From x\n'))).toEqual(['Content-Length: 8\r\nA: 1\r\n\r\nFrom x\r\n']);
  });

  test('a length that leads nowhere is not believed', async () => {
    const lie = 'From a Fri Jan  2 03:04:05 2026\nContent-Length: 70\nA: 1\n\nx\n\n';
    expect((await read(lie.repeat(4))).length).toBe(4);
    expect((await read(cl('x\n') + lie.repeat(3))).length).toBe(4);
  });
});

describe('faulty input', () => {
  test('what does not begin with a From_ line holds no message', async () => {
    expect(await read('A: b\n\nFrom a Fri Jan  2 03:04:05 2026\n')).toEqual([]);
    expect(await read('')).toEqual([]);
  });

  test('a message that is too large is left out, and the next one is found', async () => {
    const [small, large] = ['A: 1\r\n\r\nx\r\n', `A: 2\r\n\r\n${'yyyyyyyyy\r\n'.repeat(1000)}`];
    for (const chunkSize of [1, 3, 64, 5000])
      expect(await read(write(small, large, small, large), chunkSize, 500)).toEqual([
        small,
        'too large: 2',
        small,
        'too large: 4',
      ]);
  });

  test('a From_ line cut off by the end', async () => {
    expect(await read('From a Fri Jan')).toEqual(['']);
  });

  test('hostile near-misses are read in reasonable time', async () => {
    const nearMiss = `\n\nFrom ${'Mon 1 Jan 00'.repeat(30)}`;
    const began = performance.now();
    expect(
      (await read(`From a Fri Jan  2 03:04:05 2026\nA: 1\n${nearMiss.repeat(5000)}`, 65_536, 1 << 24)).length,
    ).toBe(1);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});

test('flags are read from the header only', () => {
  const status = (text: string) => readMboxMarks(Buffer.from(text));
  expect(status('Status: RO\r\nX-Status: AF\r\n\r\n').flags).toEqual(['seen', 'answered', 'flagged']);
  expect(status('X-Mozilla-Status: 0009\r\n\r\n')).toMatchObject({
    flags: ['seen'],
    isExpunged: true,
    hasMozillaStatus: true,
  });
  expect(status('A: b\r\n\r\nX-Mozilla-Status: 0008\r\n').isExpunged).toBe(false);
  expect(status('X-Mozilla-Status: nonsense\n\n')).toMatchObject({ flags: [], isExpunged: false });
});

test('Thunderbird’s deleted messages are left out of its own files, not of others', async () => {
  const subjects = async (mbox: string): Promise<number> => {
    let found = 0;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(mbox);
    }
    for await (const entry of findInMbox(chunks(), { name: 'x', place: [] })) if (entry.kind === 'message') found++;
    return found;
  };
  const deleted = 'X-Mozilla-Status: 0009\nA: 1\n\nx\n\n';
  const kept = 'X-Mozilla-Status: 0001\nA: 2\n\nx\n\n';
  const plain = 'A: 3\n\nx\n\n';
  expect(await subjects(`From - Fri Jan  2 03:04:05 2026\n${deleted}`.repeat(2))).toBe(0);
  expect(await subjects(`${from}\n${kept}${from}\n${deleted}`)).toBe(1);
  expect(await subjects(`${from}\n${plain}${from}\n${deleted}`)).toBe(2);
});
