import { lstat, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCodeOf, toDiskError } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import { findInMbox } from './find-in-mbox.ts';
import { findInTar } from './find-in-tar.ts';
import { findInZip, marked } from './find-in-zip.ts';
import { type Found, maxMessageOctets } from './found-mail.ts';
import { isGzip, unpacked } from './gunzip.ts';
import { flagsOfMaildirName, keywordsOfMaildirName } from './maildir-flags.ts';
import { chunksOf, collectOctets, octetsAfter, tooLarge } from './read-octets.ts';
import type { Mark } from './resume/position.ts';
import { type Reading, SourceChanged } from './resume/reading.ts';
import { readEmlxMessage, readMozillaMessage } from './single-message.ts';
import { linkLeadingOut, realPath } from './sources/links.ts';
import { onDisk } from './sources/raw-path.ts';
import type { MailFile } from './sources/walk.ts';

export interface Finding {
  readonly signal: AbortSignal;
  /** Told of octets as they are read. */
  readonly onOctets: (octets: number) => void;
  /** The path that was asked for: when it cannot be read as a whole, that is thrown. */
  readonly given?: string;
  /** Follows how far the source is read. */
  readonly reading: Reading;
}

/** The messages of one file, or of one directory of a Maildir. What cannot be read is yielded as failed. */
export async function* findMail(file: MailFile, finding: Finding): AsyncGenerator<Found> {
  try {
    yield* findIn(file, finding);
  } catch (error) {
    finding.signal.throwIfAborted();
    if (error instanceof SourceChanged) throw error;
    const failure = toDiskError(error, `read ${file.path}`);
    if (file.path === finding.given) throw failure;
    yield { kind: 'failed', source: file.path, error: failure };
  }
}

async function* findIn(file: MailFile, finding: Finding): AsyncGenerator<Found> {
  if (file.kind === 'maildir') {
    yield* findInMaildir(file, finding);
    return;
  }
  const { path, place, isThunderbirds, nameTag } = file;
  const begun = await finding.reading.begin(path);
  if (begun.kind === 'passed') {
    finding.onOctets(file.octets);
    return;
  }
  const { from } = begun;
  switch (file.kind) {
    case 'mbox': {
      if (file.isPacked) {
        yield* findInPackedMbox(file, from, finding);
        return;
      }
      const chunks = chunksOf(path, finding.signal, finding.onOctets, from?.mbox?.offset);
      yield* findInMbox(chunks, { name: path, place, isThunderbirds, nameTag, from: from?.mbox });
      return;
    }
    case 'zip':
      yield* findInZip(path, { place, from }, finding);
      return;
    case 'tar':
      yield* findInTar(path, { place, from }, finding);
      return;
    case 'message':
    case 'emlx': {
      const found = await readMessage(path, file, finding);
      yield found.kind === 'message' && file.kind === 'emlx' ? readEmlxMessage(found) : found;
    }
  }
}

/** Its octets are counted unpacked, so that reading goes on by the number of octets that were given out. */
async function* findInPackedMbox(
  { path, place, isThunderbirds, nameTag }: MailFile,
  from: Mark | null,
  { signal, onOctets }: Finding,
): AsyncGenerator<Found> {
  const chunks = octetsAfter(unpacked(chunksOf(path, signal, onOctets)), from?.mbox?.offset ?? 0);
  try {
    yield* marked(findInMbox(chunks, { name: path, place, isThunderbirds, nameTag, from: from?.mbox }), 0);
  } catch (error) {
    // What came before stays.
    if (!(error instanceof MailError) || error.code !== 'EMALFORMED') throw error;
    yield { kind: 'failed', source: path, error };
  }
}

/** `cur` or `new` of a Maildir: every file is a message, its flags stand in its name. */
async function* findInMaildir(file: Extract<MailFile, { kind: 'maildir' }>, finding: Finding): AsyncGenerator<Found> {
  for (const name of file.names) {
    finding.signal.throwIfAborted();
    const path = join(file.path, name);
    try {
      const stats = await lstat(onDisk(path));
      if (stats.isSymbolicLink()) yield* findByLink(path, finding);
      if (!stats.isFile()) continue;
      if ((await finding.reading.begin(path, stats)).kind === 'passed') {
        finding.onOctets(stats.size);
        continue;
      }
      const found = await readMessage(path, file, finding);
      if (found.kind !== 'message') yield found;
      else if (file.isThunderbirds === true) yield readMozillaMessage(found, file.nameTag);
      else yield { ...found, flags: flagsOfMaildirName(name), tags: keywordsOfMaildirName(name, file.keywords) };
    } catch (error) {
      finding.signal.throwIfAborted();
      if (error instanceof SourceChanged) throw error;
      // Another program marked it as read meanwhile, which renames it, or removed it.
      if (systemCodeOf(error) === 'ENOENT') continue;
      yield { kind: 'failed', source: path, error: toDiskError(error, `read ${path}`) };
    }
  }
}

/** It is not followed: inside the account its target comes in by itself, outside it was not asked for. */
async function* findByLink(path: string, { reading }: Finding): AsyncGenerator<Found> {
  const maildir = dirname(dirname(path));
  const out = await linkLeadingOut(path, (await realPath(maildir)) ?? maildir);
  if (out !== null && !reading.passes(path)) yield { kind: 'failed', source: path, error: out.error };
}

async function readMessage(path: string, { place }: Pick<MailFile, 'place'>, finding: Finding): Promise<Found> {
  const { size, mtimeMs } = await stat(onDisk(path));
  if (size > maxMessageOctets) return { kind: 'failed', source: path, error: tooLarge() };
  const stored = size < smallOctets ? await readSmall(path, finding) : await readLarge(path, finding);
  // Dovecot packs messages under their usual names where its administrator says so.
  const bytes = isGzip(stored) ? await collectOctets(unpacked(only(stored))) : stored;
  return { kind: 'message', source: path, bytes, flags: [], tags: [], place, receivedAt: Math.round(mtimeMs) };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const smallOctets = 1 << 20;

/** One read instead of a stream's set-up: trees of many small files take half the time. */
async function readSmall(path: string, { onOctets }: Finding): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await readFile(onDisk(path)));
  onOctets(bytes.length);
  return bytes;
}

function readLarge(path: string, { signal, onOctets }: Finding): Promise<Uint8Array<ArrayBuffer>> {
  return collectOctets(chunksOf(path, signal, onOctets));
}
