import { posix } from 'node:path';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { systemCodeOf } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import { findInMbox } from './find-in-mbox.ts';
import type { Finding } from './find-mail.ts';
import { type Found, maxMessageOctets, type Place } from './found-mail.ts';
import { unpacked } from './gunzip.ts';
import { flagsOfMaildirName } from './maildir-flags.ts';
import { collectOctets, octetsAfter, tooLarge } from './read-octets.ts';
import type { Mark, MboxMark } from './resume/position.ts';
import { readEmlxMessage } from './single-message.ts';
import { placeOfEntry } from './sources/place-of.ts';
import { onDisk } from './sources/raw-path.ts';
import { nameInZip } from './sources/zip-names.ts';

/**
 * The messages in a zip: `.eml` files, mboxes, and Maildirs packed as they are. Names within are only read, never
 * used as a path, so that none can lead out of the archive. A damaged entry costs that entry alone where it can.
 */
export async function* findInZip(
  path: string,
  { place, from }: { place: Place; from: Mark | null },
  finding: Finding,
): AsyncGenerator<Found> {
  const zip = await openZip(path);
  try {
    let number = 0;
    for await (const entry of zip.eachEntry()) {
      finding.signal.throwIfAborted();
      const begun = beginEntry(number, from);
      if (begun === 'passed') tellPassed(entry, finding);
      else yield* marked(findInEntry(zip, entry, { path, place, from: begun }, finding), number);
      number++;
    }
  } catch (error) {
    finding.signal.throwIfAborted();
    if (systemCodeOf(error) !== '') throw error;
    yield { kind: 'failed', source: path, error: damaged(error) };
  } finally {
    zip.close();
  }
}

/** What an earlier run has dealt with of an archive's entries: all before its mark, and a part of the one it stands in. */
export function beginEntry(number: number, from: Mark | null): 'passed' | MboxMark | undefined {
  const at = from?.entry ?? 0;
  if (number < at) return 'passed';
  return number === at ? from?.mbox : undefined;
}

/** After each message of an entry reading goes on in that entry, where it is an mbox, or with the next one. */
export async function* marked(found: AsyncIterable<Found>, number: number): AsyncGenerator<Found> {
  for await (const each of found) {
    const { mbox } = each.mark ?? {};
    yield { ...each, mark: mbox === undefined ? { entry: number + 1 } : { entry: number, mbox } };
  }
}

function tellPassed(entry: Entry, { onOctets }: Finding): void {
  if (kindOfEntry(nameInZip(entry)) !== 'other') onOctets(entry.uncompressedSize);
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    // Names are taken as octets: yauzl would otherwise give up the whole archive over one unsafe name.
    return await openPromise(onDisk(path), { decodeStrings: false, validateEntrySizes: true, autoClose: false });
  } catch (error) {
    if (/^E[A-Z]+$/.test(systemCodeOf(error))) throw error;
    throw damaged(error);
  }
}

async function* findInEntry(
  zip: ZipFile,
  entry: Entry,
  within: { path: string; place: Place; from: MboxMark | undefined },
  finding: Finding,
): AsyncGenerator<Found> {
  const name = nameInZip(entry);
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
    yield* findInStream({ kind, name, source, place, receivedAt, from: within.from }, octets);
  } catch (error) {
    finding.signal.throwIfAborted();
    yield { kind: 'failed', source, error: error instanceof MailError ? error : damaged(error) };
  }
}

/** One entry of an archive, whatever archive it is. */
export async function* findInStream(
  entry: {
    kind: 'message' | 'emlx' | 'mbox';
    name: string;
    source: string;
    place: Place;
    receivedAt: number;
    from: MboxMark | undefined;
  },
  octets: AsyncIterable<Uint8Array>,
): AsyncGenerator<Found> {
  const { kind, name, source, place, receivedAt, from } = entry;
  if (kind === 'mbox') {
    yield* findInMbox(octetsAfter(unpacked(octets), from?.offset ?? 0), { name: source, place, from });
    return;
  }
  const bytes = await collectOctets(unpacked(octets));
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
export function kindOfEntry(packedName: string): 'message' | 'emlx' | 'mbox' | 'other' {
  const name = packedName.replace(/\.gz$/i, '');
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
      const name = nameInZip(entry);
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
