import { createHash } from 'node:crypto';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import type { Flag } from '#shared/mail/message.ts';
import { MailError } from '#shared/mail-error.ts';

/** The names of a Maildir: flags and keys in file names, folders in directory names. Pure. */

/** https://cr.yp.to/proto/maildir.html: letters after `:2,` in ASCII order. */
const letterOf: Readonly<Record<Flag, string>> = {
  draft: 'D',
  flagged: 'F',
  forwarded: 'P',
  answered: 'R',
  seen: 'S',
  deleted: 'T',
};
const flagEntries: readonly (readonly [Flag, string])[] = [
  ['draft', 'D'],
  ['flagged', 'F'],
  ['forwarded', 'P'],
  ['answered', 'R'],
  ['seen', 'S'],
  ['deleted', 'T'],
];

export function flagsToLetters(flags: readonly Flag[]): string {
  return [...new Set(flags.map((flag) => letterOf[flag]))].sort().join('');
}

export function lettersToFlags(letters: string): Flag[] {
  return flagEntries.filter(([, letter]) => letters.includes(letter)).map(([flag]) => flag);
}

/** Letters of other programs (Dovecot keeps keywords as a to z) stay where they are. */
export function changeLetters(letters: string, add: readonly Flag[], remove: readonly Flag[]): string {
  const set = new Set(letters);
  for (const flag of add) set.add(letterOf[flag]);
  for (const flag of remove) set.delete(letterOf[flag]);
  return [...set].sort().join('');
}

export type FlagSeparator = ':' | ';';

export interface FileName {
  readonly messageKey: MessageKey;
  readonly letters: string;
}

/** Reads a name found in `new/` or `cur/`; null for what is no message (dot files). Both separators are understood. */
export function parseFileName(name: string): FileName | null {
  if (name.startsWith('.')) return null;
  const match = /^(.*?)[:;]2,([^:;]*)$/s.exec(name);
  const unique = match?.[1] ?? name;
  const key = MessageKey.safeParse(unique);
  if (key.success) return { messageKey: key.data, letters: match?.[2] ?? '' };
  // A legal name that cannot be a key (too long, a stray colon) is known by its digest; the file keeps its name.
  const digest = createHash('sha256').update(unique).digest('hex').slice(0, 40);
  return { messageKey: MessageKey.parse(`name-${digest}`), letters: match?.[2] ?? '' };
}

/** The digest that ends our keys; null for names other programs gave. */
export function digestInKey(messageKey: MessageKey): string | null {
  return /^[0-9a-f]{32}-([0-9a-f]{16})$/.exec(messageKey)?.[1] ?? null;
}

/** The unique part of a file name as it stands on disk. */
export function uniqueName(name: string): string {
  return /^(.*?)[:;]2,[^:;]*$/s.exec(name)?.[1] ?? name;
}

/** No flags and never seen: `new/`, without an info part; anything else: `cur/`. */
export function fileNameFor(unique: string, letters: string, separator: FlagSeparator): string {
  return `${unique}${separator}2,${letters}`;
}

/** What cannot stand in a name: Maildir++ separates by `.`; Windows forbids the others, and a Mail folder may be copied there. */
const unsafeCharacters = new Set('./\\:*?"<>|');

/** The private-use block other file systems (SFM, Samba, Cygwin) use for such characters as well. */
const substituteBlock = 0xf000;
const substitutes = /[\uf000-\uf0ff]/;

/** Stands in for a character that cannot or must not be written as itself: still proper modified UTF-7 for Dovecot. */
function substitute(character: string): string {
  return String.fromCharCode(substituteBlock + character.charCodeAt(0));
}

/** RFC 3501 §5.1.3: UTF-16BE in base64 with `,` for `/` and no padding, between `&` and `-`. */
function shifted(text: string): string {
  const bytes = Buffer.from(text, 'utf16le').swap16();
  return `&${bytes.toString('base64').replaceAll('=', '').replaceAll('/', ',')}-`;
}

/**
 * One segment of a folder's path as modified UTF-7, what Dovecot expects in a Maildir++ directory name. Characters that
 * cannot stand in a name (`.`, `:`) are written as substitutes, and so are those `alsoSubstitute` picks, to tell names
 * apart that differ only in case. `decodeSegment` gives back the exact text.
 */
export function encodeSegment(segment: string, alsoSubstitute: (at: number) => boolean = () => false): string {
  let out = '';
  let run = '';
  segment.split('').forEach((character, at) => {
    const isAtEdge = at === 0 || at === segment.length - 1;
    const isUnsafe = unsafeCharacters.has(character) || (character === ' ' && isAtEdge);
    if (isUnsafe || (alsoSubstitute(at) && character >= ' ' && character <= '~')) run += substitute(character);
    // One that is really meant is marked by the block's first character.
    else if (substitutes.test(character)) run += String.fromCharCode(substituteBlock) + character;
    else if (character < ' ' || character > '~') run += character;
    else {
      if (run !== '') out += shifted(run);
      run = '';
      out += character === '&' ? '&-' : character;
    }
  });
  return run === '' ? out : out + shifted(run);
}

export function decodeSegment(encoded: string): string {
  const text = encoded.replace(/&([A-Za-z0-9+,]*)-/g, (whole, base64: string) => {
    if (base64 === '') return '&';
    const bytes = Buffer.from(base64.replaceAll(',', '/'), 'base64');
    return bytes.length === 0 || bytes.length % 2 !== 0 ? whole : bytes.swap16().toString('utf16le');
  });
  return text.replace(
    /\uf000([\uf000-\uf0ff])|([\uf001-\uf0ff])/g,
    (_whole, meant: string | undefined, stand: string) =>
      meant === undefined ? String.fromCharCode(stand.charCodeAt(0) - substituteBlock) : meant,
  );
}

const inbox = 'Inbox';

/**
 * The directory of a folder below the Mail folder: '' for the Inbox (the root itself), else `.Archive.2024`.
 * `taken` are the other folders' directories; a name that clashes with one when case is ignored is written another way.
 * Throws EINVALID when the name is too long for a file system.
 */
export function folderDirectory(folder: string, taken: Iterable<string>): string {
  if (folder === inbox) return '';
  const used = new Set(['.inbox', ...[...taken].map((name) => name.toLowerCase())]);
  for (const name of candidates(folder)) {
    if (used.has(name.toLowerCase())) continue;
    if (Buffer.byteLength(name) > 250)
      throw new MailError('EINVALID', 'This folder name is too long. Choose a shorter one; no mail was changed.');
    return name;
  }
  throw new MailError('EINVALID', 'Too many folders have this name in other letters. Choose another name.');
}

function* candidates(folder: string): Generator<string> {
  const segments = folder.split('/');
  const last = segments.at(-1) ?? '';
  const parents = segments.slice(0, -1).map((segment) => encodeSegment(segment));
  const join = (name: string): string => `.${[...parents, name].join('.')}`;
  yield join(encodeSegment(last));
  yield join(encodeSegment(last, () => true));
  for (let at = 0; at < Math.min(last.length, 60); at++) yield join(encodeSegment(last, (index) => index === at));
  // A parent that differs only in case ("a/x" beside "A/x") is told apart the same way.
  const all = segments.map((segment) => encodeSegment(segment, () => true));
  yield `.${all.join('.')}`;
}

/** The folder a directory stands for; null when it cannot be one. Raw non-ASCII names are taken as they are. */
export function folderOfDirectory(directory: string): FolderPath | null {
  if (directory === '') return FolderPath.parse(inbox);
  if (!directory.startsWith('.') || directory.startsWith('..')) return null;
  const path = directory
    .slice(1)
    .split('.')
    .map((segment) => decodeSegment(segment).replaceAll('/', '∕'))
    .join('/');
  const parsed = FolderPath.safeParse(path);
  return parsed.success && parsed.data !== inbox ? parsed.data : null;
}
