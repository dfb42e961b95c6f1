import { userInfo } from 'node:os';
import { formatAddress } from '#shared/mail/address.ts';
import { MailError } from '#shared/mail-error.ts';
import { encodeWords } from '../core/message/encode-words.ts';

/** What a caller of `sendmail` said beside the message. */
export interface SpoolEnvelope {
  /** From the command line. */
  readonly recipients: string[];
  /** `-t`: those in To, Cc and Bcc as well; of a resent message those of its Resent fields instead. */
  readonly readHeader: boolean;
  /** `-f`; '' for the null reverse-path. */
  readonly reversePath?: string;
  /** `-F`: the name for a From field that is missing. */
  readonly fullName?: string;
}

/** The message and envelope as they can be queued; what is undefined is read from the message. */
export interface ResolvedEnvelope {
  readonly bytes: Buffer;
  readonly reversePath?: string;
  readonly forwardPaths?: string[];
}

/**
 * Makes what programs of the machine send (cron, git, mutt) fit for the world: a From field that is missing or has no
 * domain (`root (Cron Daemon)`) gets the user's own address, and so do recipients without one, since there is no local
 * delivery here. Everything else stays as it is. `home`: the user's main address. Throws EINVALID.
 */
export function resolveEnvelope(message: Buffer, envelope: SpoolEnvelope, home: string | undefined): ResolvedEnvelope {
  const fields = readFields(message);
  const qualify = (mailbox: string): string => (mailbox.includes('@') ? mailbox : homeOr(home, mailbox));
  const again = newestResent(fields);
  const named = namedIn(fields, again);
  const asked = [...envelope.recipients, ...(envelope.readHeader ? named : [])];
  if (asked.length === 0) throw new MailError('EINVALID', 'The message names nobody to send it to.');
  // Left to the core's own reader where there is nothing to add.
  const isPlain =
    again === undefined && envelope.recipients.length === 0 && named.every((mailbox) => mailbox.includes('@'));
  const reversePath = envelope.reversePath ?? (envelope.readHeader ? again?.sender : undefined);
  return {
    bytes: withFrom(message, fields, envelope, qualify),
    reversePath: reversePath === undefined || reversePath === '' ? reversePath : qualify(reversePath),
    forwardPaths: isPlain ? undefined : [...new Set(asked.map(qualify))],
  };
}

function namedIn(fields: readonly Field[], again = newestResent(fields)): string[] {
  if (again !== undefined) return again.recipients;
  return fields.filter(({ name }) => name === 'to' || name === 'cc' || name === 'bcc').flatMap(mailboxesOf);
}

interface Resent {
  readonly recipients: string[];
  /** Who resends it: Resent-Sender, or the first of Resent-From. */
  readonly sender: string | undefined;
}

const trace: ReadonlySet<string> = new Set(['received', 'return-path', 'delivered-to']);

/**
 * The newest block of Resent fields, when it names recipients: these and nobody else get the message (RFC 5322 §3.6.6).
 * Blocks are put on top of each other, each with each field once, so the newest ends at the first field that comes again,
 * or that was added on the way. Postfix's sendmail takes the recipients of all blocks, and so mails those of earlier
 * journeys once more; like msmtp, we do not.
 */
function newestResent(fields: readonly Field[]): Resent | undefined {
  const block = new Map<string, Field>();
  for (const field of fields) {
    if (block.size > 0 && (trace.has(field.name) || block.has(field.name))) break;
    if (field.name.startsWith('resent-')) block.set(field.name, field);
  }
  const mailboxes = (name: string): string[] => {
    const field = block.get(name);
    return field === undefined ? [] : mailboxesOf(field);
  };
  const recipients = ['resent-to', 'resent-cc', 'resent-bcc'].flatMap(mailboxes);
  if (recipients.length === 0) return undefined;
  return { recipients, sender: mailboxes('resent-sender')[0] ?? mailboxes('resent-from')[0] };
}

/** Whether anybody is named to send it to; asked before a message is taken at all. */
export function hasRecipient(message: Buffer, { recipients, readHeader }: SpoolEnvelope): boolean {
  return recipients.length > 0 || (readHeader && namedIn(readFields(message)).length > 0);
}

function homeOr(home: string | undefined, mailbox: string): string {
  if (home !== undefined) return home;
  throw new MailError(
    'EINVALID',
    `“${mailbox}” has no domain, and there is no identity whose address could stand for it.`,
  );
}

function withFrom(
  message: Buffer,
  fields: readonly Field[],
  { reversePath, fullName }: SpoolEnvelope,
  qualify: (mailbox: string) => string,
): Buffer {
  const from = fields.find(({ name }) => name === 'from');
  if (from === undefined) {
    const given = reversePath === undefined || reversePath === '' ? userInfo().username : reversePath;
    const field = addressField(oneLine(fullName ?? ''), qualify(given));
    return Buffer.concat([Buffer.from(`From: ${field}\r\n`), message]);
  }
  const mailboxes = mailboxesOf(from);
  if (mailboxes.some((mailbox) => mailbox.includes('@'))) return message;
  const field = addressField(oneLine(from.value), qualify(mailboxes[0] ?? userInfo().username));
  return Buffer.concat([
    message.subarray(0, from.start),
    Buffer.from(`From: ${field}\r\n`),
    message.subarray(from.end),
  ]);
}

/** A name beyond ASCII goes as RFC 2047 has it: not every server takes a header of 8 bits. */
function addressField(name: string, mailbox: string): string {
  return /^[ -~]*$/.test(name) ? formatAddress({ displayName: name, mailbox }) : `${encodeWords(name)} <${mailbox}>`;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}

interface Field {
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const longestHeader = 1 << 20;

/**
 * An mbox's From_ line, by its time of day: text of its own may begin with the same word. Deliverers quote it (`>From `).
 */
export const envelopeLine = /^>?From [^\n]*\d\d?:\d\d[^\n]*\n/;

/** Whether the message begins with a header, and not with its text. */
export function hasHeader(message: Buffer): boolean {
  return readFields(message).length > 0;
}

/** Whether the message has this field. */
export function hasField(message: Buffer, name: string): boolean {
  return readFields(message).some((field) => field.name === name);
}

/** The first mailbox of the From field; '' where there is none. */
export function senderIn(message: Buffer): string {
  const from = readFields(message).find(({ name }) => name === 'from');
  return from === undefined ? '' : (mailboxesOf(from)[0] ?? '');
}

/** The value of the first field of this name, unfolded. */
export function fieldValue(message: Buffer, name: string): string | undefined {
  return readFields(message)
    .find((field) => field.name === name)
    ?.value.trim();
}

/** The header's fields with where they stand (RFC 5322 §2.2), up to the first line that is none. */
function readFields(message: Buffer): Field[] {
  const text = message.toString('latin1', 0, longestHeader);
  const fields: Field[] = [];
  const pattern = /([!-9;-~]+)[ \t]*:((?:[^\n]|\n[ \t])*)(?:\n|$)/y;
  // An mbox's From_ line may stand before it all.
  pattern.lastIndex = envelopeLine.exec(text)?.[0].length ?? 0;
  for (;;) {
    const start = pattern.lastIndex;
    const found = pattern.exec(text);
    if (found === null) return fields;
    const [, name = '', value = ''] = found;
    fields.push({
      name: name.toLowerCase(),
      value: decoded(value.replaceAll('\r', '')),
      start,
      end: pattern.lastIndex,
    });
  }
}

/** RFC 6532: what is beyond ASCII in a header is UTF-8; what is not that stays legible, octet by octet. */
function decoded(octets: string): string {
  const text = Buffer.from(octets, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? octets : text;
}

/** The mailboxes of an address list, without names, comments and groups (RFC 5322 §3.4), in one pass. */
function mailboxesOf({ value }: Field): string[] {
  const found: string[] = [];
  let piece = '';
  let angled: string | undefined;
  let place: 'plain' | 'quoted' | 'angle' = 'plain';
  let quotedFrom = 0;
  let comments = 0;
  const take = (): void => {
    const mailbox = (angled ?? piece).trim();
    if (mailbox !== '' && (angled !== undefined || !/\s/.test(mailbox.replace(/^"[^"]*"(?=@)/, ''))))
      found.push(mailbox);
    piece = '';
    angled = undefined;
    place = 'plain';
  };
  for (let at = 0; at < value.length; at++) {
    const character = value[at] ?? '';
    if (character === '\\' && (place === 'quoted' || comments > 0)) at++;
    else if (place === 'quoted') {
      if (character === '"') {
        place = 'plain';
        // A quoted local part; else it is a name.
        if (value[at + 1] === '@') piece += value.slice(quotedFrom, at + 1);
      }
    } else if (character === '(') comments++;
    else if (comments > 0) comments -= character === ')' ? 1 : 0;
    else if (place === 'angle') {
      if (character === '>') place = 'plain';
      else angled = `${angled ?? ''}${character}`;
    } else if (character === '"') {
      place = 'quoted';
      quotedFrom = at;
    } else if (character === '<') {
      place = 'angle';
      angled = '';
    } else if (character === ',' || character === ';') take();
    else if (character === ':') piece = '';
    else piece += character;
  }
  take();
  return found;
}
