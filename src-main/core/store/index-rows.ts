import { z } from 'zod';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import { Address } from '#shared/mail/address.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { MessageOutline } from '../outline.ts';
import type { SubDirectory } from './maildir.ts';
import { lettersToFlags } from './maildir-names.ts';
import { integer, type Row, text } from './sql.ts';

/** How many recipients a list row shows, and how many people of one message completion learns. */
const shownRecipients = 5;
const learnedPeople = 100;

/** A message as the index is told of it. */
export interface NewRow {
  readonly messageKey: MessageKey;
  readonly sub: SubDirectory;
  readonly fileName: string;
  readonly letters: string;
  readonly sizeOctets: number;
  readonly digest: string;
  /** Used where the message has no readable date. */
  readonly receivedAt: number;
  readonly tags: readonly string[];
  readonly outline: MessageOutline;
}

/** What the engine needs to find the file again. */
export interface StoredRow {
  readonly id: number;
  readonly messageKey: MessageKey;
  readonly folderId: number;
  readonly sub: SubDirectory;
  readonly fileName: string;
  readonly letters: string;
  readonly sizeOctets: number;
}

const Addresses = z.array(Address);
const Strings = z.array(z.string());

export const summaryColumns = `m.key, m.letters, m.size, m.date, m.subject, m.from_name, m.from_mailbox, m.recipients,
  m.snippet, m.has_attachments, m.is_malformed, m.tags, f.path`;

export function toSummary(row: Row): MessageSummary {
  const recipients = text(row, 'recipients');
  const tags = text(row, 'tags');
  return {
    messageKey: MessageKey.parse(row.key),
    folder: FolderPath.parse(row.path),
    subject: text(row, 'subject'),
    from: { displayName: text(row, 'from_name'), mailbox: text(row, 'from_mailbox') },
    to: recipients === '[]' ? [] : Addresses.parse(JSON.parse(recipients)),
    date: new Date(integer(row, 'date')).toISOString(),
    sizeOctets: integer(row, 'size'),
    flags: lettersToFlags(text(row, 'letters')),
    tags: tags === '[]' ? [] : Strings.parse(JSON.parse(tags)),
    snippet: text(row, 'snippet'),
    hasAttachments: integer(row, 'has_attachments') === 1,
    // A beginning ends in the middle of its structure; that is no damage.
    isMalformed: integer(row, 'is_malformed') === 1 && !isBeginning(text(row, 'key')),
  };
}

export function toStoredRow(row: Row): StoredRow {
  return {
    id: integer(row, 'id'),
    messageKey: MessageKey.parse(row.key),
    folderId: integer(row, 'folder_id'),
    sub: integer(row, 'is_new') === 1 ? 'new' : 'cur',
    fileName: text(row, 'file_name'),
    letters: text(row, 'letters'),
    sizeOctets: integer(row, 'size'),
  };
}

export function shownTo(outline: MessageOutline): Address[] {
  return outline.to.slice(0, shownRecipients).map(({ displayName, mailbox }) => ({ displayName, mailbox }));
}

/** From, To and Cc once each, addresses in lower case. */
export function peopleOf(outline: MessageOutline): Address[] {
  const people = new Map<string, Address>();
  for (const { displayName, mailbox } of [...outline.from, ...outline.to, ...outline.cc]) {
    const key = mailbox.toLowerCase();
    if (!/^[^\s@]+@[^\s@]+$/.test(key) || people.size >= learnedPeople) continue;
    if ((people.get(key)?.displayName ?? '') === '') people.set(key, { displayName: displayName.trim(), mailbox: key });
  }
  return [...people.values()];
}

/** The latest moment a `Date` can print with four digits of year; what lies outside is taken as unreadable. */
const latest = Date.UTC(9999, 11, 31);

/** The date a row is sorted by. */
export function rowDate(row: NewRow): number {
  const { date } = row.outline;
  if (date !== null && Number.isFinite(date) && date > -latest / 4 && date < latest) return Math.round(date);
  return Math.round(row.receivedAt);
}

/** Lower case without diacritics, as completion compares. */
export function fold(value: string): string {
  return value
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .toLowerCase();
}
