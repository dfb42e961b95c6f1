import { type Contact, PhoneKind } from '#shared/mail/settings.ts';
import { t } from '../../i18n/index.ts';

type Numbers = Pick<Contact, 'phones' | 'phoneKinds'>;

/** `030 123 (work, fax)`, with commas between several. */
export function phonesInWords({ phones = [], phoneKinds = {} }: Numbers): string {
  return phones
    .map((number) => {
      const kinds = Object.hasOwn(phoneKinds, number) ? (phoneKinds[number] ?? []) : [];
      return kinds.length === 0 ? number : `${number} (${kinds.map(wordOf).join(' ')})`;
    })
    .join(', ');
}

/** What was typed, back as numbers. What stands in brackets and is no kind belongs to the number. */
export function phonesIn(text: string): Numbers {
  const phones: string[] = [];
  const phoneKinds: Record<string, PhoneKind[]> = {};
  for (const each of text.split(/[,;\n]/)) {
    const [, bare = '', said = ''] = /^(.*?)\s*\(([^()]*)\)\s*$/.exec(each) ?? [];
    const kinds = kindsIn(said);
    const number = (kinds === null ? each : bare).trim().slice(0, 60);
    if (number === '' || phones.includes(number) || phones.length === 20) continue;
    phones.push(number);
    if (kinds !== null && kinds.length > 0) phoneKinds[number] = kinds;
  }
  return { phones, phoneKinds };
}

/** Null: not all of it is words for kinds. */
function kindsIn(said: string): PhoneKind[] | null {
  const words = said
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const kinds = PhoneKind.options.filter((kind) => words.includes(wordOf(kind).toLocaleLowerCase()));
  return kinds.length === 0 || kinds.length !== new Set(words).size ? null : kinds;
}

function wordOf(kind: PhoneKind): string {
  return t(`settings.contact.phone.${kind}`);
}
