import type { PhoneKind } from '#shared/mail/settings.ts';

/** A number, and what the other program says it is for. */
export interface Phone {
  readonly number: string;
  readonly kinds: readonly PhoneKind[];
}

/** Words of vCard's TYPE (RFC 2426 §3.3.1, RFC 6350 §6.4.1), and those of tables, in the languages we could find. */
const words: readonly (readonly [PhoneKind, RegExp])[] = [
  ['mobile', /cell|mobil|handy|móvil|cellulare|iphone/i],
  ['work', /work|business|office|gesch|dienst|arbeit|travail|trabajo|lavoro|werk/i],
  ['home', /home|privat|domicile|maison|casa|thuis/i],
  ['fax', /fax/i],
  ['pager', /pager/i],
  ['main', /\b(?:main|primary|haupt\w*)\b/i],
];

/** What these words say a number is for, in the order of the list above. */
export function kindsIn(said: string): PhoneKind[] {
  return words.filter(([, pattern]) => pattern.test(said)).map(([kind]) => kind);
}

/** As a vCard names it. */
export function typeOf(kind: PhoneKind): string {
  return kind === 'mobile' ? 'cell' : kind;
}

const columnWords: Record<PhoneKind, string> = {
  mobile: 'Mobile',
  work: 'Work',
  home: 'Home',
  fax: 'Fax',
  pager: 'Pager',
  main: 'Main',
};

/** What a table calls its column: as Thunderbird does, where that has one of its kind. */
export function columnOf(kinds: readonly PhoneKind[]): string {
  const isNumber = kinds.some((kind) => kind === 'mobile' || kind === 'fax' || kind === 'pager');
  return [...kinds.map((kind) => columnWords[kind]), isNumber ? 'Number' : 'Phone'].join(' ');
}
