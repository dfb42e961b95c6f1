import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf, toDiskError } from '#shared/disk-error.ts';
import { findInMbox } from './find-in-mbox.ts';
import { findInTar } from './find-in-tar.ts';
import { findInZip } from './find-in-zip.ts';
import { type Found, maxMessageOctets } from './found-mail.ts';
import { flagsOfMaildirName, keywordsOfMaildirName } from './maildir-flags.ts';
import { chunksOf, collectOctets, tooLarge } from './read-octets.ts';
import { type Reading, SourceChanged } from './resume/reading.ts';
import { readEmlxMessage, readMozillaMessage } from './single-message.ts';
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

/** `cur` or `new` of a Maildir: every file is a message, its flags stand in its name. */
async function* findInMaildir(file: Extract<MailFile, { kind: 'maildir' }>, finding: Finding): AsyncGenerator<Found> {
  for (const name of file.names) {
    finding.signal.throwIfAborted();
    const path = join(file.path, name);
    try {
      const stats = await stat(path);
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

async function readMessage(path: string, { place }: Pick<MailFile, 'place'>, finding: Finding): Promise<Found> {
  const { size, mtimeMs } = await stat(path);
  if (size > maxMessageOctets) return { kind: 'failed', source: path, error: tooLarge() };
  const bytes = size < smallOctets ? await readSmall(path, finding) : await readLarge(path, finding);
  return { kind: 'message', source: path, bytes, flags: [], tags: [], place, receivedAt: Math.round(mtimeMs) };
}

const smallOctets = 1 << 20;

/** One read instead of a stream's set-up: trees of many small files take half the time. */
async function readSmall(path: string, { onOctets }: Finding): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await readFile(path));
  onOctets(bytes.length);
  return bytes;
}

function readLarge(path: string, { signal, onOctets }: Finding): Promise<Uint8Array<ArrayBuffer>> {
  return collectOctets(chunksOf(path, signal, onOctets));
}
