import type { Contact } from '#shared/mail/settings.ts';

export interface MergedContacts {
  readonly contacts: Contact[];
  readonly added: number;
  /** Addresses that were there before. */
  readonly known: number;
}

/**
 * An address book with these in it too. Whoever is there already, by the address, stays as they are; only what is
 * missing of a name, nickname, numbers or note is filled in. An address that comes twice counts once.
 */
export function withContacts(book: readonly Contact[], more: readonly Contact[]): MergedContacts {
  const contacts = [...book];
  const at = new Map(book.map(({ mailbox }, index) => [keyOf(mailbox), index]));
  const met = new Set<string>();
  let known = 0;
  for (const contact of more) {
    const key = keyOf(contact.mailbox);
    const index = at.get(key);
    const before = index === undefined ? undefined : contacts[index];
    if (index === undefined || before === undefined) {
      at.set(key, contacts.length);
      contacts.push(contact);
    } else {
      if (index < book.length && !met.has(key)) known++;
      contacts[index] = filledIn(before, contact);
    }
    met.add(key);
  }
  return { contacts, added: contacts.length - book.length, known };
}

/**
 * An address book with this entry, in the place of the one with its address. What belongs to the person and not to the
 * address, nickname and numbers, is then the same at the person's other addresses.
 */
export function withContact(book: readonly Contact[], contact: Contact): Contact[] {
  const { person, nickname, phones, phoneKinds, photo } = contact;
  const at = book.findIndex(({ mailbox }) => keyOf(mailbox) === keyOf(contact.mailbox));
  const contacts = at < 0 ? [...book, contact] : book.with(at, contact);
  if (person === undefined) return contacts;
  return contacts.map((other) => (other.person === person ? { ...other, nickname, phones, phoneKinds, photo } : other));
}

function filledIn(before: Contact, more: Contact): Contact {
  return {
    ...more,
    ...before,
    displayName: before.displayName === '' ? more.displayName : before.displayName,
    note: before.note === '' ? more.note : before.note,
  };
}

function keyOf(mailbox: string): string {
  return mailbox.trim().toLowerCase();
}
