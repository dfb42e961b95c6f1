import type { Address } from '#shared/mail/address.ts';
import type { SearchField, SearchNode } from '#shared/mail/search-query.ts';
import type { MessageOutline } from '../outline.ts';
import type { Sql } from './sql.ts';

/** The full text: what goes in, and how a person's words become a query. */

/** Scripts written without spaces between words (and Hangul, whose words carry particles): found by pairs of characters. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}々〆ー]+/gu;
/** With what belongs to it: colours of skin, joiners and the choice of a coloured picture do not count. */
const picture =
  /([[\p{Extended_Pictographic}\p{Regional_Indicator}]&&[\u2190-\u2bff\u{1f000}-\u{1fbff}]])[\u200d\ufe0e\ufe0f\u{1f3fb}-\u{1f3ff}]*/gv;
const maybePicture = /[\u2190-\u2bff\ud83c-\ud83e]/;
const maybeUnspaced = /[\u0e00-\u11ff\u1780-\u17ff\u2e80-\ud7ff\ud800-\udbff\uf900-\ufaff\uff66-\uffdc]/;
const beyondAscii = /[^\0-\x7f]/;

export interface Words {
  readonly subject: string;
  readonly senders: string;
  readonly recipients: string;
  readonly body: string;
  readonly files: string;
}

/** Overlapping pairs, and the last character by itself, so that one character finds by its prefix. */
function pairs(run: string): string[] {
  const characters = [...run];
  return characters.map((character, at) => character + (characters[at + 1] ?? ''));
}

/** Letters that no decomposition takes apart, as people write them who lack the key: the full text folds only accents. */
const ligatures: Readonly<Record<string, string>> = {
  ß: 'ss',
  ẞ: 'ss',
  æ: 'ae',
  Æ: 'ae',
  œ: 'oe',
  Œ: 'oe',
  ø: 'o',
  Ø: 'o',
  ł: 'l',
  Ł: 'l',
  đ: 'd',
  Đ: 'd',
  ħ: 'h',
  Ħ: 'h',
  ı: 'i',
  þ: 'th',
  Þ: 'th',
};
const ligature = new RegExp(`[${Object.keys(ligatures).join('')}]`, 'gu');

/**
 * The full text takes signs for gaps between words. A picture (an emoji) is put in by a character for private use, which
 * counts as a letter, and stands by itself.
 */
function pictureName(_all: string, character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return ` ${String.fromCodePoint(code < 0x1_0000 ? 0xf_0000 + code : 0xe_0000 + code)} `;
}

/** SQLite folds the accents of Latin letters alone. Of Cyrillic ones only ё is written either way. */
const greek = /[\p{Script=Greek}&&[\u0370-\u03ff\u1f00-\u1fff]]+/gv;
const otherAccents = /[ςёЁ]/g;
const withoutAccent: Readonly<Record<string, string>> = { ς: 'σ', ё: 'е', Ё: 'Е' };
/** Points and vowel signs, and the letter that only makes a word longer: most people leave them out, and SQLite ends a word at each. */
const points =
  /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]+/g;
const maybeAccented = /[\u0370-\u0451\u0591-\u06ed\u1f00-\u1fff]/;

function withoutAccents(value: string): string {
  return value
    .replace(greek, (word) => word.normalize('NFD').replace(/\p{Mark}+/gu, ''))
    .replace(otherAccents, (letter) => withoutAccent[letter] ?? letter)
    .replace(points, '');
}

function normalise(value: string): string {
  if (!beyondAscii.test(value)) return value;
  const named = maybePicture.test(value) ? value.replace(picture, pictureName) : value;
  const whole = named.normalize('NFKC').replace(ligature, (letter) => ligatures[letter] ?? letter);
  return maybeAccented.test(whole) ? withoutAccents(whole) : whole;
}

/** As it goes into the full text: runs of unspaced scripts as pairs, in the place where they stand. */
function take(value: string): string {
  const normal = normalise(value);
  return maybeUnspaced.test(normal) ? normal.replace(unspaced, (run) => ` ${pairs(run).join(' ')} `) : normal;
}

export function wordsOf(outline: MessageOutline): Words {
  const names = (people: readonly Address[]): string =>
    take(people.map(({ displayName, mailbox }) => `${displayName} ${mailbox}`).join(' '));
  return {
    subject: take(outline.subject),
    senders: names(outline.from),
    recipients: names([...outline.to, ...outline.cc, ...outline.bcc]),
    body: take(outline.text),
    files: take(outline.attachmentNames.join(' ')),
  };
}

/** Adds to the full text. In ascending order of id within a transaction: FTS5 writes out its buffer at each step back. */
export function addWords(sql: Sql, entries: readonly { id: number; words: Words }[]): void {
  for (const { id, words } of entries.toSorted((a, b) => a.id - b.id))
    sql.run(
      'INSERT INTO words (rowid, subject, senders, recipients, body, files) VALUES (?, ?, ?, ?, ?, ?)',
      id,
      words.subject,
      words.senders,
      words.recipients,
      words.body,
      words.files,
    );
}

/** After a word: whatever begins with it. */
const beginning = ' *';
const quotedOrBeginning = /"(?:[^"]|"")*"( \*)?/g;

/** Whether an expression of `matchOf`, alone or joined with others, asks for the beginning of a word anywhere. */
export function asksForBeginning(match: string): boolean {
  return [...match.matchAll(quotedOrBeginning)].some(([, star]) => star !== undefined);
}

const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

const columns: Readonly<Record<SearchField, string>> = {
  any: '',
  from: 'senders : ',
  to: 'recipients : ',
  subject: 'subject : ',
  body: 'body : ',
  filename: 'files : ',
};

/**
 * FTS5's expression for words of a search: a single word, or a phrase whose words follow each other. Null when nothing of
 * it is in the full text (only signs).
 */
export function matchOf(words: Extract<SearchNode, { kind: 'words' }>): string | null {
  const { field, isPrefix } = words;
  const text = normalise(words.text.replaceAll('\0', ' '));
  const terms: string[] = [];
  const rest = text.replace(unspaced, (run) => {
    const characters = [...run];
    const whole = pairs(run).slice(0, -1).join(' ');
    terms.push(characters.length === 1 ? quoted(run) + beginning : quoted(whole));
    return ' ';
  });
  const pieces = rest.split(' ').filter((piece) => /[\p{Letter}\p{Number}\p{Mark}\p{Private_Use}]/u.test(piece));
  if (pieces.length > 0) terms.push(quoted(pieces.join(' ')) + (isPrefix && rest === text ? beginning : ''));
  if (terms.length === 0) return null;
  const all = terms.map((term) => columns[field] + term);
  return all.length === 1 ? (all[0] ?? null) : `(${all.join(' AND ')})`;
}
