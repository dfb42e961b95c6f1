import { createHash } from 'node:crypto';
import { type FolderPath, type JobId, MessageKey, type ServerId } from '#shared/ids.ts';
import type { KickReport } from '#shared/job.ts';
import { folder } from '#shared/mail/folder.ts';
import type { NetworkLocation, ServerCondition } from '#shared/mail/outbox.ts';
import type { Kick, OutgoingServer } from '#shared/mail/outgoing-server.ts';
import { MailError, type MailErrorCode, type MailErrorData } from '#shared/mail-error.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import type { HandlersOf, OutboxService, Rooms } from '../../services.ts';
import type { FileRequest, Store } from '../../store/store-api.ts';
import type { CredentialsService } from '../credentials.ts';
import type { DeliveryMemory } from '../delivery-memory.ts';
import type { PlaceGuard } from '../diagnosis/place-guard.ts';
import type { LocationService } from '../network-location.ts';
import { isAllowedHere } from '../plan-route.ts';
import { StageFailure } from '../stage-failure.ts';
import type { KickContext } from './ask-server.ts';
import { giveAtrn } from './atrn.ts';
import { giveEtrn } from './etrn.ts';
import type { KickEnd } from './kick-end.ts';
import type { HandedMail } from './receive-mail.ts';
import { pullTrigger } from './trigger-port.ts';
import { sendWakeUp } from './wake-up-mail.ts';

/** Where mail that was handed over goes, as collected mail would. */
export type SortArrival = (mail: Pick<HandedMail, 'bytes' | 'forwardPaths'>) => FolderPath;

export type KickRooms = Pick<Rooms, 'clock' | 'log' | 'emit' | 'store' | 'settings' | 'jobs'> & {
  readonly credentials: Pick<CredentialsService, 'forServer' | 'secret'>;
  readonly memory: Pick<DeliveryMemory, 'load' | 'learn' | 'entries' | 'reviseSignIns'>;
  /** Notices when something else answers in the place of the server. */
  readonly guard: Pick<PlaceGuard, 'meet'>;
  readonly location: Pick<LocationService, 'current'>;
  readonly outbox: Pick<OutboxService, 'enqueue' | 'flush' | 'item'>;
  /** The Inbox unless given. */
  readonly sortArrival?: SortArrival;
  /** Past the scanner and the rules; straight into the store unless given. */
  readonly fileArrivals?: Store['file'];
  /** Resolves when what came in lies where it belongs: until then it is not told of. */
  readonly arrivalsSettled?: () => Promise<void>;
  /** A kick has ended: its server's condition changed. */
  readonly onKicked: (serverId: ServerId) => void;
};

/** Kicks: nudges that make a server work its queue for us, hand our mail over, or open its relay. */
export interface Kicks {
  readonly handlers: HandlersOf<'server.kick'>;
  /** The last kick of a server since the start. */
  last(serverId: ServerId): ServerCondition['kick'];
  /** This machine came onto a network, or was started on one. Quiet: what fails is in the log and the condition. */
  cameOnto(location: NetworkLocation): Promise<void>;
}

/** A flapping network must not mean a knock at the door every few seconds. */
const restMs = 5 * 60_000;
/** How many of the new messages are shown when many arrive at once. */
const announcedAtMost = 50;

export function createKicks(rooms: KickRooms): Kicks {
  const { clock, log, settings, jobs } = rooms;
  const ends = new Map<ServerId, NonNullable<ServerCondition['kick']>>();
  const lastAt = new Map<string, number>();
  /** The settings with which a sign-in was refused: until they change, or a kick by hand succeeds. */
  const refusedAs = new Map<ServerId, string>();

  function start(server: OutgoingServer, kick: Kick, isQuiet: boolean): JobId {
    return jobs.start({
      jobKind: 'kick',
      label: server.label,
      exclusive: `kick ${server.id}`,
      work: async (job) => {
        const here = await rooms.location.current();
        lastAt.set(`${server.id}|${here.locationId}`, clock.now());
        if (!isAllowedHere(server, here.locationId)) {
          throw new MailError('EINVALID', `${server.label} is not to be used on this network (${here.name}).`);
        }
        const report = await give(server, kick, job, here);
        ends.set(server.id, { at: new Date(clock.now()).toISOString(), ok: report.ok, text: report.text });
        if (report.ok) refusedAs.delete(server.id);
        rooms.onKicked(server.id);
        if (!report.ok && isQuiet) log.warn('A kick did not work.', { serverId: server.id, reason: report.text });
        return report;
      },
    });
  }

  async function give(
    server: OutgoingServer,
    kick: Kick,
    { signal, report }: JobContext,
    here: NetworkLocation,
  ): Promise<KickReport> {
    const transcript: string[] = [];
    await rooms.memory.load();
    const context: KickContext = {
      server,
      meet: (endpoint, met) => rooms.guard.meet({ serverId: server.id, endpoint, locationId: here.locationId }, met),
      credentials: () => rooms.credentials.forServer(server),
      now: () => clock.now(),
      signal,
      report: (phase, done = 0) => report({ phase, done, total: null }),
      transcript,
    };
    try {
      const end = await giveByKind(rooms, kick, context);
      signal.throwIfAborted();
      return { kind: 'kick', ...end, transcript };
    } catch (error) {
      if (signal.aborted) throw error;
      const data = dataOf(error);
      if (data === null) throw error;
      if (data.code === 'EAUTH') await rememberRefusal(server, kick, here, data);
      return { kind: 'kick', ok: false, text: inWords(data, server), received: 0, transcript, error: data };
    }
  }

  /**
   * A password that was refused is not offered again by itself: not by a kick, and, where mail goes to the same place, not
   * with a message. An endpoint that is only for kicks may know other passwords than the one for mail.
   */
  async function rememberRefusal(server: OutgoingServer, kick: Kick, here: NetworkLocation, data: MailErrorData) {
    refusedAs.set(server.id, JSON.stringify(server));
    const [endpoint] = server.endpoints;
    if (endpoint === undefined || ('endpoint' in kick && kick.endpoint !== undefined)) return;
    await rooms.memory.reviseSignIns(settings.current().servers, rooms.credentials.secret);
    rooms.memory.learn(
      { kind: 'refusal', at: { server, endpoint, why: '' }, remember: 'auth-failed', text: data.server ?? '' },
      { sender: '', octets: 0, locationId: here.locationId },
    );
  }

  async function isSignInRefused(server: OutgoingServer): Promise<boolean> {
    if (refusedAs.get(server.id) === JSON.stringify(server)) return true;
    await rooms.memory.load();
    await rooms.memory.reviseSignIns(settings.current().servers, rooms.credentials.secret);
    return rooms.memory.entries().some((entry) => entry.kind === 'auth-failed' && entry.serverId === server.id);
  }

  return {
    last: (serverId) => ends.get(serverId),
    async cameOnto({ locationId, isOnline }) {
      if (!isOnline) return;
      for (const server of settings.current().servers) {
        const { kick } = server;
        if (kick?.when !== 'on-connect' || !server.enabled || !isAllowedHere(server, locationId)) continue;
        const key = `${server.id}|${locationId}`;
        if (clock.now() - (lastAt.get(key) ?? Number.NEGATIVE_INFINITY) < restMs) continue;
        lastAt.set(key, clock.now());
        if (await isSignInRefused(server)) {
          log.info('No kick: the sign-in of this server was refused.', { serverId: server.id });
        } else start(server, kick, true);
      }
    },
    handlers: {
      'server.kick': async ({ serverId }) => {
        const server = settings.server(serverId);
        if (server === undefined) throw new MailError('ENOTFOUND', 'That outgoing server is not there any more.');
        if (server.kick === undefined) throw new MailError('EINVALID', `No kick is set up for ${server.label}.`);
        if (!server.enabled) throw new MailError('EINVALID', `${server.label} is switched off.`);
        return { jobId: start(server, server.kick, false) };
      },
    },
  };
}

function giveByKind(rooms: KickRooms, kick: Kick, context: KickContext): Promise<KickEnd> {
  switch (kick.kind) {
    case 'etrn':
      return giveEtrn(kick, context);
    case 'atrn':
      return fetchByAtrn(rooms, kick, context);
    case 'wake-up-mail':
      return wakeUp(rooms, kick, context);
    case 'trigger-port':
      return pullTrigger(kick, context);
  }
}

function wakeUp(
  rooms: KickRooms,
  kick: Extract<Kick, { kind: 'wake-up-mail' }>,
  context: KickContext,
): Promise<KickEnd> {
  const { identities, preferences } = rooms.settings.current();
  return sendWakeUp(kick, context, { ...rooms, identities, isPaused: preferences.sendingPaused });
}

async function fetchByAtrn(
  rooms: KickRooms,
  kick: Extract<Kick, { kind: 'atrn' }>,
  context: KickContext,
): Promise<KickEnd> {
  const { store } = rooms;
  const { mailFolderProblem } = await store.state();
  if (mailFolderProblem !== null) throw new MailError('EMAILFOLDER', mailFolderProblem);
  const filed: MessageKey[] = [];
  try {
    return await giveAtrn(kick, context, async (mail) => {
      const messageKey = keyOf(context.server.id, mail);
      const at = rooms.sortArrival?.(mail) ?? folder.inbox;
      const request: FileRequest = { folder: at, messageKey, bytes: mail.bytes, flags: [], receivedAt: context.now() };
      const file = rooms.fileArrivals ?? store.file;
      const [outcome] = await file([{ ...request, isArrival: true }]);
      if (outcome === undefined) throw new MailError('EIO', 'The message was not filed.');
      if (outcome.outcome === 'filed') filed.push(messageKey);
    });
  } finally {
    await announce(rooms, filed);
  }
}

/**
 * The same bytes in the same envelope give the same key: when the reply to the final dot is lost, the server brings the
 * message again (RFC 1047), and it is found instead of doubled.
 */
function keyOf(serverId: ServerId, { reversePath, forwardPaths, bytes }: HandedMail): MessageKey {
  const envelope = JSON.stringify(['atrn', serverId, reversePath, [...forwardPaths].sort()]);
  const digest = (of: string | Uint8Array): string => createHash('sha256').update(of).digest('hex');
  return MessageKey.parse(`${digest(envelope).slice(0, 32)}-${digest(bytes).slice(0, 16)}`);
}

async function announce({ emit, store, log, arrivalsSettled }: KickRooms, filed: readonly MessageKey[]): Promise<void> {
  if (filed.length === 0) return;
  try {
    await arrivalsSettled?.();
    const summaries = await Promise.all(filed.slice(-announcedAtMost).map((messageKey) => store.summary(messageKey)));
    emit('mail.arrived', { count: filed.length, messages: summaries.filter((summary) => summary !== null) });
  } catch (error) {
    log.error('New mail could not be announced.', error);
  }
}

/** Null: none of a kick's own. */
function dataOf(error: unknown): MailErrorData | null {
  if (error instanceof MailError) return error.toData();
  if (!(error instanceof StageFailure)) return null;
  const { failure, stage } = error;
  if (failure.kind === 'no-reply') return { code: failure.code, message: failure.text };
  const { replyCode, enhancedStatusCode, text } = failure.reply;
  return {
    code: codeOf(stage, replyCode, enhancedStatusCode),
    message: stage === 'auth' ? 'The server did not accept the user name or password.' : 'The server refused to go on.',
    replyCode,
    ...(enhancedStatusCode === undefined ? {} : { enhancedStatusCode }),
    server: text,
  };
}

function codeOf(stage: StageFailure['stage'], replyCode: number, status: string | undefined): MailErrorCode {
  if (stage !== 'auth') return replyCode < 500 ? 'ETRANSIENT' : 'EREJECTED';
  if (replyCode === 535 && status !== '4.7.0') return 'EAUTH';
  return replyCode < 500 || status === '4.7.0' ? 'EAUTH_TEMPORARY' : 'EAUTH_SETUP';
}

function inWords({ message, server }: MailErrorData, { label }: OutgoingServer): string {
  const said = server === undefined ? '' : ` (It said: ${server})`;
  return `The kick of ${label} did not work: ${message}${said}`;
}
