import type { ServerId } from '#shared/ids.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import type { Rooms } from '../services.ts';

/** A limit that is reached. */
export interface ReachedLimit {
  readonly label: string;
  /** `100 an hour`. */
  readonly figure: string;
  /** When it lets the next message go, epoch milliseconds. */
  readonly freeAt: number;
  /** What is on its way counts and may not be taken after all: then there is room before `freeAt`. */
  readonly isSure: boolean;
}

/** Messages per hour and day of servers that have a limit: those the ledger counted, and those on their way. */
export interface RateLimits {
  /** Counts anew; answers the servers that may take no more now. */
  refresh(servers: readonly OutgoingServer[]): Promise<Map<ServerId, ReachedLimit>>;
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

interface Window {
  readonly limit: number;
  readonly words: string;
  readonly lengthMs: number;
  readonly counted: number;
}

export function createRateLimits({ store, clock }: Pick<Rooms, 'store' | 'clock'>): RateLimits {
  let lastHour = new Map<string, number>();
  let lastDay = new Map<string, number>();
  let claims: Claim[] = [];

  const onTheirWay = (server: OutgoingServer): number => claims.filter(({ serverId }) => serverId === server.id).length;

  function windowsOf({ id, rate }: OutgoingServer): Window[] {
    const { perHour, perDay } = rate ?? {};
    return [
      ...(perHour === undefined
        ? []
        : [{ limit: perHour, words: `${perHour} an hour`, lengthMs: hourMs, counted: lastHour.get(id) ?? 0 }]),
      ...(perDay === undefined
        ? []
        : [{ limit: perDay, words: `${perDay} a day`, lengthMs: dayMs, counted: lastDay.get(id) ?? 0 }]),
    ];
  }

  function reachedBy(server: OutgoingServer): Window[] {
    const claimed = onTheirWay(server);
    return windowsOf(server).filter(({ limit, counted }) => counted + claimed >= limit);
  }

  /** The window that keeps mail back longest decides. */
  async function describe(server: OutgoingServer, reached: readonly Window[]): Promise<ReachedLimit | undefined> {
    const claimed = onTheirWay(server);
    const now = clock.now();
    const limits = await Promise.all(
      reached.map(async ({ limit, words, lengthMs }) => {
        // Once the message that is so many back has left the window, there is a place.
        const nth = limit - claimed;
        const takenAt = nth > 0 ? ((await store.acceptedAt(server.id, nth, now + lengthMs)) ?? now) : now;
        return { figure: words, freeAt: takenAt + lengthMs + 1 };
      }),
    );
    const last = limits.sort((a, b) => b.freeAt - a.freeAt)[0];
    return last === undefined ? undefined : { ...last, label: server.label, isSure: claimed === 0 };
  }

  return {
    async refresh(servers) {
      const limited = servers.filter(({ rate }) => rate?.perHour !== undefined || rate?.perDay !== undefined);
      const reached = new Map<ServerId, ReachedLimit>();
      if (limited.length === 0) return reached;
      // Settled before the counting began: the ledger has them, they must not count twice.
      const counted = claims.filter(({ isSettled }) => isSettled);
      const now = clock.now();
      // What was taken at a time far ahead was taken while the clock was wrong: nobody waits until it is that late.
      const [hour, day] = await Promise.all(
        [hourMs, dayMs].map((lengthMs) => store.acceptedSince(now - lengthMs, now + lengthMs)),
      );
      lastHour = new Map(hour?.map(({ serverId, messages }) => [serverId, messages]));
      lastDay = new Map(day?.map(({ serverId, messages }) => [serverId, messages]));
      claims = claims.filter((claim) => !counted.includes(claim));
      for (const server of limited) {
        const limit = await describe(server, reachedBy(server));
        if (limit !== undefined) reached.set(server.id, limit);
      }
      return reached;
    },
    claim(server, claimant) {
      if (server.rate === undefined) return true;
      if (claims.some((claim) => claim.serverId === server.id && claim.claimant === claimant)) return true;
      if (reachedBy(server).length > 0) return false;
      claims.push({ serverId: server.id, claimant, isSettled: false });
      return true;
    },
    settle(claimant) {
      for (const claim of claims) if (claim.claimant === claimant) claim.isSettled = true;
    },
  };
}

/** `100 an hour reached, goes on at 14:20`; with the day where that is not today. */
export function limitInWords({ figure, freeAt }: Pick<ReachedLimit, 'figure' | 'freeAt'>, now: number): string {
  // To the next whole minute: at the one it names, it goes on.
  const at = new Date(Math.ceil(freeAt / 60_000) * 60_000);
  const time = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
  const isToday = at.toDateString() === new Date(now).toDateString();
  const day = isToday ? '' : `${at.toLocaleDateString('en-GB', { weekday: 'long' })} `;
  return `${figure} reached, goes on ${isToday ? 'at' : 'on'} ${day}${isToday ? '' : 'at '}${time}`;
}
