import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { toDiskError } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import { decodeSegment } from '../../store/maildir-names.ts';
import type { Place } from '../found-mail.ts';
import { isGzip, unpackedHead } from '../gunzip.ts';
import { startOfFile } from '../read-octets.ts';
import { foreignFormat } from './foreign-format.ts';
import { linkLeadingOut, realPath } from './links.ts';
import { folderNameInSummary } from './mork-name.ts';
import type { NameTag } from './mozilla-tags.ts';
import { enter, nameOfSource, placeOfMbox, type Standing, start } from './place-of.ts';
import { fromOctets, onDisk, shown } from './raw-path.ts';

export type FileKind = 'mbox' | 'message' | 'emlx' | 'zip' | 'tar';

/** What is known of a place before its messages are read. */
interface Belonging {
  /** The account of the other program, where it keeps folders by account. */
  readonly account?: string;
  readonly place: Place;
  /** It lies in a profile of Thunderbird's. */
  readonly isThunderbirds?: boolean;
  readonly nameTag?: NameTag;
}

/** One file, or one directory of a Maildir, that holds mail. */
export type MailFile = Belonging &
  (
    | {
        readonly kind: FileKind;
        readonly path: string;
        readonly octets: number /** By gzip. */;
        readonly isPacked: boolean;
      }
    | {
        readonly kind: 'maildir';
        /** `cur` or `new`. */
        readonly path: string;
        readonly names: readonly string[];
        /** Dovecot's keywords, by their letters. */
        readonly keywords: ReadonlyMap<string, string>;
      }
  );

export type Walked = { kind: 'file'; file: MailFile } | { kind: 'failed'; source: string; error: MailError };

/** So much of a file says what it is: a tar says so in its first block. */
const headOctets = 4096;

export interface WalkOptions {
  readonly signal: AbortSignal;
  readonly belongs?: Omit<Belonging, 'place'>;
  /** Thunderbird's IMAP accounts write folder names in modified UTF-7. */
  readonly isImap?: boolean;
}

interface Within extends WalkOptions {
  /** The folder that was chosen, without links in its path. */
  readonly root: string;
}

/**
 * Everything at a path that holds mail: a file, or a tree of them in any order other programs keep. Only what concerns
 * the path itself is thrown (ENOTFOUND, EPERMISSION, EINVALID, EMALFORMED); what fails within is told.
 */
export async function* walkMail(path: string, options: WalkOptions): AsyncGenerator<Walked> {
  const found = await stat(path).catch((error: unknown) => {
    throw toDiskError(error, `read ${path}`);
  });
  if (found.isDirectory()) {
    yield* walkDirectory(path, await standingOfRoot(path), { ...options, root: (await realPath(path)) ?? path });
    return;
  }
  // A pipe or a device could keep us waiting for ever.
  if (!found.isFile()) throw new MailError('EINVALID', `${path} is neither a file nor a folder.`);
  const head = await startOfFile(path, headOctets).catch((error: unknown) => {
    throw toDiskError(error, `read ${path}`);
  });
  const { kind, isPacked } = kindOfFile(basename(path), head, 'given');
  if (kind === 'other')
    throw new MailError('EMALFORMED', foreignFormat(head) ?? `${path} does not look like mail: it has no header.`);
  const place = kind === 'mbox' ? [nameOfSource(shown(path))] : [];
  yield { kind: 'file', file: { ...options.belongs, kind, isPacked, path, place, octets: found.size } };
}

/** The files of a tree below `place`: a directory that is known to be folders. */
export async function* walkFolders(path: string, options: WalkOptions): AsyncGenerator<Walked> {
  yield* walkDirectory(path, start, { ...options, root: (await realPath(path)) ?? path });
}

/** A Maildir that is given itself is a folder of its name; with others below it (Maildir++), it is the Inbox. */
async function standingOfRoot(path: string): Promise<Standing> {
  const names: string[] = await readdir(path).catch(() => []);
  if (!names.includes('cur') || !names.includes('new')) return start;
  const hasFolders = names.some((name) => name.startsWith('.') && name.length > 1);
  return { ...start, place: [hasFolders ? 'Inbox' : nameOfSource(shown(path))] };
}

/** By name first: an `.eml` that begins with `From ` is still one message. A file met among others must be named like mail. */
function kindOfFile(name: string, head: Buffer, how: 'given' | 'met'): { kind: FileKind | 'other'; isPacked: boolean } {
  if (!isGzip(head)) return { kind: kindOfPlain(name, head, how), isPacked: false };
  const kind = /\.tgz$/i.test(name) ? 'tar' : kindOfPlain(name.replace(/\.gz$/i, ''), unpackedHead(head), how);
  // One archive within another is for other programs.
  return { kind: kind === 'zip' ? 'other' : kind, isPacked: true };
}

function kindOfPlain(name: string, head: Buffer, how: 'given' | 'met'): FileKind | 'other' {
  const extension = extname(name).toLowerCase();
  const text = head.toString('latin1');
  if (extension === '.eml') return 'message';
  if (extension === '.emlx') return 'emlx';
  if (/^PK(?:\x03\x04|\x05\x06|\x06\x06)/.test(text)) return 'zip';
  if (text.startsWith('ustar', 257) || extension === '.tar') return 'tar';
  if (/^(?:\xef\xbb\xbf)?[\r\n]*From /.test(text) || extension === '.mbox') return 'mbox';
  // MH keeps each message in a file named by a number; exports often end in .msg, .mail, .rfc822.
  const mayBeMessage =
    how === 'given' || /^\d+$/.test(name) || ['.msg', '.mail', '.rfc822', '.txt'].includes(extension);
  return mayBeMessage && /^[!-9;-~]+[ \t]*:/.test(text) ? 'message' : 'other';
}

async function* walkDirectory(path: string, standing: Standing, options: Within): AsyncGenerator<Walked> {
  let entries: { name: string; dirent: Dirent<Buffer> }[];
  try {
    const found = await readdir(onDisk(path), { withFileTypes: true, encoding: 'buffer' });
    entries = found.map((dirent) => ({ name: fromOctets(dirent.name), dirent }));
  } catch (error) {
    yield { kind: 'failed', source: path, error: toDiskError(error, `read ${path}`) };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(entries.map(({ name }) => name));
  // Thunderbird's Maildirs have no `new`.
  const isMaildir = names.has('cur') && (names.has('new') || names.has('tmp'));
  for (const { name, dirent } of entries) {
    options.signal.throwIfAborted();
    if (dirent.isSymbolicLink()) yield* walkLink(join(path, name), options);
    else if (dirent.isDirectory()) yield* walkSubDirectory({ path, name, names, isMaildir }, standing, options);
    else if (dirent.isFile() && !name.startsWith('.') && !isMaildir)
      yield* walkFile({ path, name, names }, standing, options);
  }
}

interface Entry {
  readonly path: string;
  readonly name: string;
  /** All names in the same directory. */
  readonly names: ReadonlySet<string>;
}

/** Links are not followed. What lies within comes in by its own name; what lies outside is told. */
async function* walkLink(path: string, { root }: Within): AsyncGenerator<Walked> {
  const target = await linkLeadingOut(path, root);
  if (target === null) return;
  const isMail =
    target.isDirectory || kindOfFile(basename(path), await startOfFile(path, headOctets), 'met').kind !== 'other';
  if (isMail) yield { kind: 'failed', source: path, error: target.error };
}

async function* walkSubDirectory(
  { path, name, names, isMaildir }: Entry & { isMaildir: boolean },
  standing: Standing,
  options: Within,
): AsyncGenerator<Walked> {
  const within = join(path, name);
  if (isMaildir && name === 'tmp') return;
  if (isMaildir && (name === 'cur' || name === 'new')) {
    yield* walkMaildir(within, standing, options);
    return;
  }
  // Maildir++ keeps its folders in directories whose names begin with a dot, KMail too; other hidden ones hold no mail.
  if (name.startsWith('.') && !isMaildir && !/^\..+\.directory$/.test(name)) return;
  // Maildir++ folders lie beside each other, so their names hold the whole path: below the account, not below the Inbox.
  const base = isMaildir && name.startsWith('.') ? start : standing;
  const bare = name.replace(/\.sbd$/i, '');
  const real = bare === name && !names.has(`${name}.msf`) ? name : await realName(path, bare, names, options);
  const segment = bare === name ? real : `${real}.sbd`;
  yield* walkDirectory(within, enter(base, shown(segment), isMaildir), options);
}

/** A Maildir's messages: every file is one. */
async function* walkMaildir(path: string, { place }: Standing, options: WalkOptions): AsyncGenerator<Walked> {
  try {
    const found = await readdir(onDisk(path), { encoding: 'buffer' });
    const names = found.map(fromOctets).filter((name) => !name.startsWith('.'));
    names.sort();
    const keywords = await readKeywords(join(path, '..'));
    yield { kind: 'file', file: { ...options.belongs, kind: 'maildir', path, place, names, keywords } };
  } catch (error) {
    yield { kind: 'failed', source: path, error: toDiskError(error, `read ${path}`) };
  }
}

/** Dovecot keeps keywords as small letters in file names, and their names beside `cur`: `0 Work`. */
async function readKeywords(maildir: string): Promise<Map<string, string>> {
  const text = await readFile(onDisk(join(maildir, 'dovecot-keywords')), 'utf8').catch(() => '');
  const keywords = new Map<string, string>();
  for (const line of text.slice(0, 100_000).split('\n')) {
    const [, number, name] = /^(\d{1,2}) (.+)$/.exec(line.trim()) ?? [];
    if (number === undefined || name === undefined || Number(number) > 25) continue;
    keywords.set(String.fromCharCode(97 + Number(number)), name);
  }
  return keywords;
}

async function* walkFile(entry: Entry, standing: Standing, options: Within): AsyncGenerator<Walked> {
  const { name, names } = entry;
  const path = join(entry.path, name);
  try {
    const { size } = await stat(onDisk(path));
    const needsLook = !/\.emlx?$/i.test(name);
    const head = needsLook ? await startOfFile(path, headOctets) : Buffer.alloc(0);
    const { kind, isPacked } = kindOfFile(name, head, 'met');
    if (kind === 'other') return;
    const belongs = { ...options.belongs, path, kind, isPacked, octets: size };
    if (kind !== 'mbox') yield { kind: 'file', file: { ...belongs, place: standing.place } };
    else {
      const real = await realName(entry.path, name, names, options);
      yield { kind: 'file', file: { ...belongs, place: placeOfMbox(standing, shown(real)) } };
    }
  } catch (error) {
    yield { kind: 'failed', source: path, error: toDiskError(error, `read ${path}`) };
  }
}

/** How long a summary is read for the name; it stands near the beginning, or near the end when it was changed. */
const summaryOctets = 256 * 1024;

/**
 * What the user calls a folder of Thunderbird's: names that end in a hash stand in the summary file beside them, and
 * those of IMAP accounts are modified UTF-7 (RFC 3501 §5.1.3).
 */
async function realName(
  path: string,
  name: string,
  names: ReadonlySet<string>,
  { isImap }: WalkOptions,
): Promise<string> {
  const summary = `${name}.msf`;
  if (names.has(summary) && /[0-9a-f]{6,8}$/.test(name)) {
    const text = await startOfFile(join(path, summary), summaryOctets).catch(() => Buffer.alloc(0));
    const found = folderNameInSummary(text.toString('latin1'));
    if (found !== undefined) return found;
  }
  return isImap === true ? decodeSegment(name) : name;
}
