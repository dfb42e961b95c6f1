import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MailError } from '#shared/mail-error.ts';
import { prepareFile, toCrlfOctets } from './prepare-file.ts';

const now = Date.UTC(2026, 10, 21, 10, 0, 0);
const complete =
  'From: A <a@example.org>\r\nTo: b@example.org\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nHello\r\n';

function prepare(text: string | Buffer, envelope?: { reversePath?: string; forwardPaths?: string[] }) {
  const built = prepareFile(Buffer.from(text), envelope, now);
  return { ...built, text: Buffer.from(built.bytes).toString('latin1') };
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(MailError);
    return error instanceof MailError ? `${error.code} ${error.message}` : '';
  }
  return 'accepted';
}

describe('prepareFile', () => {
  it('leaves a complete message as it is, octet for octet', () => {
    expect(prepare(complete)).toMatchObject({
      text: complete,
      messageId: '<1@example.org>',
      reversePath: 'a@example.org',
      from: 'a@example.org',
      forwardPaths: ['b@example.org'],
    });
  });

  it('adds a missing Date and Message-ID on top and makes line ends CRLF', () => {
    const { text, messageId } = prepare(
      'From: a@exämple.org\nTo: b@example.org\nSubject: x\n\nHello\rthere\n\n8-bit: ü',
    );
    expect(messageId).toMatch(/^<[0-9a-f-]{36}@xn--exmple-cua\.org>$/);
    const [date, id, ...rest] = text.split('\r\n');
    expect(date).toMatch(/^Date: Sat, 21 Nov 2026 /);
    expect(id).toBe(`Message-ID: ${messageId}`);
    expect(Buffer.from(rest.join('\r\n'), 'latin1').toString()).toBe(
      'From: a@exämple.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nHello\r\nthere\r\n\r\n8-bit: ü\r\n',
    );
  });

  it('takes every recipient once, from To, Cc and Bcc, and never from Resent fields', () => {
    const { forwardPaths, text } = prepare(
      complete.replace(
        'To: b@example.org',
        'To: =?utf-8?q?B=C3=A9?= <b@example.org>, team: c@example.org;\r\nCc: b@EXAMPLE.org,\r\n d@ünï.example\r\nBcc: e@example.org\r\nResent-To: f@example.org',
      ),
    );
    expect(forwardPaths).toEqual(['b@example.org', 'c@example.org', 'd@xn--n-nga1b.example', 'e@example.org']);
    expect(text).toContain('Bcc: e@example.org');
  });

  it('takes the envelope it is given', () => {
    expect(prepare(complete, { reversePath: '<>', forwardPaths: ['<x@example.org>'] })).toMatchObject({
      reversePath: '',
      forwardPaths: ['x@example.org'],
      from: 'a@example.org',
    });
    expect(prepare(complete, { reversePath: 'bounce@example.org' }).reversePath).toBe('bounce@example.org');
  });

  it('drops an mbox line in front', () => {
    expect(prepare(`From a@example.org Sat Nov 21 10:00:00 2026\r\n${complete}`).text).toBe(complete);
  });

  it.each([
    ['no From', 'To: b@example.org\n\nx'],
    ['a From without address', 'From: Me\nTo: b@example.org\n\nx'],
    ['no recipient', 'From: a@example.org\n\nx'],
    ['an empty group', 'From: a@example.org\nTo: undisclosed-recipients:;\n\nx'],
    ['an unusable recipient', 'From: a@example.org\nTo: b@@example.org\n\nx'],
    ['no header at all', 'Hello\n'],
    ['nothing', ''],
    ['binary', '\0\u0001\u0002'],
  ])('refuses a file with %s in a sentence', (_, text) => {
    expect(refusal(() => prepare(text))).toMatch(/^EINVALID .+\.$/);
  });

  it('refuses an envelope that would speak to the server', () => {
    expect(refusal(() => prepare(complete, { forwardPaths: ['a@example.org>\r\nDATA'] }))).toMatch(/^EINVALID/);
    expect(refusal(() => prepare(complete, { reversePath: 'a b@example.org' }))).toMatch(/^EINVALID/);
  });
});

describe('toCrlfOctets', () => {
  it('leaves only pairs, once and for all', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\r', '\n', 'a', '\r\n'), { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const expected = text.replace(/\r\n|\r|\n/g, '\r\n');
        const made = toCrlfOctets(Buffer.from(text)).toString();
        expect(made).toBe(text === '' || /[\r\n]$/.test(text) ? expected : `${expected}\r\n`);
        expect(toCrlfOctets(Buffer.from(made)).toString()).toBe(made);
      }),
    );
  });
});
