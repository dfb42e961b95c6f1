import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { systemCodeOf, toDiskError } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import { findInMbox } from './find-in-mbox.ts';
import { findInZip } from './find-in-zip.ts';
import { type Found, maxMessageOctets } from './found-mail.ts';
import { flagsOfMaildirName } from './maildir-flags.ts';
import { chunksOf, collectOctets, startOfFile, tooLarge } from './read-octets.ts';

export interface Finding {
  readonly signal: AbortSignal;
  /** Told of octets as they are read. */
  readonly onOctets: (octets: number) => void;
}

/**
 * Finds every message at a path: a message file, an mbox, a zip, a Maildir, or a directory of any of these. Only what
 * concerns the path itself is thrown (ENOTFOUND, EPERMISSION, EINVALID); what fails within is yielded as failed.
 */
export async function* findMail(path: string, finding: Finding): AsyncGenerator<Found> {
  const found = await stat(path).catch((error: unknown) => {
    throw toDiskError(error, `read ${path}`);
  });
  if (found.isDirectory()) yield* findInDirectory(path, finding);
  // A pipe or a device could keep us waiting for ever.
  else if (!found.isFile()) throw new MailError('EINVALID', `${path} is neither a file nor a folder.`);
  else yield* findInFile(path, 'given', finding);
}

async function* findInFile(path: string, how: 'given' | 'met', finding: Finding): AsyncGenerator<Found> {
  try {
    const kind = kindOfFile(basename(path), await startOfFile(path), how);
    if (kind === 'mbox') yield* findInMbox(chunksOf(path, finding.signal, finding.onOctets), path);
    else if (kind === 'zip') yield* findInZip(path, finding);
    else if (kind === 'message') yield await readMessage(path, [], finding);
    else if (how === 'given') throw new MailError('EMALFORMED', `${path} does not look like mail: it has no header.`);
  } catch (error) {
    finding.signal.throwIfAborted();
    const failure = toDiskError(error, `read ${path}`);
    if (how === 'given') throw failure;
    yield { kind: 'failed', source: path, error: failure };
  }
}

/** By name first: an `.eml` that begins with `From ` is still one message. A file met among others must be named like mail. */
export function kindOfFile(name: string, start: Buffer, how: 'given' | 'met'): 'mbox' | 'zip' | 'message' | 'other' {
  const extension = extname(name).toLowerCase();
  const text = start.toString('latin1');
  if (extension === '.eml' || extension === '.emlx') return 'message';
  if (/^PK(?:\x03\x04|\x05\x06|\x06\x06)/.test(text)) return 'zip';
  if (/^(?:\xef\xbb\xbf)?[\r\n]*From /.test(text) || extension === '.mbox') return 'mbox';
  // MH keeps each message in a file named by a number; exports often end in .msg, .mail, .rfc822.
  const mayBeMessage =
    how === 'given' || /^\d+$/.test(name) || ['.msg', '.mail', '.rfc822', '.txt'].includes(extension);
  return mayBeMessage && /^[!-9;-~]+[ \t]*:/.test(text) ? 'message' : 'other';
}

async function* findInDirectory(path: string, finding: Finding): AsyncGenerator<Found> {
  let entries: Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    yield { kind: 'failed', source: path, error: toDiskError(error, `read ${path}`) };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(entries.map(({ name }) => name));
  const isMaildir = names.has('cur') && names.has('new');
  for (const entry of entries) {
    finding.signal.throwIfAborted();
    const within = join(path, entry.name);
    if (entry.isDirectory()) {
      if (isMaildir && entry.name === 'tmp') continue;
      if (isMaildir && (entry.name === 'cur' || entry.name === 'new')) yield* findInMaildir(within, finding);
      // Maildir++ keeps its folders in directories whose names begin with a dot; other hidden ones hold no mail.
      else if (!entry.name.startsWith('.') || isMaildir) yield* findInDirectory(within, finding);
    } else if (entry.isFile() && !entry.name.startsWith('.') && !isMaildir) yield* findInFile(within, 'met', finding);
  }
}

/** `cur` or `new` of a Maildir: every file is a message, its flags stand in its name. */
async function* findInMaildir(path: string, finding: Finding): AsyncGenerator<Found> {
  for (const name of (await readdir(path)).sort()) {
    finding.signal.throwIfAborted();
    if (name.startsWith('.')) continue;
    const file = join(path, name);
    try {
      if ((await stat(file)).isFile()) yield await readMessage(file, flagsOfMaildirName(name), finding);
    } catch (error) {
      finding.signal.throwIfAborted();
      // Another program marked it as read meanwhile, which renames it, or removed it.
      if (systemCodeOf(error) === 'ENOENT') continue;
      yield { kind: 'failed', source: file, error: toDiskError(error, `read ${file}`) };
    }
  }
}

async function readMessage(
  path: string,
  flags: ReturnType<typeof flagsOfMaildirName>,
  finding: Finding,
): Promise<Found> {
  const { size, mtimeMs } = await stat(path);
  if (size > maxMessageOctets) return { kind: 'failed', source: path, error: tooLarge() };
  const bytes = await collectOctets(chunksOf(path, finding.signal, finding.onOctets));
  return { kind: 'message', source: path, bytes, flags, receivedAt: Math.round(mtimeMs) };
}
