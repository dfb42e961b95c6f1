import type { ServerId } from '#shared/ids.ts';
import type { NetworkLocation, OutboxRecord, Skipped, SmtpExtension } from '#shared/mail/outbox.ts';
import type { Rooms } from '../services.ts';
import type { CredentialsService } from './credentials.ts';
import type { DeliveryMemory } from './delivery-memory.ts';
import { needsSmtpUtf8 } from './envelope-address.ts';
import { type PlanInput, planRoute, type RoutePlan } from './plan-route.ts';
import type { RateLimits, ReachedLimit } from './rate-limits.ts';

/** Who knows what a plan asks for. */
export interface PlanRooms extends Pick<Rooms, 'clock' | 'settings'> {
  readonly memory: DeliveryMemory;
  readonly limits: RateLimits;
  readonly credentials: CredentialsService;
}

/** What of a message a route is planned by. */
type Planned = Pick<
  OutboxRecord,
  'reversePath' | 'recipients' | 'sizeOctets' | 'identityId' | 'serverIds' | 'isEightBit'
>;

/** Those it is still to be sent to. */
export function pendingOf({ recipients }: Pick<OutboxRecord, 'recipients'>): string[] {
  return recipients.filter(({ state }) => state === 'pending').map(({ mailbox }) => mailbox);
}

/** What it needs of a server, as far as that is known. */
export function needsOf(record: Planned): SmtpExtension[] {
  const isUtf8 = needsSmtpUtf8([record.reversePath, ...pendingOf(record)]);
  return [...(record.isEightBit === true ? ['8BITMIME' as const] : []), ...(isUtf8 ? ['SMTPUTF8' as const] : [])];
}

/** Everything `planRoute` asks for, gathered. */
export async function planInput(
  rooms: PlanRooms,
  record: Planned,
  here: NetworkLocation,
  ignoreMemory: boolean,
): Promise<Omit<PlanInput, 'rateLimited'> & { rateLimited: Map<ServerId, ReachedLimit> }> {
  const { settings, memory, limits, credentials } = rooms;
  const { servers } = settings.current();
  await memory.load();
  await memory.reviseSignIns(servers, (id) => credentials.secret(id));
  const identity = record.identityId === null ? undefined : settings.identity(record.identityId);
  return {
    message: {
      reversePath: record.reversePath,
      recipients: pendingOf(record),
      sizeOctets: record.sizeOctets,
      needs: needsOf(record),
    },
    identity: identity ?? null,
    servers,
    location: here,
    memory: memory.entries(),
    now: rooms.clock.now(),
    ignoreMemory,
    ...(record.serverIds === undefined ? {} : { serverIds: record.serverIds }),
    lacksSecret: await credentials.lacking(servers),
    rateLimited: await limits.refresh(servers),
  };
}

/** Who can be asked again, by all that is known now. */
export async function lookAhead(rooms: PlanRooms, record: Planned, here: NetworkLocation): Promise<Outlook> {
  const input = await planInput(rooms, record, here, false);
  const { attempts, skipped, unable } = planRoute(input);
  const able = unable === undefined ? {} : { unable };
  if (attempts.length > 0) return { stuckOn: null, ...able };
  const isLimited = ({ reason }: Skipped): boolean => reason === 'rate-limited';
  const limits = skipped.filter(isLimited).flatMap(({ serverId }) => input.rateLimited.get(serverId) ?? []);
  return { stuckOn: { skipped, limits }, ...able };
}

export interface Outlook extends Pick<RoutePlan, 'unable'> {
  /** Not even an unfriendly memory leaves anybody to ask. */
  readonly stuckOn: {
    readonly skipped: Skipped[];
    /** Of those left out because theirs is reached. */
    readonly limits: ReachedLimit[];
  } | null;
}

/** Whether a server may take it, by the settings and what is remembered: nobody is asked for that. */
export async function mayBeTaken(rooms: PlanRooms, record: Planned, here: NetworkLocation): Promise<boolean> {
  return (await lookAhead(rooms, record, here)).unable === undefined;
}
