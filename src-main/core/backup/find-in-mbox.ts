import { type Found, maxMessageOctets } from './found-mail.ts';
import { isThunderbirds } from './mbox-format.ts';
import { readMbox } from './mbox-reader.ts';
import { mboxStatus } from './mbox-status.ts';
import { tooLarge } from './read-octets.ts';

/**
 * The messages of an mbox, without those Thunderbird only waits to compact away. That field is believed in a file of
 * Thunderbird's: by the From_ line, or because its first message has the field. Elsewhere it is a stranger's, come with
 * the mail, and must not make a message vanish.
 */
export async function* findInMbox(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  limit = maxMessageOctets,
): AsyncGenerator<Found> {
  let isThunderbirdFile: boolean | undefined;
  for await (const entry of readMbox(chunks, { maxMessageOctets: limit })) {
    const source = `${name}#${entry.number}`;
    if (entry.kind === 'too-large') {
      yield { kind: 'failed', source, error: tooLarge() };
      continue;
    }
    const { flags, isExpunged, hasMozillaStatus } = mboxStatus(entry.bytes);
    isThunderbirdFile ??= hasMozillaStatus;
    if (isExpunged && (isThunderbirdFile || isThunderbirds(entry.from))) continue;
    yield { kind: 'message', source, bytes: new Uint8Array(entry.bytes.buffer), flags };
  }
}
