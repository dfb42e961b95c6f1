import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MailError } from '#shared/mail-error.ts';
import { createReplyFramer, type Pop3Reply, type ReplyShape } from './pop3-framing.ts';

const octets = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const text = (body: Uint8Array): string => Buffer.from(body).toString('latin1');

/** Sends the same octets in these pieces; answers what was understood. */
function frame(
  wire: Uint8Array,
  shapes: readonly ReplyShape[],
  cuts: readonly number[],
  sizeHintOctets = 0,
): Pop3Reply[] {
  const replies: Pop3Reply[] = [];
  const framer = createReplyFramer((reply) => replies.push(reply));
  for (const shape of shapes) framer.expect({ shape, sizeHintOctets });
  let from = 0;
  for (const cut of [...cuts, wire.length]) {
    framer.push(wire.subarray(from, cut));
    from = cut;
  }
  expect(framer.isInsideReply()).toBe(false);
  return replies;
}

const plainly = (replies: Pop3Reply[]) => replies.map(({ status, text: words, body }) => [status, words, text(body)]);

/** What a server sends for a body, by the letter of RFC 1939 §3: written apart from the code it tries. */
function stuff(body: string): string {
  const lines = body.split('\r\n');
  const last = lines.pop();
  if (last !== '') throw new Error('A body ends with CRLF.');
  return `${lines.map((line) => `${line.startsWith('.') ? '.' : ''}${line}\r\n`).join('')}.\r\n`;
}

const bodies = [
  '',
  '\r\n',
  '\r\n\r\n',
  'a\r\n',
  '.\r\n',
  '..\r\n',
  '.\r\n.\r\n',
  '...\r\n.a\r\n..b\r\n',
  'Subject: x\r\n\r\nHello\r\n',
  'bare\nline feed\n.\nand dots\n.\r\n',
  'bare\rreturn\r.\r\r\n',
  '\r\r\n.\r\r\n',
  '\r\r\n\n.\r\n',
  'NUL \0 and \xff 8-bit \xe9\r\n.\0\r\n',
  'ends like the end\r\n.x\r\n',
  '.\rx\r\n',
  '.\nx\r\n',
  `${'long '.repeat(30)}\r\n.\r\n`,
];

describe('every split gives the same', () => {
  const wires = bodies.map((body) => ({ body, wire: octets(`+OK ${body.length} octets\r\n${stuff(body)}`) }));

  test.each(wires)('$body', ({ body, wire }) => {
    const wanted = [['ok', `${body.length} octets`, body]];
    for (const hint of [0, body.length, 100_000]) {
      for (let first = 0; first <= wire.length; first += 1) {
        expect(plainly(frame(wire, ['multi'], [first], hint))).toEqual(wanted);
      }
      expect(plainly(frame(wire, ['multi'], [...wire.keys()], hint))).toEqual(wanted);
    }
  });

  test('two-way splits of every short body', () => {
    for (const { body, wire } of wires) {
      if (wire.length > 60) continue;
      for (let first = 0; first <= wire.length; first += 1)
        for (let second = first; second <= wire.length; second += 1)
          expect(text(frame(wire, ['multi'], [first, second])[0]?.body ?? octets('?'))).toBe(body);
    }
  });

  test('many replies on one line, at every one- and two-way split', () => {
    const dialogue = octets(
      `+OK ready\r\n-ERR no\r\n+OK\r\n${stuff('.\r\n')}+ challenge\r\n+OK\r\n${stuff('')}-ERR gone\r\n+OK bye\r\n`,
    );
    const shapes: ReplyShape[] = ['single', 'multi', 'multi', 'single', 'multi', 'multi', 'single'];
    const wanted = plainly(frame(dialogue, shapes, []));
    expect(wanted.map(([status]) => status)).toEqual(['ok', 'err', 'ok', 'continue', 'ok', 'err', 'ok']);
    for (let first = 0; first <= dialogue.length; first += 1)
      for (let second = first; second <= dialogue.length; second += 1)
        expect(plainly(frame(dialogue, shapes, [first, second]))).toEqual(wanted);
  });

  test('any octets, any splits', () => {
    const piece = fc.constantFrom('.', '..', '\r\n', '\r', '\n', 'x', '\0', '\xe9', '.\r\n', '\r\n.');
    const body = fc.array(piece, { maxLength: 40 }).map((pieces) => `${pieces.join('')}\r\n`);
    fc.assert(
      fc.property(
        fc.array(body, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (all, cuts) => {
          const wire = octets(all.map((one) => `+OK\r\n${stuff(one)}`).join(''));
          const inOrder = cuts.filter((cut) => cut <= wire.length).sort((a, b) => a - b);
          const replies = frame(
            wire,
            all.map(() => 'multi' as const),
            inOrder,
          );
          expect(replies.map((reply) => text(reply.body))).toEqual(all);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

test('cut off at every octet: never a reply that was not whole', () => {
  for (const body of bodies) {
    const wire = octets(`+OK\r\n${stuff(body)}`);
    for (let end = 0; end < wire.length; end += 1) {
      const replies: Pop3Reply[] = [];
      const framer = createReplyFramer((reply) => replies.push(reply));
      framer.expect({ shape: 'multi' });
      framer.push(wire.subarray(0, end));
      expect(replies).toEqual([]);
    }
  }
});

test('each body has a buffer of its own that can be given away', () => {
  const [first, second] = frame(octets(`+OK\r\n${stuff('one\r\n')}+OK\r\n${stuff('two\r\n')}`), ['multi', 'multi'], []);
  if (first === undefined || second === undefined) throw new Error('Two replies were sent.');
  structuredClone(first.body, { transfer: [first.body.buffer] });
  expect(first.body.byteLength).toBe(0);
  expect(text(second.body)).toBe('two\r\n');
});

describe('what is not POP3 is an error', () => {
  const cases: [string, string, MailError['code']][] = [
    ['HTTP/1.1 400 Bad Request\r\n', 'another protocol', 'EPROTOCOL'],
    ['220 mail.example ESMTP\r\n', 'SMTP', 'EPROTOCOL'],
    ['+OK ready\n', 'a line that ends with LF alone', 'EPROTOCOL'],
    ['+OK one\r\n+OK two\r\n', 'more replies than commands', 'EPROTOCOL'],
    [`+OK ${'x'.repeat(9000)}`, 'a status line without an end', 'EPROTOCOL'],
  ];
  test.each(cases)('%j', (wire, _name, code) => {
    const framer = createReplyFramer(() => {});
    framer.expect({ shape: 'single' });
    expect(() => framer.push(octets(wire))).toThrow(expect.objectContaining({ code }));
  });

  test('a body without end stops at the limit', () => {
    const framer = createReplyFramer(() => {});
    framer.expect({ shape: 'multi', maxOctets: 10_000 });
    framer.push(octets('+OK\r\n'));
    expect(() => {
      for (let count = 0; count < 20; count += 1) framer.push(octets('x'.repeat(1000)));
    }).toThrow(expect.objectContaining({ code: 'ETOOLARGE' }));
  });
});

/** Milliseconds for one body of so many octets, in chunks as a socket gives them. */
function timeFor(body: string, sizeHintOctets: number): number {
  const wire = octets(`+OK\r\n${stuff(body)}`);
  const startedAt = performance.now();
  const replies: Pop3Reply[] = [];
  const framer = createReplyFramer((reply) => replies.push(reply));
  framer.expect({ shape: 'multi', sizeHintOctets });
  for (let at = 0; at < wire.length; at += 16_384) framer.push(wire.subarray(at, at + 16_384));
  const took = performance.now() - startedAt;
  expect(replies[0]?.body.byteLength).toBe(body.length);
  return took;
}

test.each([
  ['dots at every line', '.\r\n'],
  ['returns only', '\r'],
  ['almost the end', '\r\n.\r'],
  ['empty lines', '\r\n'],
])('time grows with the size, not its square: %s', (_name, unit) => {
  const of = (count: number) => `${unit.repeat(count)}\r\n`;
  timeFor(of(50_000), 0);
  const small = Math.max(2, timeFor(of(100_000), 0));
  expect(timeFor(of(800_000), 0) / small).toBeLessThan(8 * 8);
});

test('many small replies in one chunk cost no more than their octets', () => {
  const count = 20_000;
  const wire = octets(`+OK\r\n${stuff('x\r\n')}`.repeat(count));
  const startedAt = performance.now();
  expect(
    frame(
      wire,
      Array.from({ length: count }, () => 'multi' as const),
      [],
    ),
  ).toHaveLength(count);
  expect(performance.now() - startedAt).toBeLessThan(3000);
});
