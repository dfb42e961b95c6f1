import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { systemCodeOf } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import { beginEntry, findInStream, kindOfEntry, marked } from './find-in-zip.ts';
import type { Finding } from './find-mail.ts';
import { type Found, maxMessageOctets, type Place } from './found-mail.ts';
import { tooLarge } from './read-octets.ts';
import type { Mark, MboxMark } from './resume/position.ts';
import { placeOfEntry } from './sources/place-of.ts';
import { readTar, type TarEntry } from './sources/tar.ts';

/** The messages in a `.tgz`, the other form in which Google packs a Takeout. It streams; nothing is unpacked to disk. */
export async function* findInTar(
  path: string,
  { place, from }: { place: Place; from: Mark | null },
  finding: Finding,
): AsyncGenerator<Found> {
  const file = createReadStream(path, { highWaterMark: 1 << 20, signal: finding.signal });
  // The counting is of octets on the disk, as with every other file.
  file.on('data', (chunk) => finding.onOctets(chunk.length));
  const unpacked = pipeline(file, createGunzip({ chunkSize: 1 << 18 }), () => undefined);
  try {
    let number = 0;
    for await (const entry of readTar(unpacked)) {
      const begun = beginEntry(number, from);
      if (begun !== 'passed') yield* marked(findInEntry(entry, { path, place, from: begun }), number);
      number++;
    }
  } catch (error) {
    finding.signal.throwIfAborted();
    if (/^E[A-Z]+$/.test(systemCodeOf(error))) throw error;
    const damaged = new MailError('EMALFORMED', 'The archive is damaged from here on.', { cause: error });
    yield { kind: 'failed', source: path, error: error instanceof MailError ? error : damaged };
  } finally {
    unpacked.destroy();
    file.destroy();
  }
}

async function* findInEntry(
  entry: TarEntry,
  { path, place, from }: { path: string; place: Place; from: MboxMark | undefined },
): AsyncGenerator<Found> {
  const kind = kindOfEntry(entry.name);
  if (kind === 'other') return;
  const source = `${path}: ${entry.name.replace(/\p{Cc}/gu, ' ')}`;
  if (kind !== 'mbox' && entry.octets > maxMessageOctets) {
    yield { kind: 'failed', source, error: tooLarge() };
    return;
  }
  const found = [...place, ...placeOfEntry(entry.name, kind === 'mbox' ? 'mbox' : 'message')];
  yield* findInStream({ ...entry, kind, source, place: found, receivedAt: entry.modifiedAt, from }, entry.body());
}
