import { systemCodeOf } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import { beginEntry, findInStream, kindOfEntry, marked } from './find-in-zip.ts';
import type { Finding } from './find-mail.ts';
import { type Found, maxMessageOctets, type Place } from './found-mail.ts';
import { unpacked } from './gunzip.ts';
import { chunksOf, tooLarge } from './read-octets.ts';
import type { Mark, MboxMark } from './resume/position.ts';
import { placeOfEntry } from './sources/place-of.ts';
import { readTar, type TarEntry } from './sources/tar.ts';

/** The messages in a `.tgz`, the other form in which Google packs a Takeout, or in a `.tar`. It streams; nothing is unpacked to disk. */
export async function* findInTar(
  path: string,
  { place, from }: { place: Place; from: Mark | null },
  finding: Finding,
): AsyncGenerator<Found> {
  try {
    let number = 0;
    // The counting is of octets on the disk, as with every other file.
    for await (const entry of readTar(unpacked(chunksOf(path, finding.signal, finding.onOctets)))) {
      const begun = beginEntry(number, from);
      if (begun !== 'passed') yield* marked(findInEntry(entry, { path, place, from: begun }), number);
      number++;
    }
  } catch (error) {
    finding.signal.throwIfAborted();
    if (!(error instanceof MailError) && /^E[A-Z]+$/.test(systemCodeOf(error))) throw error;
    const damaged = new MailError('EMALFORMED', 'The archive is damaged from here on.', { cause: error });
    yield { kind: 'failed', source: path, error: error instanceof MailError ? error : damaged };
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
