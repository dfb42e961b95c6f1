import { beginningLines } from '#shared/mail/beginning.ts';
import type { FileRequest } from '../store/store-api.ts';
import type { CollectOptions } from './collect-options.ts';
import type { Run } from './collect-run.ts';
import { beginningKeyOf, digestIdOf, headerFactsOf, sha256Of } from './message-identity.ts';
import type { Listed } from './plan-fetch.ts';
import type { Pop3Session } from './pop3-session.ts';
import { folderFor } from './sort-multidrop.ts';

/** So many are asked for at once; a beginning is small, whatever its message is. */
const atOnce = 20;

/**
 * Takes the beginnings of large messages (RFC 1939 §7: TOP gives the header and as many lines as are asked for) and
 * files them as what they are. Where the server has no TOP they are left, and counted.
 */
export async function takeBeginnings(
  session: Pop3Session,
  run: Run,
  large: readonly Listed[],
  options: CollectOptions,
): Promise<void> {
  for (let at = 0; at < large.length; at += atOnce) {
    const came = await Promise.all(
      large.slice(at, at + atOnce).map(async (listed) => {
        const bytes = await session.top(listed.messageNumber, beginningLines);
        return bytes === null ? null : toFile(listed, bytes, options);
      }),
    );
    const requests = came.filter((request) => request !== null);
    for (let left = came.length - requests.length; left > 0; left -= 1) run.leftLarge();
    if (requests.length > 0) await run.commitBeginnings(requests);
  }
}

function toFile(listed: Listed, bytes: Uint8Array<ArrayBuffer>, { account, clock }: CollectOptions): FileRequest {
  const sha256 = sha256Of(bytes);
  const header = headerFactsOf(bytes);
  const uniqueId = listed.uniqueId ?? digestIdOf(header, listed.octets);
  const entry = {
    uniqueId,
    octets: bytes.byteLength,
    listedOctets: listed.octets,
    sha256,
    headerDigest: header.digest,
    collectedAt: clock.now(),
    isConfirmed: false,
  };
  return {
    folder: folderFor(account, bytes),
    messageKey: beginningKeyOf(account.id, uniqueId, sha256, listed.octets),
    bytes,
    flags: [],
    receivedAt: clock.now(),
    collected: { accountId: account.id, entry },
  };
}
