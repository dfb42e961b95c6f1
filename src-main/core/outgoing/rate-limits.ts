import type { ServerId } from '#shared/ids.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import type { Rooms } from '../services.ts';

/** Messages per hour and day of servers that have a limit: those the ledger counted, and those on their way. */
export interface RateLimits {
  /** Counts anew; answers the servers that may take no more now. */
  refresh(servers: readonly OutgoingServer[]): Promise<Set<ServerId>>;
  /** Takes one place; false when there is none. The place is held until `settle`. */
  claim(server: OutgoingServer, claimant: string): boolean;
  /** What was claimed is in the ledger by now, or was not used. */
  settle(claimant: string): void;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface Claim {
  readonly serverId: ServerId;
  readonly claimant: string;
  isSettled: boolean;
}

export function createRateLimits({ store, clock }: Pick<Rooms, 'store' | 'clock'>): RateLimits {
  let lastHour = new Map<string, number>();
  let lastDay = new Map<string, number>();
  let claims: Claim[] = [];

  function isReached(server: OutgoingServer): boolean {
    const { perHour, perDay } = server.rate ?? {};
    const onTheirWay = claims.filter(({ serverId }) => serverId === server.id).length;
    return (
      (perHour !== undefined && (lastHour.get(server.id) ?? 0) + onTheirWay >= perHour) ||
      (perDay !== undefined && (lastDay.get(server.id) ?? 0) + onTheirWay >= perDay)
    );
  }

  return {
    async refresh(servers) {
      const limited = servers.filter(({ rate }) => rate?.perHour !== undefined || rate?.perDay !== undefined);
      if (limited.length === 0) return new Set();
      // Settled before the counting began: the ledger has them, they must not count twice.
      const counted = claims.filter(({ isSettled }) => isSettled);
      const now = clock.now();
      const [hour, day] = await Promise.all([store.acceptedSince(now - hourMs), store.acceptedSince(now - dayMs)]);
      lastHour = new Map(hour.map(({ serverId, messages }) => [serverId, messages]));
      lastDay = new Map(day.map(({ serverId, messages }) => [serverId, messages]));
      claims = claims.filter((claim) => !counted.includes(claim));
      return new Set(limited.filter(isReached).map(({ id }) => id));
    },
    claim(server, claimant) {
      if (server.rate === undefined) return true;
      if (claims.some((claim) => claim.serverId === server.id && claim.claimant === claimant)) return true;
      if (isReached(server)) return false;
      claims.push({ serverId: server.id, claimant, isSettled: false });
      return true;
    },
    settle(claimant) {
      for (const claim of claims) if (claim.claimant === claimant) claim.isSettled = true;
    },
  };
}
