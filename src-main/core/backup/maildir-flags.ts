import type { Flag } from '#shared/mail/message.ts';
import { decodeHeaderText } from '../message/encoded-words.ts';
import { keywordOf } from './mbox-marks.ts';

// The letters of the Maildir specification (https://cr.yp.to/proto/maildir.html), in the order in which they stand.
const letters: readonly [letter: string, flag: Flag][] = [
  ['D', 'draft'],
  ['F', 'flagged'],
  ['P', 'forwarded'],
  ['R', 'answered'],
  ['S', 'seen'],
  ['T', 'deleted'],
];

/** `2,FS` for a Maildir file name. */
export function maildirInfo(flags: readonly Flag[]): string {
  return `2,${letters.flatMap(([letter, flag]) => (flags.includes(flag) ? [letter] : [])).join('')}`;
}

/** The flags a Maildir file name carries after `:2,` (or `;2,`, `!2,` where a colon cannot stand). */
export function flagsOfMaildirName(name: string): Flag[] {
  const info = /[:;!]2,([A-Za-z]*)$/.exec(name)?.[1] ?? '';
  return letters.flatMap(([letter, flag]) => (info.includes(letter) ? [flag] : []));
}

/** The keywords of a Maildir file name, whose letters Dovecot names in `dovecot-keywords`; written by us as one atom each. */
export function keywordsOfMaildirName(name: string, keywords: ReadonlyMap<string, string>): string[] {
  if (keywords.size === 0) return [];
  const info = /[:;!]2,([A-Za-z]*)$/.exec(name)?.[1] ?? '';
  return [...info].flatMap((letter) => {
    const keyword = keywords.get(letter);
    return keyword === undefined || keyword.startsWith('$') ? [] : [decodeHeaderText(keyword)];
  });
}

/**
 * The tags of a Maildir as Dovecot keeps keywords: the letters a to z in file names, named in a file beside. There are
 * 26 of them; a tag beyond stays behind.
 */
export class MaildirKeywords {
  readonly #letters = new Map<string, string>();

  letters(tags: readonly string[]): string {
    const letters = tags.flatMap((tag) => {
      const next = this.#letters.size < 26 ? String.fromCharCode(97 + this.#letters.size) : undefined;
      const letter = this.#letters.get(tag) ?? next;
      if (letter !== undefined) this.#letters.set(tag, letter);
      return letter === undefined ? [] : [letter];
    });
    return letters.sort().join('');
  }

  /** `dovecot-keywords`: a number and a name a line. */
  file(): string {
    return [...this.#letters.keys()].map((tag, at) => `${at} ${keywordOf(tag)}\n`).join('');
  }
}
