import { describe, expect, it } from 'vitest';
import { createReplyReader } from './smtp-wire.ts';

function read(chunks: readonly (string | Buffer)[]): { replies: string[]; isTooLong: boolean } {
  const replies: string[] = [];
  let isTooLong = false;
  const take = createReplyReader(
    (raw) => replies.push(raw),
    () => {
      isTooLong = true;
    },
  );
  for (const chunk of chunks) take(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return { replies, isTooLong };
}

describe('replies', () => {
  it('are the same however they are cut', () => {
    const said = '250-first\r\n250 last\r\n354 go on\r\n\r\n421\r\n250 bare\n550 5.1.1 nobody\r\n';
    const replies = ['250-first\n250 last', '354 go on', '421', '250 bare', '550 5.1.1 nobody'];
    for (let octets = 1; octets <= said.length; octets += 1) {
      const chunks = said.match(new RegExp(`[^]{1,${octets}}`, 'g')) ?? [];
      expect(read(chunks)).toEqual({ replies, isTooLong: false });
    }
  });

  it('are none before their last line has ended', () => {
    expect(read(['250-first\r\n250 la']).replies).toEqual([]);
    expect(read(['250 take']).replies).toEqual([]);
  });

  it('are UTF-8, and otherwise octet by octet', () => {
    const word = Buffer.from('550 für\r\n');
    expect(read([word.subarray(0, 6), word.subarray(6)]).replies).toEqual(['550 für']);
    expect(read([Buffer.from('550 f\xfcr\r\n', 'latin1')]).replies).toEqual(['550 für']);
  });

  it('without an end are given up, in one line or many', () => {
    expect(read(Array.from({ length: 70 }, () => 'x'.repeat(1000))).isTooLong).toBe(true);
    expect(read(Array.from({ length: 7000 }, () => '250-more\r\n')).isTooLong).toBe(true);
    // Many short ones are no long one.
    expect(read(Array.from({ length: 7000 }, () => '250 more\r\n'))).toMatchObject({ isTooLong: false });
  });
});
