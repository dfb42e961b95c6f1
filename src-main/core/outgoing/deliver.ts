import type { Socket } from 'node:net';
import { assertNever } from '#shared/assert-never.ts';
import type { LocationId } from '#shared/ids.ts';
import { domainOf } from '#shared/mail/address.ts';
import type { Attempt, OutboxRecipient } from '#shared/mail/outbox.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import { type AttemptLog, createAttemptLog } from './attempt-log.ts';
import { classifyFailure, type Failure, type Remember, type Verdict } from './classify-reply.ts';
import { createRace, type Race } from './connect-race.ts';
import { unheardRequest } from './delivery-notification.ts';
import type { Met } from './diagnosis/place-guard.ts';
import { type Judgement, judgeTransaction } from './judge-transaction.ts';
import { elsewhere, elsewhereWords, isOfThisPlace, isStillHere, learnHere } from './learn-here.ts';
import { meaningOf, overtakenMeaning } from './meaning.ts';
import { closeConnection, connectFresh, type Opened, openAttempt, readySession } from './open-attempt.ts';
import type { PlannedAttempt } from './plan-route.ts';
import type { reachEndpoint } from './reach-endpoint.ts';
import type { PoolKey, SessionPool } from './session-pool.ts';
import type { Credentials } from './sign-in.ts';
import type { SmtpSession, Transaction } from './smtp-session.ts';
import { noReply, StageFailure, stopped } from './stage-failure.ts';
import { staggerMs } from './timeouts.ts';

/** RSET between two transactions of a message. */
const resetMs = 10_000;

/** One message on its way through a plan. */
export interface Delivery {
  readonly reversePath: string;
  /** Those still to be sent to. */
  readonly recipients: readonly string[];
  /** What goes on the wire: CRLF, without Bcc. */
  readonly bytes: Uint8Array;
  readonly isEightBit: boolean;
  readonly envelopeId: string;
  readonly plan: readonly PlannedAttempt[];
  readonly locationId: LocationId;
  readonly signal: AbortSignal;
  /** After this plan others are asked: only for what is said about it. */
  readonly hasMore?: boolean;
  /** A place at the first endpoint, taken beforehand; given back when another endpoint is used, and in the end. */
  readonly lane?: { readonly key: PoolKey; release(): void };
}

/** Something learned about an endpoint on the way. */
export type Lesson = { readonly at: PlannedAttempt } & (
  | { readonly kind: 'success'; readonly durationMs: number; readonly recipientDomains: readonly string[] }
  | { readonly kind: 'refusal'; readonly remember: Remember; readonly recipientDomain?: string; readonly text: string }
  | { readonly kind: 'slow' | 'recovered' }
);

export interface DeliveryPorts {
  now(): number;
  readonly pool: SessionPool;
  /** How endpoints are connected to, if not as everywhere. */
  readonly reach?: typeof reachEndpoint;
  /** Notices when something else answers in the place of a server. */
  readonly guard?: {
    meet(at: PlannedAttempt, met: Met): Promise<string | undefined>;
    suspect(at: PlannedAttempt, failure: StageFailure): StageFailure;
  };
  /** `socket` is the connection it is said on. */
  readonly ehloName: (server: OutgoingServer, socket: Socket) => string;
  /** Throws `StageFailure` at `auth` when they are missing. */
  credentialsFor(server: OutgoingServer): Promise<Credentials>;
  /** Counts one message against the server's limits; false when they are reached. */
  claim(server: OutgoingServer): boolean;
  /** Durably notes that these may be on their way with this server. */
  beforeLastOctets(server: OutgoingServer, mailboxes: readonly string[]): Promise<void>;
  /** Durably notes what became of recipients. */
  settled(recipients: readonly OutboxRecipient[]): Promise<void>;
  attempted(attempt: Attempt): void;
  learn(lesson: Lesson): void;
  /**
   * Looks at the network anew: false when it is another one than the plan was made for. Then what a server said was said
   * to somebody else's customer, and the delivery stops, to begin anew.
   */
  isSamePlace?(): Promise<boolean>;
}

export interface DeliveryEnd {
  readonly attempts: Attempt[];
  /** A server read the message and refused its content: a person decides. */
  readonly isContentRefused: boolean;
  /** What failed on this computer, in the words of the ledger: no server is to blame. */
  readonly ownFault?: string;
  readonly pending: string[];
}

interface State {
  readonly delivery: Delivery;
  readonly ports: DeliveryPorts;
  readonly race: Race<PlannedAttempt, Opened>;
  readonly attempts: Attempt[];
  pending: string[];
  isContentRefused: boolean;
  ownFault?: string;
  isStopped: boolean;
}

/**
 * Works through a plan until every recipient is settled or nobody is left to ask. Never throws for what a server does;
 * throws what `ports.settled` throws. A recipient is offered to a further server only after a definite refusal.
 */
export async function deliver(delivery: Delivery, ports: DeliveryPorts): Promise<DeliveryEnd> {
  const { signal, plan } = delivery;
  const logs = new Map<PlannedAttempt, AttemptLog>();
  /** Begun when the endpoint is: what was tried before it is no time of its own. */
  const logOf = (at: PlannedAttempt): AttemptLog => {
    const log = logs.get(at) ?? newLog(at, delivery, ports);
    logs.set(at, log);
    return log;
  };
  const race = createRace<PlannedAttempt, Opened>(
    plan,
    {
      staggerMs,
      start: (at) => openAttempt(at, { ports, log: logOf(at), hasAlternative: plan.length > 1, signal }),
      onSlow: (at) => learnHere(ports, { kind: 'slow', at }),
      onLate: (at, failure) => learnLate(at, failure, ports),
      discard: (opened) => closeConnection(opened, ports.pool),
    },
    asFailure,
  );
  const pending = [...delivery.recipients];
  const state: State = { delivery, ports, race, attempts: [], pending, isContentRefused: false, isStopped: false };
  try {
    while (state.pending.length > 0 && !state.isStopped) {
      const turn = await race.next();
      if (turn === null) break;
      const log = logOf(turn.candidate);
      if (turn.kind === 'failed') await recordFailure(state, turn.candidate, log, turn.failure);
      else await sendOver(state, turn.candidate, turn.value, log);
      if (signal.aborted) state.isStopped = true;
    }
  } finally {
    delivery.lane?.release();
    for (const at of race.leave()) recordOvertaken(state, logOf(at));
  }
  const { attempts, isContentRefused, ownFault } = state;
  return { attempts, isContentRefused, pending: state.pending, ...(ownFault === undefined ? {} : { ownFault }) };
}

function newLog({ server, endpoint }: PlannedAttempt, { locationId }: Delivery, ports: DeliveryPorts): AttemptLog {
  return createAttemptLog({ server, endpoint, locationId, startedAt: ports.now() });
}

function asFailure(error: unknown): StageFailure {
  return error instanceof StageFailure
    ? error
    : noReply('connect', 'EINTERNAL', 'The attempt failed inside Postrider.');
}

function learnLate(at: PlannedAttempt, failure: StageFailure | null, ports: DeliveryPorts): void {
  if (failure === null) {
    learnHere(ports, { kind: 'recovered', at });
    return;
  }
  const verdict = classifyFailure(failure.stage, failure.failure, false);
  if (verdict.remember !== null)
    learnHere(ports, { kind: 'refusal', at, remember: verdict.remember, text: failure.message });
}

/** Sends over one connection all this server is to be asked for. */
async function sendOver(state: State, at: PlannedAttempt, opened: Opened, log: AttemptLog): Promise<void> {
  const { delivery, ports, race } = state;
  const { signal } = delivery;
  if (!ports.claim(at.server)) {
    closeConnection(opened, ports.pool);
    race.drop(({ server }) => server.id === at.server.id);
    return;
  }
  const context = { ports, log, hasAlternative: race.hasMore, signal };
  let release: () => void = () => undefined;
  try {
    if (delivery.lane?.key !== opened.key) {
      // Never hold one place while waiting for another: two such waits could block each other for good.
      delivery.lane?.release();
      release = await ports.pool.slot(opened.key, signal).catch(() => {
        closeConnection(opened, ports.pool);
        throw stopped('connect', signal);
      });
    }
    const kept = await readySession(opened, at, context);
    const isReused = opened.kind === 'pooled' && opened.session === kept;
    const end = await sendAll(state, at, kept, log, isReused, () => giveBack(kept));
    if (end === 'stale') {
      // The kept session was silently dead: a new connection takes over, and nobody is blamed.
      if (!(await isStillHere(ports, delivery.signal))) {
        state.isStopped = true;
        return;
      }
      const fresh = await readySession(await connectFresh(at, context), at, context);
      await sendAll(state, at, fresh, log, false, () => giveBack(fresh));
    }
  } catch (error) {
    if (!(error instanceof StageFailure)) throw error;
    await recordFailure(state, at, log, error);
  } finally {
    release();
  }

  function giveBack(session: SmtpSession): void {
    ports.pool.give(opened.key, session);
    release();
    if (delivery.lane?.key === opened.key) delivery.lane.release();
  }
}

/** `onFree` is called once, as soon as the session is not needed any more: before the outcome is written down. */
async function sendAll(
  state: State,
  at: PlannedAttempt,
  session: SmtpSession,
  firstLog: AttemptLog,
  isReused: boolean,
  onFree: () => void,
): Promise<'done' | 'stale'> {
  const { delivery, ports } = state;
  let isFree = false;
  const free = (): void => {
    if (!isFree) onFree();
    isFree = true;
  };
  const most = at.server.maxRecipients ?? Number.POSITIVE_INFINITY;
  let toAsk = [...state.pending];
  let log = firstLog;
  try {
    for (let isFirst = true; toAsk.length > 0; isFirst = false) {
      if (!isFirst) log = newLog(at, delivery, ports);
      const chunk = toAsk.slice(0, most);
      if (!session.isClean && !(await session.check(resetMs))) return 'done';
      const isOnKeptSession = isReused && isFirst;
      const result = await session.send({ ...transactionFor(state, at, chunk, log), isOnKeptSession });
      const isSilent = result.mail === undefined && !result.isDotSent && result.failure !== undefined;
      if (isOnKeptSession && isSilent && !delivery.signal.aborted) return 'stale';
      const judgement = judgeTransaction(result);
      toAsk = [...judgement.overflow, ...toAsk.slice(chunk.length)];
      const isLast = toAsk.length === 0 || judgement.outcome !== 'accepted' || !session.isAlive;
      if (isLast) free();
      const remark = unheardRequest(at.server.dsn, session.capabilities);
      await recordTransaction(state, at, log, judgement, { goesOnHere: !isLast, remark });
      if (isLast) break;
    }
    return 'done';
  } finally {
    free();
  }
}

function transactionFor(
  { delivery, ports }: State,
  { server }: PlannedAttempt,
  recipients: readonly string[],
  log: AttemptLog,
): Transaction {
  return {
    log,
    reversePath: delivery.reversePath,
    recipients,
    bytes: delivery.bytes,
    isEightBit: delivery.isEightBit,
    dsn: server.dsn,
    envelopeId: delivery.envelopeId,
    beforeLastOctets: (mailboxes) => ports.beforeLastOctets(server, mailboxes),
    signal: delivery.signal,
  };
}

async function recordTransaction(
  state: State,
  at: PlannedAttempt,
  log: AttemptLog,
  judgement: Judgement,
  { goesOnHere, remark }: { goesOnHere: boolean; remark: string | null },
): Promise<void> {
  const { delivery, ports, race } = state;
  const { outcome, verdict, recipients, deciding } = judgement;
  const stillPending = new Set(recipients.filter(({ state: own }) => own === 'pending').map(({ mailbox }) => mailbox));
  const asked = new Set(recipients.map(({ mailbox }) => mailbox));
  state.pending = state.pending.filter((mailbox) => stillPending.has(mailbox) || !asked.has(mailbox));
  if (outcome !== 'accepted' && outcome !== 'uncertain') log.fail(judgement.text);
  // Writing down is no time of the server's.
  const logged = log.snapshot();
  // First of all: what became of the recipients is durable before anything else is told or tried.
  await ports.settled(recipients.map((recipient) => ({ ...recipient, serverId: at.server.id })));
  const isDoubtful = judgement.lessons.some(({ remember }) => isOfThisPlace(remember));
  const isHere = !isDoubtful || (await isStillHere(ports, delivery.signal));
  if (!isHere) state.isStopped = true;
  if (outcome === 'accepted' && isHere) {
    const taken = recipients.filter(({ state: own }) => own === 'accepted');
    const recipientDomains = [...new Set(taken.map(({ mailbox }) => domainOf(mailbox)))];
    ports.learn({ kind: 'success', at, durationMs: logged.durationMs, recipientDomains });
  }
  if (isHere) for (const lesson of judgement.lessons) ports.learn({ kind: 'refusal', at, ...lesson });
  if (verdict?.next === 'stop-cancelled' && !delivery.signal.aborted) state.ownFault = judgement.text;
  if (!goesOnHere) follow(state, at, verdict);
  const count = (wanted: OutboxRecipient['state']): number => recipients.filter((own) => own.state === wanted).length;
  const meaning =
    !isHere && count('pending') > 0
      ? elsewhereWords
      : meaningOf({
          serverLabel: at.server.label,
          outcome,
          verdict,
          accepted: count('accepted'),
          refused: count('refused'),
          pending: count('pending'),
          hasNext: (race.hasMore || delivery.hasMore === true) && !state.isStopped,
        });
  finish(state, {
    ...logged,
    stage: judgement.stage,
    outcome,
    ...(deciding === undefined ? {} : { replyCode: deciding.replyCode }),
    ...(deciding?.enhancedStatusCode === undefined ? {} : { enhancedStatusCode: deciding.enhancedStatusCode }),
    text: judgement.text,
    ...(judgement.replies.length === 0 ? {} : { recipients: judgement.replies }),
    meaning: outcome === 'accepted' && remark !== null ? `${meaning} ${remark}` : meaning,
  });
}

/** An attempt that ended before a message could be offered. */
async function recordFailure(state: State, at: PlannedAttempt, log: AttemptLog, failure: StageFailure): Promise<void> {
  const isDoubtful = isOfThisPlace(classifyFailure(failure.stage, failure.failure, false).remember);
  const { delivery, ports } = state;
  const isHere = !isDoubtful || (await isStillHere(ports, delivery.signal));
  const isCancelled = delivery.signal.aborted;
  const why: Failure = isCancelled
    ? stopped(failure.stage, delivery.signal).failure
    : isHere
      ? failure.failure
      : elsewhere(failure.stage).failure;
  const verdict = classifyFailure(failure.stage, why, false);
  if (verdict.remember !== null) {
    ports.learn({ kind: 'refusal', at, remember: verdict.remember, text: failure.message });
  }
  follow(state, at, verdict);
  log.enter(failure.stage);
  log.fail(failure.message);
  const reply = why.kind === 'reply' ? why.reply : undefined;
  finish(state, {
    ...log.snapshot(),
    outcome: verdict.outcome,
    ...(reply === undefined ? {} : { replyCode: reply.replyCode }),
    ...(reply?.enhancedStatusCode === undefined ? {} : { enhancedStatusCode: reply.enhancedStatusCode }),
    text: failure.message,
    meaning: meaningOf({
      serverLabel: at.server.label,
      outcome: verdict.outcome,
      verdict,
      accepted: 0,
      refused: 0,
      pending: state.pending.length,
      hasNext: (state.race.hasMore || state.delivery.hasMore === true) && !state.isStopped,
    }),
  });
}

function recordOvertaken(state: State, log: AttemptLog): void {
  const text = 'No answer within a second.';
  log.fail(text);
  finish(state, { ...log.snapshot(), outcome: 'cancelled', text, meaning: overtakenMeaning });
}

function finish(state: State, attempt: Attempt): void {
  state.attempts.push(attempt);
  state.ports.attempted(attempt);
}

/** Who may still be asked, by the verdict. */
function follow(state: State, at: PlannedAttempt, verdict: Verdict | undefined): void {
  if (verdict === undefined) return;
  switch (verdict.next) {
    case 'next-endpoint':
      break;
    case 'next-server':
    case 'fail-recipient':
    case 'hold-uncertain':
      // RFC 5321 §5.1: the servers of a domain stand in for each other; what one cannot do now, the next one may.
      if (at.isOpportunistic === true && verdict.outcome === 'transient') break;
      state.race.drop(({ server }) => server.id === at.server.id);
      break;
    case 'hold-content':
      state.isContentRefused = true;
      state.isStopped = true;
      break;
    case 'stop-cancelled':
      state.isStopped = true;
      break;
    default:
      assertNever(verdict.next);
  }
}
