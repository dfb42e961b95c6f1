import type { MessageOutline } from '../outline.ts';
import type { Sql } from './sql.ts';

/** The full text: what goes in, and how a person's words become a query. */

/** Scripts written without spaces between words (and Hangul, whose words carry particles): found by pairs of characters. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}々〆ー]+/gu;
const maybeUnspaced = /[\u0e00-\u11ff\u1780-\u17ff\u2e80-\ud7ff\ud800-\udbff\uf900-\ufaff\uff66-\uffdc]/;
const beyondAscii = /[^\0-\x7f]/;

interface Words {
  readonly subject: string;
  readonly people: string;
  readonly body: string;
  readonly files: string;
  readonly cjk: string;
}

/** Overlapping pairs, and the last character by itself, so that one character finds by its prefix. */
function pairs(run: string): string[] {
  const characters = [...run];
  return characters.map((character, at) => character + (characters[at + 1] ?? ''));
}

function normalise(value: string): string {
  return beyondAscii.test(value) ? value.normalize('NFKC') : value;
}

export function wordsOf(outline: MessageOutline): Words {
  const cjk: string[] = [];
  const take = (value: string): string => {
    const normal = normalise(value);
    if (!maybeUnspaced.test(normal)) return normal;
    return normal.replace(unspaced, (run) => {
      cjk.push(...pairs(run));
      return ' ';
    });
  };
  const people = [...outline.from, ...outline.to, ...outline.cc, ...outline.bcc];
  return {
    subject: take(outline.subject),
    people: take(people.map(({ displayName, mailbox }) => `${displayName} ${mailbox}`).join(' ')),
    body: take(outline.text),
    files: take(outline.attachmentNames.join(' ')),
    cjk: cjk.join(' '),
  };
}

/** Adds to the full text. In ascending order of id within a transaction: FTS5 writes out its buffer at each step back. */
export function addWords(sql: Sql, entries: readonly { id: number; words: Words }[]): void {
  for (const { id, words } of entries.toSorted((a, b) => a.id - b.id))
    sql.run(
      'INSERT INTO words (rowid, subject, people, body, files, cjk) VALUES (?, ?, ?, ?, ?, ?)',
      id,
      words.subject,
      words.people,
      words.body,
      words.files,
      words.cjk,
    );
}

const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

/**
 * FTS5's query for a person's words: all of them must be there, in any field; "quoted words" as a phrase. The last
 * word, while it is being typed (three letters or more), also finds longer words; not when it ends in a digit (1 is
 * not 10). `*` asks for longer words anywhere. Null when nothing is left to search for.
 */
export function toMatch(query: string): string | null {
  const terms: string[] = [];
  const normal = normalise(query.replaceAll('\0', ' '));
  const parts = [...normal.matchAll(/"([^"]*)"?|([^\s"]+)/g)];
  parts.forEach((part, at) => {
    const isPhrase = part[1] !== undefined;
    const word = part[1] ?? part[2] ?? '';
    const isBeingTyped = at === parts.length - 1 && /[\p{Letter}\p{Mark}]{3}$/u.test(normal);
    terms.push(...termsOf(word, !isPhrase && (word.endsWith('*') || isBeingTyped)));
  });
  return terms.length === 0 ? null : terms.join(' AND ');
}

function termsOf(word: string, isPrefix: boolean): string[] {
  const terms: string[] = [];
  const rest = word.replace(unspaced, (run) => {
    const characters = [...run];
    const whole = pairs(run).slice(0, -1).join(' ');
    terms.push(characters.length === 1 ? `cjk : ${quoted(run)} *` : `cjk : ${quoted(whole)}`);
    return ' ';
  });
  const pieces = rest.split(' ').filter((piece) => /[\p{Letter}\p{Number}\p{Mark}\p{Private_Use}]/u.test(piece));
  if (pieces.length > 0) terms.push(quoted(pieces.join(' ')) + (isPrefix && rest === word ? ' *' : ''));
  return terms;
}
