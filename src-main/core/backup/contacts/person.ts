import { createHash } from 'node:crypto';
import { MailboxText } from '#shared/mail/address.ts';
import { Contact, type PhoneKind } from '#shared/mail/settings.ts';
import type { Phone } from './phone-kinds.ts';
import { photoName } from './photos.ts';

/** Somebody in another program's address book, as far as we keep people. */
export interface Person {
  /** '' where the book has no name. */
  readonly displayName: string;
  /** As they stand there, the preferred one first; not checked yet. */
  readonly mailboxes: readonly string[];
  readonly note: string;
  readonly nickname?: string;
  readonly phones?: readonly Phone[];
  /** A picture of a kind that is shown here, and no larger than is kept. */
  readonly photo?: Buffer;
  /** There was one, and it is too large. */
  readonly hasLargePhoto?: boolean;
}

/** What an address book holds. */
export interface BookContents {
  readonly people: readonly Person[];
  /** Names of its mailing lists. There is nothing here a list could become. */
  readonly lists: readonly string[];
}

/** A person as entries of ours, one for each address, and the addresses that are none. */
export function contactsOf(person: Person): { contacts: Contact[]; wrong: string[] } {
  const addresses: string[] = [];
  const wrong: string[] = [];
  for (const text of person.mailboxes) {
    const mailbox = MailboxText.safeParse(bareMailbox(text));
    if (mailbox.success) addresses.push(mailbox.data);
    else wrong.push(text);
  }
  const nickname = oneLine(person.nickname ?? '', 200);
  const { phones, phoneKinds } = numbersOf(person.phones ?? []);
  const own = {
    displayName: oneLine(person.displayName, 200),
    note: oneLine(person.note, 500),
    ...(nickname === '' ? {} : { nickname }),
    ...(phones.length === 0 ? {} : { phones }),
    ...(Object.keys(phoneKinds).length === 0 ? {} : { phoneKinds }),
    ...(person.photo === undefined ? {} : { photo: photoName(person.photo) }),
    ...(new Set(addresses.map(keyOf)).size < 2 ? {} : { person: personId(addresses) }),
  };
  return { contacts: addresses.map((mailbox) => Contact.parse({ ...own, mailbox })), wrong };
}

const mostPhones = 20;

/** Each number once, with all that is said of it. */
function numbersOf(phones: readonly Phone[]): { phones: string[]; phoneKinds: Record<string, PhoneKind[]> } {
  const known = new Map<string, Set<PhoneKind>>();
  for (const { number, kinds } of phones) {
    const text = oneLine(number, 60);
    if (text !== '') known.set(text, new Set([...(known.get(text) ?? []), ...kinds]));
  }
  const first = [...known].slice(0, mostPhones);
  const said = first.filter(([, kinds]) => kinds.size > 0);
  return {
    phones: first.map(([number]) => number),
    phoneKinds: Object.fromEntries(said.map(([number, kinds]) => [number, [...kinds]])),
  };
}

function keyOf(mailbox: string): string {
  return mailbox.toLowerCase();
}

/** The same whenever the same person comes in again. */
function personId(addresses: readonly string[]): string {
  const first = [...addresses.map(keyOf)].sort().join(' ');
  return createHash('sha256').update(first).digest('hex').slice(0, 16);
}

/** The people of our address book: entries that belong together are one person again. */
export function peopleOf(contacts: readonly Contact[], photos: ReadonlyMap<string, Buffer> = new Map()): Person[] {
  const together = new Map<string, Contact[]>();
  for (const contact of contacts) {
    const id = contact.person === undefined ? `one ${keyOf(contact.mailbox)}` : `several ${contact.person}`;
    together.set(id, [...(together.get(id) ?? []), contact]);
  }
  const photoOf = (entries: readonly Contact[]): Pick<Person, 'photo'> => {
    const photo = entries.map((entry) => photos.get(entry.photo ?? '')).find((found) => found !== undefined);
    return photo === undefined ? {} : { photo };
  };
  return [...together.values()].map((entries) => ({
    ...photoOf(entries),
    displayName: firstSaid(...entries.map(({ displayName }) => displayName)),
    mailboxes: entries.map(({ mailbox }) => mailbox),
    note: [...new Set(entries.map(({ note }) => note))].filter((note) => note !== '').join('\n'),
    nickname: firstSaid(...entries.map(({ nickname }) => nickname)),
    phones: [...new Set(entries.flatMap(({ phones = [] }) => phones))].map((number) => ({
      number,
      kinds: [...new Set(entries.flatMap(({ phoneKinds = {} }) => kindsOf(phoneKinds, number)))],
    })),
  }));
}

function kindsOf(phoneKinds: Readonly<Record<string, PhoneKind[]>>, number: string): PhoneKind[] {
  return Object.hasOwn(phoneKinds, number) ? (phoneKinds[number] ?? []) : [];
}

/** `mailto:`, angle brackets and a name before them are seen in exports. */
function bareMailbox(text: string): string {
  const inner = /<([^<>]*)>\s*$/.exec(text)?.[1] ?? text;
  return inner.trim().replace(/^mailto:/i, '');
}

/** No line breaks, no other controls, no characters that turn the direction of what follows. */
function oneLine(text: string, longest: number): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, longest)
    .toWellFormed()
    .trim();
}

/** The first of these that says something. */
export function firstSaid(...texts: readonly (string | undefined)[]): string {
  return texts.map((text) => text?.trim() ?? '').find((text) => text !== '') ?? '';
}
