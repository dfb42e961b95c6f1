import { MailboxText } from '#shared/mail/address.ts';
import { Contact } from '#shared/mail/settings.ts';

/** Somebody in another program's address book, as far as we keep people. */
export interface Person {
  /** '' where the book has no name. */
  readonly displayName: string;
  /** As they stand there, the preferred one first; not checked yet. */
  readonly mailboxes: readonly string[];
  readonly note: string;
}

/** What an address book holds. */
export interface BookContents {
  readonly people: readonly Person[];
  /** Names of its mailing lists. There is nothing here a list could become. */
  readonly lists: readonly string[];
}

/** A person as entries of ours, one for each address, and the addresses that are none. */
export function contactsOf({ displayName, mailboxes, note }: Person): { contacts: Contact[]; wrong: string[] } {
  const contacts: Contact[] = [];
  const wrong: string[] = [];
  for (const text of mailboxes) {
    const mailbox = MailboxText.safeParse(bareMailbox(text));
    if (mailbox.success)
      contacts.push(
        Contact.parse({ displayName: oneLine(displayName, 200), mailbox: mailbox.data, note: oneLine(note, 500) }),
      );
    else wrong.push(text);
  }
  return { contacts, wrong };
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
