import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { removeBcc } from './remove-bcc.ts';

const removed = (text: string) => Buffer.from(removeBcc(Buffer.from(text, 'latin1'))).toString('latin1');

describe('removeBcc', () => {
  it.each([
    ['From: a\r\nBcc: b\r\nTo: c\r\n\r\nbody', 'From: a\r\nTo: c\r\n\r\nbody'],
    ['BCC: b,\r\n c,\r\n\td\r\nTo: c\r\n\r\nBcc: body', 'To: c\r\n\r\nBcc: body'],
    ['To: c\nbcc : b\n\nx', 'To: c\n\nx'],
    ['To: c\r\nBcc:\r\n\r\n', 'To: c\r\n\r\n'],
    ['Bcc: b\r\n\r\nx', '\r\nx'],
    ['Bcc: b\r\nBcc: c\r\nX: y\r\nBcc: d\r\n', 'X: y\r\n'],
    ['Bcc: b', ''],
    ['X-Bcc: b\r\nBccs: c\r\nResent-Bcc-X: d\r\n\r\n', 'X-Bcc: b\r\nBccs: c\r\nResent-Bcc-X: d\r\n\r\n'],
    ['Resent-To: a\r\nResent-Bcc: b,\r\n c\r\n\r\nx', 'Resent-To: a\r\n\r\nx'],
    ['Subject: x\r\n Bcc: folded into the subject\r\n\r\n', 'Subject: x\r\n Bcc: folded into the subject\r\n\r\n'],
    ['', ''],
    ['\r\nBcc: body', '\r\nBcc: body'],
  ])('%j becomes %j', (before, after) => {
    expect(removed(before)).toBe(after);
  });

  it('answers the same bytes when there is nothing to remove', () => {
    const bytes = Buffer.from('To: c\r\n\r\nx');
    expect(removeBcc(bytes)).toBe(bytes);
  });

  it('changes nothing but Bcc fields', () => {
    const fold = fc.constantFrom('', '\r\n more', '\r\n\tb@example.org', '\r\n ');
    const lineEnd = fc.constantFrom('\r\n', '\n');
    const other = fc.tuple(fc.constantFrom('To: x', 'Subject: Bcc:', 'X-Bcc: y', 'Cc: \xfc'), fold);
    const blind = fc.tuple(fc.constantFrom('Bcc: a@b', 'bcc:', 'BCC : "x" <y@z>'), fold);
    const field = fc.tuple(fc.boolean(), other, blind, lineEnd);
    fc.assert(
      fc.property(fc.array(field, { maxLength: 12 }), fc.uint8Array({ maxLength: 100 }), (fields, body) => {
        const text = (isKept: (isBlind: boolean) => boolean) =>
          fields
            .filter(([isBlind]) => isKept(isBlind))
            .map(([isBlind, kept, gone, end]) => `${(isBlind ? gone : kept).join('')}${end}`)
            .join('');
        const tail = Buffer.concat([Buffer.from('\r\n'), body]);
        const whole = Buffer.concat([
          Buffer.from(
            text(() => true),
            'latin1',
          ),
          tail,
        ]);
        const expected = Buffer.concat([
          Buffer.from(
            text((isBlind) => !isBlind),
            'latin1',
          ),
          tail,
        ]);
        expect(Buffer.from(removeBcc(whole)).equals(expected)).toBe(true);
        expect(Buffer.from(removeBcc(removeBcc(whole))).equals(expected)).toBe(true);
      }),
    );
  });
});
