import type { Address } from './address.ts';

/** What a list of addresses holds, and what in it could not be read as one (joined by `, `; '' when all was read). */
export interface AddressList {
  readonly addresses: Address[];
  readonly rest: string;
}

/**
 * Reads addresses as people and programs write them: RFC 5322 §3.4 and §4.4 (routes, comments, empty items), groups
 * (their members are taken, the group's name is not), `;` between addresses, names without quotes, the comment as the
 * name (`a@b (Ann)`), a missing `>`. Never throws; time is linear in the length. Encoded words are left as they are:
 * who reads a header decodes `displayName` afterwards.
 */
export function parseAddressList(text: string): AddressList {
  const reader: Reader = { text, at: 0, hasQuote: true, hasComment: true };
  const addresses: Address[] = [];
  const unread: string[] = [];
  let item = emptyItem();
  const finish = () => {
    const address = toAddress(item);
    if (address !== null) addresses.push(address);
    else if (item.words.length > 0 || item.comments.length > 0) {
      unread.push([...item.words.map(({ value }) => value), ...item.comments.map((c) => `(${c})`)].join(' '));
    }
    item = emptyItem();
  };
  while (reader.at < text.length) {
    const character = text.charAt(reader.at);
    if (character === ',' || character === ';') {
      finish();
      reader.at += 1;
    } else if (character === ':' && !item.words.some(({ isAddress }) => isAddress) && item.angle === null) {
      // RFC 5322 §3.4: what stands before the colon names a group.
      item = emptyItem();
      reader.at += 1;
    } else if (character === '<') {
      if (item.angle !== null) finish();
      item.angle = readAngle(reader);
    } else readPiece(reader, item);
  }
  finish();
  return { addresses, rest: unread.join(', ') };
}

interface Reader {
  readonly text: string;
  at: number;
  /** False once an opening mark was seen to have no end: later ones have none either, so nothing is read twice. */
  hasQuote: boolean;
  hasComment: boolean;
}

interface Word {
  readonly value: string;
  readonly isAddress: boolean;
}

interface Item {
  words: Word[];
  comments: string[];
  angle: string | null;
}

function emptyItem(): Item {
  return { words: [], comments: [], angle: null };
}

function readPiece(reader: Reader, item: Item): void {
  const character = reader.text.charAt(reader.at);
  if (isSpace(character) || character === '>' || character === ')') {
    reader.at += 1;
    return;
  }
  if (character === '(' && reader.hasComment) {
    const comment = readComment(reader);
    if (comment !== null) {
      if (comment !== '') item.comments.push(comment);
      return;
    }
  }
  const start = reader.at;
  const word = readWord(reader);
  if (word.value !== '') item.words.push(word);
  // A mark that ends a word, where no word was: a stray colon, for example. Passed over, so that it always goes on.
  if (reader.at === start) reader.at += 1;
}

const encodedWord = /=\?[^?\s]{1,100}\?[bq]\?[^?]{0,10000}\?=/iy;

/** A run of atoms, quoted strings and domain literals without white space between: `"a b"@c`, `=?utf-8?q?x?=`, `Doe`. */
function readWord(reader: Reader): Word {
  const { text } = reader;
  let value = '';
  let bare = '';
  let isAddress = false;
  while (reader.at < text.length) {
    const character = text.charAt(reader.at);
    if (character === '"' && reader.hasQuote) {
      const quoted = readQuoted(reader);
      if (quoted !== null) {
        value += quoted;
        bare += `"${quoted.replace(/[\\"]/g, '\\$&')}"`;
        continue;
      }
    }
    if (character === '=' && text.charAt(reader.at + 1) === '?') {
      // A comma inside an encoded word is wrong (RFC 2047 §5) and common; it is not an end.
      encodedWord.lastIndex = reader.at;
      const found = encodedWord.exec(text)?.[0];
      if (found !== undefined) {
        value += found;
        bare += found;
        reader.at += found.length;
        continue;
      }
    }
    const length = character === '[' && isAddress ? literalLength(text, reader.at) : 1;
    if (length === 1 && endsWord(character, reader, isAddress)) break;
    const piece = text.slice(reader.at, reader.at + length);
    if (character === '@' && bare !== '') isAddress = true;
    value += piece;
    bare += piece;
    reader.at += length;
  }
  return { value: isAddress ? bare : value, isAddress };
}

function endsWord(character: string, reader: Reader, isAddress: boolean): boolean {
  if (isSpace(character) || character === ',' || character === ';' || character === '<' || character === '>')
    return true;
  if (character === '(') return reader.hasComment;
  return character === ':' && !isAddress;
}

/** RFC 5322 §3.4.1 `domain-literal`, for example `[IPv6:2001:db8::1]`. Bounded, so that a row of `[` costs nothing. */
function literalLength(text: string, at: number): number {
  const end = text.slice(at, at + 80).indexOf(']');
  return end < 0 ? 1 : end + 1;
}

function readQuoted(reader: Reader): string | null {
  const { text } = reader;
  let value = '';
  for (let at = reader.at + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') {
      reader.at = at + 1;
      return value;
    }
    if (character === '\\' && at + 1 < text.length) {
      at += 1;
      value += text.charAt(at);
    } else value += character;
  }
  reader.hasQuote = false;
  return null;
}

/** RFC 5322 §3.2.2: comments nest. */
function readComment(reader: Reader): string | null {
  const { text } = reader;
  let depth = 0;
  let value = '';
  for (let at = reader.at; at < text.length; at += 1) {
    let character = text.charAt(at);
    if (character === '(') {
      depth += 1;
      if (depth === 1) continue;
    } else if (character === ')') {
      depth -= 1;
      if (depth === 0) {
        reader.at = at + 1;
        return squeeze(value);
      }
    } else if (character === '\\' && at + 1 < text.length) {
      at += 1;
      character = text.charAt(at);
    }
    value += character;
  }
  reader.hasComment = false;
  return null;
}

/** What stands between `<` and `>`; where `>` is missing, up to the first white space, comma or semicolon. */
function readAngle(reader: Reader): string {
  const { text } = reader;
  const start = reader.at + 1;
  let at = start;
  while (at < text.length && text.charAt(at) !== '>' && text.charAt(at) !== '<') {
    if (text.charAt(at) === '"' && reader.hasQuote) {
      reader.at = at;
      if (readQuoted(reader) !== null) {
        at = reader.at;
        continue;
      }
    }
    at += 1;
  }
  if (text.charAt(at) === '>') {
    reader.at = at + 1;
    return withoutRoute(text.slice(start, at));
  }
  const open = text.slice(start, at);
  const end = open.search(/[\s,;]/);
  reader.at = end < 0 ? at : start + end;
  return withoutRoute(end < 0 ? open : open.slice(0, end));
}

/** RFC 5322 §4.4: `<@relay,@relay2:local@domain>`; the route is dropped, as is `mailto:`. White space around is no part. */
function withoutRoute(text: string): string {
  const bare = text.includes('"') ? text.trim() : text.replace(/\s+/g, '');
  if (/^mailto:/i.test(bare)) return bare.slice('mailto:'.length);
  if (!bare.startsWith('@')) return bare;
  const colon = bare.indexOf(':');
  return colon < 0 ? bare : bare.slice(colon + 1).trim();
}

function toAddress(item: Item): Address | null {
  const nameOf = (words: Word[]) => squeeze(words.map(({ value }) => value).join(' ')) || item.comments.join(' ');
  if (item.angle !== null && item.angle !== '') return { displayName: nameOf(item.words), mailbox: item.angle };
  const mailbox = joinedMailbox(item.words);
  if (mailbox === null) return null;
  return { displayName: nameOf(mailbox.others), mailbox: mailbox.value };
}

/** The word with the `@`; or, as RFC 5322 §4.4 allows, one with white space around its `@` and dots. */
function joinedMailbox(words: Word[]): { value: string; others: Word[] } | null {
  const found = words.findIndex(({ value, isAddress }) => isAddress && !value.endsWith('@'));
  if (found >= 0) {
    const value = words[found]?.value ?? '';
    return { value: value.replace(/^mailto:/i, ''), others: words.filter((_, index) => index !== found) };
  }
  const joined = words.map(({ value }) => value).join('');
  const isSpaced = words.length > 1 && words.length < 20 && /^[^@\s]+@[^@\s]+$/.test(joined);
  return isSpaced && words.some(({ value }) => value === '@' || /^[.@]|[.@]$/.test(value))
    ? { value: joined, others: [] }
    : null;
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r' || character === '\u00a0';
}

/** What looks like a mailbox in a field that need not be a list of addresses. Word by word: no hostile text costs more. */
export function mailboxesIn(value: string): string[] {
  return value.split(/[\s<>,;:"()]+/).filter((word) => {
    const at = word.indexOf('@', 1);
    return at > 0 && at < word.length - 1;
  });
}
