import type { LocationId } from '#shared/ids.ts';
import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { Attempt, DeliveryMemoryEntry, ServerCondition } from '#shared/mail/outbox.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import { believed, coolUntil } from './memory.ts';

/** How many attempts tell how a server has been doing. */
export const recentAttemptLimit = 20;

/** A server's state light, in words and figures, from its last attempts (newest first) and what is remembered. Pure. */
export function conditionOf(
  server: Pick<OutgoingServer, 'id' | 'endpoints'>,
  attempts: readonly Attempt[],
  memory: readonly DeliveryMemoryEntry[],
  now: number,
  /** Where we are: what answers in a server's place elsewhere does not matter here. */
  here?: LocationId,
): ServerCondition {
  const own = attempts.filter(({ serverId, outcome }) => serverId === server.id && outcome !== 'cancelled');
  const remembered = believed(memory, now).filter(({ serverId }) => serverId === server.id);
  const last = own[0];
  const times = own.filter(({ outcome }) => outcome === 'accepted').map(({ durationMs }) => durationMs);
  return {
    serverId: server.id,
    ...stateOf(server, last, remembered, now, here),
    ...(last === undefined ? {} : { lastUsedAt: last.startedAt }),
    recentMs: own.map(({ outcome, durationMs }) => (outcome === 'accepted' ? durationMs : -durationMs)).reverse(),
    ...(times.length === 0 ? {} : { typicalMs: median(times) }),
    memory: remembered,
  };
}

function stateOf(
  server: Pick<OutgoingServer, 'endpoints'>,
  last: Attempt | undefined,
  memory: readonly DeliveryMemoryEntry[],
  now: number,
  here: LocationId | undefined,
): Pick<ServerCondition, 'state' | 'words'> {
  const failed = memory.find(({ kind }) => kind === 'auth-failed');
  if (failed !== undefined) return { state: 'refused', words: 'did not accept the user name or password' };
  const isIntercepted = ({ kind, endpoint, locationId }: DeliveryMemoryEntry, at: Endpoint): boolean =>
    kind === 'something-in-its-place' && endpoint === endpointName(at) && locationId === here;
  const isInItsPlace =
    server.endpoints.length > 0 &&
    server.endpoints.every((at) => at.security === 'none' && memory.some((entry) => isIntercepted(entry, at)));
  if (isInItsPlace) return { state: 'refused', words: 'something else answers in its place on this network' };
  const cooling = memory.filter((entry) => entry.kind === 'cool-down' && coolUntil(entry) > now);
  const isDown =
    server.endpoints.length > 0 &&
    server.endpoints.every((at) => cooling.some((entry) => entry.endpoint === endpointName(at)));
  if (isDown) {
    const since = Math.min(...cooling.map(({ learnedAt }) => learnedAt));
    // It may answer well enough, and say that it takes nothing.
    if (last?.outcome === 'transient')
      return { state: 'waiting', words: `put mail off ${ago(now - since)}, has a rest` };
    return { state: 'waiting', words: `not answering${forHowLong(now - since)}` };
  }
  if (last === undefined) return { state: 'unknown', words: 'not used yet' };
  const when = ago(now - Date.parse(last.startedAt));
  switch (last.outcome) {
    case 'accepted':
      return { state: 'took-it', words: `took mail ${when}` };
    case 'uncertain':
      return { state: 'uncertain', words: `broke off ${when}, after a whole message had gone` };
    case 'permanent':
      return { state: 'refused', words: `refused mail ${when}` };
    case 'unsafe':
      return { state: 'refused', words: `could not be used securely ${when}` };
    case 'transient':
      return { state: 'waiting', words: `put mail off ${when}` };
    default:
      return { state: 'waiting', words: `could not be reached ${when}` };
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** ` for 5 minutes`; nothing where it is less than one. */
function forHowLong(ms: number): string {
  const words = ago(ms);
  if (words === 'yesterday') return ' since yesterday';
  return words.endsWith(' ago') ? ` for ${words.slice(0, -' ago'.length)}` : '';
}

function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return minutes === 1 ? 'a minute ago' : `${minutes} minutes ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return hours === 1 ? 'an hour ago' : `${hours} hours ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? 'yesterday' : `${days} days ago`;
}
