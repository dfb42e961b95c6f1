import { describe, expect, it } from 'vitest';
import { toMatch, wordsOf } from './index-words.ts';

describe('toMatch', () => {
  it.each([
    ['two words here', '"two" AND "words" AND "here" *'],
    ['done ', '"done"'],
    ['ab', '"ab"'],
    ['message 1', '"message" AND "1"'],
    ['"quoted words" more*', '"quoted words" AND "more*" *'],
    ['"never closed', '"never closed"'],
    ['ann@example.com', '"ann@example.com" *'],
    ['x AND "y" OR NEAR( -z', '"x" AND "AND" AND "y" AND "OR" AND "NEAR(" AND "-z"'],
    ['東京都', 'cjk : "東京 京都"'],
    ['京', 'cjk : "京" *'],
    ['PDF東京', 'cjk : "東京" AND "PDF"'],
  ])('%s', (query, match) => {
    expect(toMatch(query)).toBe(match);
  });

  it('is null when nothing is asked for', () => {
    for (const query of ['', '   ', '*', '""', '-- !!', '\0']) expect(toMatch(query)).toBeNull();
  });
});

it('keeps text without spaces apart as pairs', () => {
  const outline = {
    subject: 'Plan 東京へ',
    from: [{ displayName: '山田', mailbox: 'y@example.jp' }],
    to: [],
    cc: [],
    bcc: [],
    date: null,
    messageId: '',
    inReplyTo: [],
    references: [],
    text: 'ＦＵＬＬ width',
    snippet: '',
    attachmentNames: ['a.pdf'],
    hasAttachments: true,
    isMalformed: false,
  };
  expect(wordsOf(outline)).toEqual({
    subject: 'Plan  ',
    people: '  y@example.jp',
    body: 'FULL width',
    files: 'a.pdf',
    cjk: '東京 京へ へ 山田 田',
  });
});
