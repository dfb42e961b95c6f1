import { posix } from 'node:path';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { systemCodeOf } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import { findInMbox } from './find-in-mbox.ts';
import type { Finding } from './find-mail.ts';
import { type Found, maxMessageOctets, type Place } from './found-mail.ts';
import { flagsOfMaildirName } from './maildir-flags.ts';
import { collectOctets, tooLarge } from './read-octets.ts';
import { readEmlxMessage } from './single-message.ts';
import { placeOfEntry } from './sources/place-of.ts';

/**
 * The messages in a zip: `.eml` files, mboxes, and Maildirs packed as they are. Names within are only read, never
 * used as a path, so that none can lead out of the archive. A damaged entry costs that entry alone where it can.
 */
export async function* findInZip(path: string, place: Place, finding: Finding): AsyncGenerator<Found> {
  const zip = await openZip(path);
  try {
    for await (const entry of zip.eachEntry()) {
      finding.signal.throwIfAborted();
      yield* findInEntry(zip, entry, { path, place }, finding);
    }
  } catch (error) {
    finding.signal.throwIfAborted();
    if (systemCodeOf(error) !== '') throw error;
    yield { kind: 'failed', source: path, error: damaged(error) };
  } finally {
    zip.close();
  }
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    // Names are taken as octets: yauzl would otherwise give up the whole archive over one unsafe name.
    return await openPromise(path, { decodeStrings: false, validateEntrySizes: true, autoClose: false });
  } catch (error) {
    if (/^E[A-Z]+$/.test(systemCodeOf(error))) throw error;
    throw damaged(error);
  }
}

async function* findInEntry(
  zip: ZipFile,
  entry: Entry,
  within: { path: string; place: Place },
  finding: Finding,
): AsyncGenerator<Found> {
  const name = nameOfEntry(entry);
  const kind = kindOfEntry(name);
  if (kind === 'other') return;
  const source = `${within.path}: ${name.replace(/\p{Cc}/gu, ' ')}`;
  const place = [...within.place, ...placeOfEntry(name, kind === 'mbox' ? 'mbox' : 'message')];
  try {
    if (entry.isEncrypted()) throw new MailError('EMALFORMED', 'It is encrypted with a password.');
    if (!entry.canDecodeFileData()) throw new MailError('EMALFORMED', 'It is packed in a way that is not known here.');
    if (kind !== 'mbox' && entry.uncompressedSize > maxMessageOctets) throw tooLarge();
    const octets = counted(await zip.openReadStreamPromise(entry), finding);
    const receivedAt = entry.getLastModDate().getTime();
    yield* findInStream({ kind, name, source, place, receivedAt }, octets);
  } catch (error) {
    finding.signal.throwIfAborted();
    yield { kind: 'failed', source, error: error instanceof MailError ? error : damaged(error) };
  }
}

function nameOfEntry(entry: Entry): string {
  return entry.fileNameRaw.toString('utf8').replaceAll('\\', '/');
}

/** One entry of an archive, whatever archive it is. */
export async function* findInStream(
  entry: { kind: 'message' | 'emlx' | 'mbox'; name: string; source: string; place: Place; receivedAt: number },
  octets: AsyncIterable<Uint8Array>,
): AsyncGenerator<Found> {
  const { kind, name, source, place, receivedAt } = entry;
  if (kind === 'mbox') {
    yield* findInMbox(octets, { name: source, place });
    return;
  }
  const bytes = await collectOctets(octets);
  const found = {
    kind: 'message',
    source,
    bytes,
    flags: flagsOfMaildirName(name),
    tags: [],
    place,
    receivedAt,
  } as const;
  yield kind === 'emlx' ? readEmlxMessage(found) : found;
}

/** What an entry's name says it is. */
export function kindOfEntry(name: string): 'message' | 'emlx' | 'mbox' | 'other' {
  const base = posix.basename(name);
  if (name.endsWith('/') || base.startsWith('.') || name.startsWith('__MACOSX/')) return 'other';
  const extension = posix.extname(base).toLowerCase();
  const folder = posix.basename(posix.dirname(name));
  if (extension === '.emlx') return 'emlx';
  if (extension === '.eml' || folder === 'cur' || folder === 'new') return 'message';
  return extension === '.mbox' || extension === '.mbx' || base === 'mbox' ? 'mbox' : 'other';
}

/** What a zip holds, by the list at its end: nothing is unpacked. */
export async function listZip(path: string): Promise<{ name: string; kind: 'message' | 'mbox'; octets: number }[]> {
  const zip = await openZip(path);
  try {
    const listed: { name: string; kind: 'message' | 'mbox'; octets: number }[] = [];
    for await (const entry of zip.eachEntry()) {
      const name = nameOfEntry(entry);
      const kind = kindOfEntry(name);
      if (kind !== 'other')
        listed.push({ name, kind: kind === 'mbox' ? 'mbox' : 'message', octets: entry.uncompressedSize });
    }
    return listed;
  } catch (error) {
    throw error instanceof MailError ? error : damaged(error);
  } finally {
    zip.close();
  }
}

async function* counted(stream: AsyncIterable<unknown>, { signal, onOctets }: Finding): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    signal.throwIfAborted();
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of octets gave something else');
    onOctets(chunk.length);
    yield chunk;
  }
}

function damaged(cause: unknown): MailError {
  return new MailError('EMALFORMED', 'The zip archive is damaged, or is none.', { cause });
}
