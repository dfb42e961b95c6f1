import type { Flag } from '#shared/mail/message.ts';

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
