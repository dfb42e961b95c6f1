import { type Found, maxMessageOctets } from './found-mail.ts';
import { readMbox } from './mbox-reader.ts';
import { mboxStatus } from './mbox-status.ts';
import { tooLarge } from './read-octets.ts';

/** The messages of an mbox, without those Thunderbird only waits to compact away. */
export async function* findInMbox(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  limit = maxMessageOctets,
): AsyncGenerator<Found> {
  for await (const entry of readMbox(chunks, { maxMessageOctets: limit })) {
    const source = `${name}#${entry.number}`;
    if (entry.kind === 'too-large') {
      yield { kind: 'failed', source, error: tooLarge() };
      continue;
    }
    const { flags, isExpunged } = mboxStatus(entry.bytes);
    if (isExpunged) continue;
    yield { kind: 'message', source, bytes: new Uint8Array(entry.bytes.buffer), flags };
  }
}
