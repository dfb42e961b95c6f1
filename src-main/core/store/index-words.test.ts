import { describe, expect, it } from 'vitest';
import { matchOf, wordsOf } from './index-words.ts';

describe('matchOf', () => {
  const words = { kind: 'words', field: 'any', isPrefix: false } as const;
  it.each([
    ['two', '"two"'],
    ['quoted words', '"quoted words"'],
    ['say "it"', '"say ""it"""'],
    ['ann@example.com', '"ann@example.com"'],
    ['Straße', '"Strasse"'],
    ['Καλημέρα, λόγος ᾧ', '"Καλημερα, λογοσ ω"'],
    ['ёж Ёлка мой', '"еж Елка мой"'],
    ['שָׁלוֹם', '"שלום"'],
    ['مُحَمَّد ســـلام', '"محمد سلام"'],
    ['東京都', '"東京 京都"'],
    ['京', '"京" *'],
    ['PDF東京', '("東京" AND "PDF")'],
    ['🎉', '"\u{ff389}"'],
    ['♥️', '"\u{f2665}"'],
    ['👍🏽', '"\u{ff44d}"'],
    ['a 🎉b', '"a \u{ff389} b"'],
  ])('%s', (text, match) => {
    expect(matchOf({ ...words, text })).toBe(match);
  });

  it('finds longer words while a word is typed, and only in the field asked for', () => {
    expect(matchOf({ ...words, text: 'lind', isPrefix: true, field: 'from' })).toBe('senders : "lind" *');
    expect(matchOf({ ...words, text: 'PDF東京', field: 'filename' })).toBe('(files : "東京" AND files : "PDF")');
  });

  it('is null when nothing of it is in the full text', () => {
    for (const text of ['', '   ', '*', '-- !!', '\0']) expect(matchOf({ ...words, text })).toBeNull();
  });
});

it('takes text without spaces as pairs', () => {
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
    subject: 'Plan  東京 京へ へ ',
    senders: ' 山田 田  y@example.jp',
    recipients: '',
    body: 'FULL width',
    files: 'a.pdf',
  });
});
