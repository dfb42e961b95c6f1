import { assertNever } from '#shared/assert-never.ts';
import type { Contact } from '#shared/mail/settings.ts';
import type { ContactFormat } from '#shared/rpc/contract.ts';
import { type Person, peopleOf } from './person.ts';
import { writeCsv } from './write-csv.ts';
import { writeVcards } from './write-vcard.ts';

/** What is loaded when people are asked for: one door. */
export { photosIn, readPhotos } from './photos.ts';

/** The address book as a file for other programs, in the order of its names. */
export function exportContacts(
  contacts: readonly Contact[],
  format: ContactFormat,
  photos?: ReadonlyMap<string, Buffer>,
): { text: string; people: number; addresses: number } {
  const people = peopleOf(contacts, photos).sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  return { text: textOf(people, format), people: people.length, addresses: contacts.length };
}

function nameOf({ displayName, mailboxes }: Person): string {
  return displayName === '' ? (mailboxes[0] ?? '') : displayName;
}

function textOf(people: readonly Person[], format: ContactFormat): string {
  switch (format) {
    case 'vcard':
      return writeVcards(people, '3.0');
    case 'vcard4':
      return writeVcards(people, '4.0');
    case 'csv':
      return writeCsv(people);
    default:
      return assertNever(format);
  }
}
