import type { Rooms } from '../../services.ts';
import { checkEndpoint, lookTimeouts } from './check-endpoint.ts';
import type { At, Met } from './place-guard.ts';
import { domainsOf, type Seen } from './sightings.ts';

/** Connects once more and sees who answers, without saying anything of oneself; null: nobody, or not so. */
export type LookAgain = (at: At, security: 'none' | 'starttls', signal: AbortSignal) => Promise<Met | null>;

export function createLookAgain(rooms: Pick<Rooms, 'settings' | 'tokenSourceFor'>): LookAgain {
  return async ({ serverId, endpoint }, security, signal) => {
    const server = rooms.settings.server(serverId);
    if (server === undefined) return null;
    let found: Met | null = null;
    const guard = {
      meet: async (_endpoint: unknown, met: Met) => {
        found = met;
        return undefined;
      },
      suspect: <F>(_endpoint: unknown, failure: F) => failure,
    };
    const { tokenSourceFor } = rooms;
    const context = { server, secret: undefined, signal, tokenSourceFor, onProgress: () => undefined, guard };
    await checkEndpoint({ ...endpoint, security }, context, { timeouts: lookTimeouts, signsIn: false });
    return found;
  };
}

/** Enough for one of two who take turns, and for one of three more often than not. */
const looks = 5;

/**
 * Whether a new face belongs to the same server as those known: because it shows the certificate of the host, or because a
 * known one answers beside it, at the same moment and the same address. Who takes a server's place on a network takes
 * every connection; the machines of a pool take turns.
 */
export async function findKinship(
  seen: Seen,
  knownDomains: readonly string[],
  seenIn: (met: Met) => Seen,
  look: (security: 'none' | 'starttls') => Promise<Met | null>,
): Promise<'certificate' | 'takes-turns' | null> {
  const names = domainsOf(seen);
  for (let count = 0; count < looks; count += 1) {
    // Encrypted in turn with the others, so that a pool shows the face in question this way as well.
    const security = seen.offersStartTls && count % 2 === 0 ? 'starttls' : 'none';
    const met = await look(security);
    if (met === null) continue;
    const shown = domainsOf(seenIn(met));
    if (met.isSecured && shown.some((name) => names.includes(name))) return 'certificate';
    if (shown.some((name) => knownDomains.includes(name))) return 'takes-turns';
  }
  return null;
}
