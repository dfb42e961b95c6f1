import { decoded, textOf } from './decode.ts';
import { type BookContents, firstSaid, type Person } from './person.ts';
import { kindsIn } from './phone-kinds.ts';
import { mostPhotoOctets, photoTypeOf } from './photos.ts';

interface Property {
  /** Upper case, without a group before it. */
  readonly name: string;
  /** By upper-case name; values as they stand. A bare word of vCard 2.1 is a TYPE. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  readonly value: string;
}

interface OpenCard {
  readonly properties: Property[];
}

/**
 * The people of a vCard file: 4.0 (RFC 6350), 3.0 (RFC 2426) and 2.1, any number of cards, whatever else stands between
 * them. Groups are told as lists. What cannot be read of a card is left out; nothing is thrown.
 */
export function readVcards(octets: Uint8Array): BookContents {
  const people: Person[] = [];
  const lists: string[] = [];
  // An agent of vCard 2.1 is a card within a card.
  const open: OpenCard[] = [];
  for (const line of unfolded(textOf(octets))) {
    const property = parseLine(line);
    if (property === null) continue;
    const isCard = property.value.trim().toUpperCase() === 'VCARD';
    if (property.name === 'BEGIN' && isCard) open.push({ properties: [] });
    else if (property.name === 'END' && isCard) {
      const card = open.pop();
      if (card === undefined) continue;
      const person = personOf(card.properties);
      if (isGroup(card.properties)) lists.push(person.displayName);
      else people.push(person);
    } else open.at(-1)?.properties.push(property);
  }
  return { people, lists };
}

/** RFC 6350 §3.2: a line that begins with a blank goes on the line before; in quoted-printable, `=` at the end does it too. */
function* unfolded(text: string): Generator<string> {
  let held: string[] = [];
  let isSoft = false;
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (held.length > 0 && (isSoft || /^[ \t]/.test(line))) {
      const last = held.at(-1) ?? '';
      if (isSoft) held[held.length - 1] = last.slice(0, -1);
      held.push(isSoft ? line : line.slice(1));
    } else {
      if (held.length > 0) yield held.join('');
      held = [line];
    }
    isSoft = line.endsWith('=') && /^[^:]*QUOTED-PRINTABLE/i.test(held[0] ?? '');
  }
  if (held.length > 0) yield held.join('');
}

const longestLine = 50_000;
/** A picture no larger than is kept, in base64; what is larger is still seen to be one. */
const longestPhoto = 40_000_000;

function parseLine(line: string): Property | null {
  // Sounds, keys.
  if (line.length > (/^(?:[\w-]+\.)?PHOTO[;:]/i.test(line) ? longestPhoto : longestLine)) return null;
  // Quoted parameters may hold a colon.
  const found = /^([^":]*(?:"[^"]*"[^":]*)*):([\s\S]*)$/.exec(line);
  if (found === null) return null;
  const [, head = '', raw = ''] = found;
  const [name = '', ...rest] = head.match(/(?:[^";]|"[^"]*")+/g) ?? [];
  const parameters = new Map<string, string[]>();
  for (const parameter of rest) {
    const [, key = 'TYPE', value = parameter] = /^([A-Za-z0-9-]+)=(.*)$/s.exec(parameter) ?? [];
    const known = parameters.get(key.toUpperCase()) ?? [];
    parameters.set(key.toUpperCase(), [...known, ...value.replaceAll('"', '').split(',')]);
  }
  return { name: name.replace(/^.*\./, '').trim().toUpperCase(), parameters, value: decodedValue(raw, parameters) };
}

function decodedValue(raw: string, parameters: Property['parameters']): string {
  const words = [...(parameters.get('ENCODING') ?? []), ...(parameters.get('TYPE') ?? [])];
  if (!words.some((word) => /^quoted-printable$/i.test(word))) return raw;
  const octets = Buffer.from(raw, 'utf8').toString('latin1');
  const plain = octets.replace(/=([0-9A-Fa-f]{2})/g, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decoded(Buffer.from(plain, 'latin1'), parameters.get('CHARSET')?.[0] ?? 'utf-8');
}

function personOf(properties: readonly Property[]): Person {
  const value = (name: string): string | undefined => properties.find((property) => property.name === name)?.value;
  const named = (name: string): Property[] =>
    properties
      .filter((property) => property.name === name && property.value.trim() !== '')
      .sort((a, b) => preference(a) - preference(b));
  const all = (name: string): string[] => named(name).map((property) => unescaped(property.value));
  const [family = '', given = '', additional = ''] = parts(value('N') ?? '');
  const mailboxes = all('EMAIL');
  const formatted = unescaped(value('FN') ?? '').trim();
  const nickname = listed(value('NICKNAME') ?? '');
  return {
    displayName: firstSaid(
      // Every card must have this; where there is no name, the address stands in for it.
      mailboxes.some((mailbox) => mailbox.trim() === formatted) ? '' : formatted,
      [given, additional, family].filter((part) => part.trim() !== '').join(' '),
      parts(value('ORG') ?? '')[0],
      nickname,
    ),
    mailboxes,
    note: all('NOTE').join('\n'),
    ...(nickname === '' ? {} : { nickname }),
    ...optionalPhones(named('TEL')),
    ...photoOf(named('PHOTO')),
  };
}

/** RFC 6350 §6.2.4 (a `data:` URI), RFC 2426 §3.1.4 and vCard 2.1 (base64). What lies elsewhere is not fetched. */
function photoOf(properties: readonly Property[]): Pick<Person, 'photo' | 'hasLargePhoto'> {
  for (const { value, parameters } of properties) {
    const isInside = /^(?:b|base64)$/i.test(parameters.get('ENCODING')?.[0] ?? '');
    const base64 = /^\s*data:[^,]{0,200};base64,/i.test(value)
      ? value.slice(value.indexOf(',') + 1)
      : isInside
        ? value
        : '';
    if (base64.length > mostPhotoOctets * 1.5) return { hasLargePhoto: true };
    const octets = Buffer.from(base64, 'base64');
    if (photoTypeOf(octets) === null) continue;
    return octets.length > mostPhotoOctets ? { hasLargePhoto: true } : { photo: octets };
  }
  return {};
}

function optionalPhones(phones: readonly Property[]): Pick<Person, 'phones'> {
  if (phones.length === 0) return {};
  return {
    phones: phones.map(({ value, parameters }) => ({
      number: numberIn(unescaped(value)),
      kinds: kindsIn((parameters.get('TYPE') ?? []).join(' ')),
    })),
  };
}

/** RFC 6350 §6.4.1: in 4.0 it may be a URI (RFC 3966). */
function numberIn(phone: string): string {
  const [, number] = /^\s*tel:(.*)$/is.exec(phone) ?? [];
  return number === undefined ? phone : number.replace(/;ext=/i, ' ext. ');
}

/** Several values with commas between. */
function listed(value: string): string {
  const values = value.match(/(?:\\[\s\S]|[^,])+/g) ?? [];
  return values
    .map((each) => unescaped(each).trim())
    .filter((each) => each !== '')
    .join(', ');
}

/** `PREF=1` (4.0) or `TYPE=pref` (3.0, 2.1) first; the rest as they stand. */
function preference({ parameters }: Property): number {
  const pref = Number(parameters.get('PREF')?.[0]);
  if (pref >= 1 && pref <= 100) return pref;
  return parameters.get('TYPE')?.some((type) => /^pref$/i.test(type)) === true ? 1 : 101;
}

function isGroup(properties: readonly Property[]): boolean {
  return properties.some(
    ({ name, value }) => (name === 'KIND' || name === 'X-ADDRESSBOOKSERVER-KIND') && /^group$/i.test(value.trim()),
  );
}

/** A structured value by its semicolons; those that are escaped stay. */
function parts(value: string): string[] {
  return (value.match(/(?:\\[\s\S]|[^;])*(?:;|$)/g) ?? []).map((part) => unescaped(part.replace(/;$/, '')));
}

/** RFC 6350 §3.4. */
function unescaped(value: string): string {
  return value.replace(/\\([\s\S])/g, (_whole, escaped: string) => (/n/i.test(escaped) ? '\n' : escaped));
}
