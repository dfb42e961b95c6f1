import { hash } from 'node:crypto';
import { type AccountId, MessageKey } from '#shared/ids.ts';
import { beginningName } from '#shared/mail/beginning.ts';

/** How a collected message is recognised: by its key here, by its unique-id there, or by a digest of its header. */

/**
 * The key of a collected message: 32 hex digits of SHA-256(account id, unique-id), `-`, 16 hex digits of
 * SHA-256(bytes). The pair is hashed as the account id, one NUL, the unique-id, in UTF-8: an account id never holds a
 * NUL, so no two pairs give the same octets. For mail without a unique-id its digest id stands in the place.
 */
export function messageKeyOf(accountId: AccountId, uniqueId: string, bytesSha256: string): MessageKey {
  return MessageKey.parse(`${keyPrefixOf(accountId, uniqueId)}-${bytesSha256.slice(0, 16)}`);
}

/** The key of a message that lies here by its beginning only: `bytesSha256` is that of the beginning. */
export function beginningKeyOf(
  accountId: AccountId,
  uniqueId: string,
  bytesSha256: string,
  wholeOctets: number,
): MessageKey {
  return MessageKey.parse(beginningName(messageKeyOf(accountId, uniqueId, bytesSha256), wholeOctets));
}

/** The part of a key that tells the account and the unique-id. */
export function keyPrefixOf(accountId: AccountId, uniqueId: string): string {
  return hash('sha256', `${accountId}\0${uniqueId}`, 'hex').slice(0, 32);
}

export function sha256Of(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** A unique-id holds no space (RFC 1939 §7), so what we make ourselves is hardly ever taken for one. */
const digestMark = 'digest ';

/**
 * Stands in for the unique-id on a server without UIDL: header digest and LIST octets, both without Status and its kind.
 * Some servers do not count these fields: then a message may be known by the octets as listed, and keeps that id.
 */
export function digestIdOf(
  { digest, ignoredOctets }: HeaderFacts,
  listedOctets: number,
  isKnown: (id: string) => boolean = () => false,
): string {
  const without = `${digestMark}${digest}.${listedOctets - ignoredOctets}`;
  const asListed = `${digestMark}${digest}.${listedOctets}`;
  return isKnown(asListed) && !isKnown(without) ? asListed : without;
}

export function isDigestId(uniqueId: string): boolean {
  return uniqueId.startsWith(digestMark);
}

/**
 * Gives the second and later messages of one listing that share an id an id of their own: two entries in one listing
 * are two messages, even with equal bytes.
 */
export function createOrdinals(): (id: string) => string {
  const seen = new Map<string, number>();
  const given = new Set<string>();
  return (id) => {
    // An id that was not given yet was not seen either.
    if (!given.has(id)) {
      given.add(id);
      return id;
    }
    let count = seen.get(id) ?? 0;
    let name: string;
    do {
      count += 1;
      name = count === 1 ? id : `${id} ${count}`;
    } while (given.has(name));
    seen.set(id, count);
    given.add(name);
    return name;
  };
}

/** Fields that servers add or change while a message lies there. */
const ignoredField = /^(?:status|x-status|x-uid)[ \t]*:/i;
const headerAtMost = 256 * 1024;

/** SHA-256 of the header, hex, without Status, X-Status, X-UID; the same from TOP and from RETR. */
export function headerDigestOf(bytes: Uint8Array): string {
  return headerFactsOf(bytes).digest;
}

export interface HeaderFacts {
  readonly digest: string;
  /** Of the fields the digest leaves out, with their line ends. */
  readonly ignoredOctets: number;
}

export function headerFactsOf(bytes: Uint8Array): HeaderFacts {
  let kept = '';
  let ignoredOctets = 0;
  let isIgnored = false;
  for (const line of headerTextOf(bytes).split('\r\n')) {
    const isFolded = line.startsWith(' ') || line.startsWith('\t');
    if (!isFolded) isIgnored = ignoredField.test(line);
    if (isIgnored) ignoredOctets += line.length + 2;
    else kept += `${line}\n`;
  }
  return { digest: hash('sha256', Buffer.from(kept, 'latin1'), 'hex'), ignoredOctets };
}

/** The header as Latin-1 text, up to the first empty line; cut where it is unreasonably long. */
export function headerTextOf(bytes: Uint8Array): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, headerAtMost));
  if (view[0] === 13 && view[1] === 10) return '';
  const end = view.indexOf('\r\n\r\n');
  const text = view.toString('latin1', 0, end < 0 ? view.length : end);
  return end < 0 && text.endsWith('\r\n') ? text.slice(0, -2) : text;
}

/**
 * Whether `beginning` (as TOP gave it) is the start of `whole` (as RETR gave it): the same header, what servers change in it
 * aside, and every line of the body there is.
 */
export function isBeginningOf(beginning: Uint8Array, whole: Uint8Array): boolean {
  if (headerDigestOf(beginning) !== headerDigestOf(whole)) return false;
  const first = bodyOf(beginning);
  return first.equals(bodyOf(whole).subarray(0, first.length));
}

/** Whether two copies of a message differ in nothing but what servers change in a header while it lies there. */
export function isSameButStatus(one: Uint8Array, other: Uint8Array): boolean {
  return headerDigestOf(one) === headerDigestOf(other) && bodyOf(one).equals(bodyOf(other));
}

function bodyOf(bytes: Uint8Array): Buffer {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = view.indexOf('\r\n\r\n');
  return end < 0 ? view.subarray(view.length) : view.subarray(end + 4);
}
