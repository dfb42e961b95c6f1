import type { PhoneKind } from '#shared/mail/settings.ts';
import { firstSaid, type Person } from './person.ts';
import { typeOf } from './phone-kinds.ts';
import { photoTypeOf } from './photos.ts';

/** 3.0 (RFC 2426) is what every other program reads; 4.0 (RFC 6350) what the newer ones write. */
export type VcardVersion = '3.0' | '4.0';

/** People as a vCard file: UTF-8, CRLF, long lines folded. */
export function writeVcards(people: readonly Person[], version: VcardVersion): string {
  return people.map((person) => cardOf(person, version).map(folded).join('')).join('');
}

function cardOf(person: Person, version: VcardVersion): string[] {
  const { displayName, mailboxes, note, nickname = '', phones = [], photo } = person;
  const name = firstSaid(displayName, mailboxes[0]);
  return [
    'BEGIN:VCARD',
    `VERSION:${version}`,
    `FN:${escaped(name)}`,
    // 3.0 asks for it, and some programs show nothing else. Which word is the family's name is not known here.
    `N:;${escaped(displayName)};;;`,
    ...(nickname === '' ? [] : [`NICKNAME:${escaped(nickname)}`]),
    ...mailboxes.map((mailbox, at) => `EMAIL${preferred(at, mailboxes.length, version)}:${escaped(mailbox)}`),
    ...phones.map(({ number, kinds }) => `TEL${kindsAs(kinds, version)}:${escaped(number)}`),
    ...(photo === undefined ? [] : [pictureOf(photo, version)]),
    ...(note === '' ? [] : [`NOTE:${escaped(note)}`]),
    'END:VCARD',
  ];
}

/** The first address is the one to write to. */
function preferred(at: number, many: number, version: VcardVersion): string {
  const isFirst = at === 0 && many > 1;
  if (version === '4.0') return isFirst ? ';PREF=1' : '';
  return `;TYPE=INTERNET${isFirst ? ',pref' : ''}`;
}

function pictureOf(photo: Buffer, version: VcardVersion): string {
  const type = photoTypeOf(photo) ?? 'image/jpeg';
  const base64 = photo.toString('base64');
  if (version === '4.0') return `PHOTO:data:${type};base64,${base64}`;
  return `PHOTO;ENCODING=b;TYPE=${type.replace('image/', '').toUpperCase()}:${base64}`;
}

/** A number without a kind is `voice` in 3.0, which is what it means without a word, too. */
function kindsAs(kinds: readonly PhoneKind[], version: VcardVersion): string {
  const types = kinds.map(typeOf).join(',');
  if (version === '3.0') return `;TYPE=${types === '' ? 'voice' : types}`;
  return `;VALUE=text${types === '' ? '' : `;TYPE=${kinds.length > 1 ? `"${types}"` : types}`}`;
}

/** RFC 6350 §3.4. */
function escaped(text: string): string {
  return text.replace(/[\\,;]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n');
}

const longestLine = 75;

/** RFC 6350 §3.2: at most 75 octets a line; the next one begins with a space. No character is cut in two. */
function folded(line: string): string {
  let text = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > longestLine) {
      text += '\r\n ';
      octets = 1;
    }
    text += character;
    octets += size;
  }
  return `${text}\r\n`;
}
