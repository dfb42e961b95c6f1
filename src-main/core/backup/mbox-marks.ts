import type { Flag } from '#shared/mail/message.ts';
import { decodeHeaderText } from '../message/encoded-words.ts';
import { bookkeepingEnd } from './sources/bookkeeping.ts';

/** What the fields that mail programs leave in their mboxes say of a message. */
export interface MboxMarks {
  readonly flags: Flag[];
  /** Keywords of Thunderbird's as they stand there (`$label1`), for its preferences to name. */
  readonly mozillaKeys: string[];
  /** Keywords of Dovecot, mutt and this program. */
  readonly keywords: string[];
  /** The value of X-Gmail-Labels, `latin1`, unfolded. */
  readonly gmailLabels: string | undefined;
  /** Thunderbird keeps its own field in every message of its files. */
  readonly hasMozillaStatus: boolean;
  /** Thunderbird: deleted, and only waiting to be compacted away (or to be expunged on its server). */
  readonly isExpunged: boolean;
  /** Thunderbird: only the beginning was fetched. */
  readonly isPartial: boolean;
}

const longestHeader = 256 * 1024;

/** Bits of X-Mozilla-Status and X-Mozilla-Status2 (Thunderbird's nsMsgMessageFlags). */
const mozilla = { read: 0x1, replied: 0x2, marked: 0x4, expunged: 0x8, partial: 0x400, forwarded: 0x1000 } as const;
const mozilla2 = { imapDeleted: 0x200000, labels: 0x0e000000 } as const;

/** Reads Status, X-Status and X-Keywords (mutt, Dovecot, UW), Thunderbird's and Gmail's fields from a message's header. */
export function readMboxMarks(bytes: Buffer): MboxMarks {
  const header = headerOf(bytes);
  const status = wordOf(header, 'Status') + wordOf(header, 'X-Status');
  const mozillaStatus = wordOf(header, 'X-Mozilla-Status');
  const bits = Number.parseInt(mozillaStatus, 16) || 0;
  const bits2 = mozillaStatus === '' ? 0 : Number.parseInt(wordOf(header, 'X-Mozilla-Status2'), 16) || 0;
  const flags = new Set<Flag>();
  if (status.includes('R') || (bits & mozilla.read) !== 0) flags.add('seen');
  if (status.includes('A') || (bits & mozilla.replied) !== 0) flags.add('answered');
  if (status.includes('F') || (bits & mozilla.marked) !== 0) flags.add('flagged');
  if (status.includes('T')) flags.add('draft');
  if (status.includes('P') || (bits & mozilla.forwarded) !== 0) flags.add('forwarded');
  return {
    flags: [...flags],
    mozillaKeys: mozillaStatus === '' ? [] : mozillaKeysOf(header, bits2),
    keywords: wordsIn(fieldOf(header, 'X-Keywords')).map(decodeHeaderText),
    gmailLabels: fieldOf(header, 'X-Gmail-Labels'),
    hasMozillaStatus: mozillaStatus !== '',
    isExpunged: (bits & mozilla.expunged) !== 0 || (bits2 & mozilla2.imapDeleted) !== 0,
    isPartial: (bits & mozilla.partial) !== 0,
  };
}

/** Labels of old versions stand in three bits; the keywords replaced them. */
function mozillaKeysOf(header: string, bits2: number): string[] {
  const keys = wordsIn(fieldOf(header, 'X-Mozilla-Keys'));
  const label = (bits2 & mozilla2.labels) >>> 25;
  const key = `$label${label}`;
  return label === 0 || keys.includes(key) ? keys : [...keys, key];
}

function headerOf(bytes: Buffer): string {
  const head = bytes.toString('latin1', 0, longestHeader);
  const end = /\r?\n\r?\n/.exec(head);
  return end === null ? head : head.slice(0, end.index + 1);
}

function wordOf(header: string, name: string): string {
  const found = new RegExp(`^${name}:[ \\t]*([\\w]{0,16})[ \\t]*\\r?$`, 'im').exec(header);
  return found?.[1] ?? '';
}

/** A field's value, unfolded; undefined when it is not there. */
function fieldOf(header: string, name: string): string | undefined {
  const found = new RegExp(`^${name}:([^\\n]*(?:\\n[ \\t][^\\n]*)*)`, 'im').exec(header);
  return found?.[1]?.replace(/\r?\n(?=[ \t])/g, '').trim();
}

function wordsIn(value: string | undefined): string[] {
  return (value ?? '').split(/[\s,]+/).filter((word) => word !== '');
}

/**
 * The fields that carry flags and tags in an mbox of ours, as mutt and Dovecot know them: always these three, so that
 * an import can tell them from the message's own and take them away. Empty when there is nothing to carry, unless the
 * message has such fields itself, which would be believed.
 */
export function marksBlock(message: { bytes: Buffer; flags: readonly Flag[]; tags: readonly string[] }): string {
  const { bytes, flags, tags } = message;
  if (flags.length === 0 && tags.length === 0 && !hasMarks(bytes)) return '';
  const status = flags.includes('seen') ? 'RO' : 'O';
  const more = [
    ['A', 'answered'],
    ['F', 'flagged'],
    ['T', 'draft'],
    ['P', 'forwarded'],
  ].flatMap(([letter, flag]) => (flags.some((has) => has === flag) ? [letter] : []));
  return `Status: ${status}\nX-Status: ${more.join('')}\nX-Keywords: ${tags.map(keywordOf).join(' ')}\n`;
}

function hasMarks(bytes: Buffer): boolean {
  const own = readMboxMarks(bytes);
  const hasFields = own.hasMozillaStatus || own.gmailLabels !== undefined;
  return hasFields || own.flags.length > 0 || own.keywords.length > 0 || bookkeepingEnd(bytes, 'postrider') > 0;
}

/**
 * A tag as one atom: an encoded word (RFC 2047) where it holds what an atom cannot. Also what IMAP keywords may be. Those
 * that begin with `$` are the programs' own, and are not taken for tags when they come in.
 */
export function keywordOf(tag: string): string {
  if (!tag.startsWith('$') && /^[!#$&'+\-./0-9:;<>@A-Z[^_`a-z|}~]+$/.test(tag)) return tag;
  const octets = Buffer.from(tag).toString('latin1');
  const quoted = octets.replace(
    /[^A-Za-z0-9!+\-/]/g,
    (character) => `=${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return `=?UTF-8?Q?${quoted}?=`;
}
