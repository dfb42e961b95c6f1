import type { ImportedContacts } from '#shared/job.ts';
import type { Contact } from '#shared/mail/settings.ts';
import { MailError } from '#shared/mail-error.ts';
import type { SettingsService } from '../../services.ts';
import type { Store } from '../../store/store-api.ts';
import { type Book, readBook } from './books.ts';
import { contactsOf, type Person } from './person.ts';
import { mostPhotoOctets, type PhotoFolder } from './photos.ts';

/** What cannot be read, as the import's report lists it. */
export type OnUnread = (unread: { source: string; error: MailError }) => void;

export interface ContactRooms {
  readonly store: Pick<Store, 'readForeignCards'>;
  readonly settings: Pick<SettingsService, 'addContacts'>;
  /** Where pictures are kept; without it they are left out. */
  readonly photos?: PhotoFolder;
}

/**
 * Puts everybody of these books into the address book. Whoever is there already, by the address, stays as they are. A book
 * that cannot be read is told to `onUnread`, as an address that is none; the others come in. One that is `given` itself is
 * thrown.
 */
export async function takeContacts(
  { store, settings, photos }: ContactRooms,
  books: readonly Book[],
  { signal, onUnread, given }: { signal: AbortSignal; onUnread: OnUnread; given: string },
): Promise<ImportedContacts> {
  const found: Contact[] = [];
  const taken: string[] = [];
  const lists: string[] = [];
  let withoutAddress = 0;
  for (const book of books) {
    signal.throwIfAborted();
    try {
      const contents = await readBook(book, store);
      taken.push(book.name);
      lists.push(...contents.lists);
      for (const person of contents.people) {
        const { contacts, wrong } = contactsOf(person);
        found.push(...(await withPhoto(contacts, person, photos)));
        if (person.hasLargePhoto === true && contacts.length > 0) onUnread(largePhoto(book, person));
        if (person.mailboxes.length === 0) withoutAddress++;
        for (const mailbox of wrong) onUnread(unreadAddress(book, person, mailbox));
      }
    } catch (error) {
      // The file that was pointed at by itself.
      if (!(error instanceof MailError) || book.path === given) throw error;
      onUnread({ source: book.path, error });
    }
  }
  const { added, known } = found.length === 0 ? { added: 0, known: 0 } : await settings.addContacts(found);
  return { added, known, withoutAddress, books: taken, lists };
}

/** The picture is there before anybody names it. */
async function withPhoto(contacts: Contact[], { photo }: Person, photos: PhotoFolder | undefined): Promise<Contact[]> {
  if (photo === undefined || contacts.length === 0) return contacts;
  if (photos === undefined) return contacts.map(({ photo: _, ...contact }) => contact);
  await photos.keep(photo);
  return contacts;
}

function largePhoto(book: Book, { displayName, mailboxes }: Person): Parameters<OnUnread>[0] {
  const who = displayName === '' ? (mailboxes[0] ?? '') : displayName;
  const kilobytes = mostPhotoOctets / 1000;
  return {
    source: book.path,
    error: new MailError(
      'ETOOLARGE',
      `The photo of ${who.slice(0, 100)} is larger than ${kilobytes} kB and was left out. Everything else came in.`,
    ),
  };
}

function unreadAddress(book: Book, { displayName }: Person, mailbox: string): Parameters<OnUnread>[0] {
  const who = displayName === '' ? '' : ` of ${displayName.slice(0, 100)}`;
  return {
    source: book.path,
    error: new MailError(
      'EMALFORMED',
      `“${mailbox.slice(0, 100)}”${who} is not a complete address (name@example.com).`,
    ),
  };
}
