import type { Socket } from 'node:net';
import type { LocationId } from '#shared/ids.ts';
import { domainOf } from '#shared/mail/address.ts';
import type { Attempt, OutboxRecipient } from '#shared/mail/outbox.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import type { AttemptLog } from './attempt-log.ts';
import { classifyFailure, type Failure, type Lacking, type Remember } from './classify-reply.ts';
import { createRace } from './connect-race.ts';
import { finish, follow, newLog, type State } from './delivery-course.ts';
import { unheardRequest } from './delivery-notification.ts';
import type { Met } from './diagnosis/place-guard.ts';
import { type Judgement, judgeTransaction } from './judge-transaction.ts';
import { elsewhere, elsewhereWords, isOfThisPlace, isStillHere, learnHere, learnLate } from './learn-here.ts';
import { answeredIn, isLostTogether, lostTogetherAttempt, wordsOfLoss } from './lost-together.ts';
import { meaningOf, overtakenMeaning } from './meaning.ts';
import { closeConnection, connectFresh, type Opened, openAttempt, readySession } from './open-attempt.ts';
import type { PlannedAttempt } from './plan-route.ts';
import type { reachEndpoint } from './reach-endpoint.ts';
import type { PoolKey, SessionPool } from './session-pool.ts';
import type { Credentials } from './sign-in.ts';
import type { SmtpSession, Transaction, TransactionResult } from './smtp-session.ts';
import { asFailure, StageFailure, stopped } from './stage-failure.ts';
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
  | {
      readonly kind: 'refusal';
      readonly remember: Remember;
      readonly recipientDomain?: string;
      readonly text: string;
      readonly lacks?: Lacking;
    }
  | { readonly kind: 'slow' | 'recovered' | 'no-pipelining' }
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
  /** Whether commands sent to it together were lost before: then they go one by one. */
  losesTogether?(at: PlannedAttempt): boolean;
  /** Counts one message against the server's limits; false when they are reached. */
  claim(server: OutgoingServer): boolean;
  /** Durably notes that these may be on their way with this server. */
  beforeLastOctets(server: OutgoingServer, mailboxes: readonly string[]): Promise<void>;
  /** Durably notes what became of recipients. */
  settled(recipients: readonly OutboxRecipient[]): Promise<void>;
  attempted(attempt: Attempt): void;
  learn(lesson: Lesson): void;
  /** It was asked, and so it offers all the message needs, whatever it said before. */
  offered?(at: PlannedAttempt): void;
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
  const state: State = {
    delivery,
    ports,
    race,
    attempts: [],
    answeredTogether: new Map(),
    pending: [...delivery.recipients],
    isContentRefused: false,
    isStopped: false,
  };
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

/** Sends over one connection all this server is to be asked for. */
async function sendOver(state: State, at: PlannedAttempt, opened: Opened, firstLog: AttemptLog): Promise<void> {
  const { delivery, ports, race } = state;
  let log = firstLog;
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
    let end = await sendAll(state, at, kept, log, isReused, () => giveBack(kept));
    // Twice at most. A kept session was silently dead: a new connection takes over, and nobody is blamed. Or commands sent
    // together were lost: they are said again one by one.
    while (end !== 'done') {
      if (end === 'lost-together') {
        finish(state, lostTogetherAttempt(log));
        log = newLog(at, delivery, ports);
      }
      if (!(await isStillHere(ports, signal))) {
        state.isStopped = true;
        return;
      }
      const again = { ...context, log };
      const fresh = await readySession(await connectFresh(at, again), at, again);
      end = await sendAll(state, at, fresh, log, false, () => giveBack(fresh));
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
): Promise<'done' | 'stale' | 'lost-together'> {
  const { delivery, ports } = state;
  let isFree = false;
  const free = (): void => {
    if (!isFree) onFree();
    isFree = true;
  };
  let most = at.server.maxRecipients ?? Number.POSITIVE_INFINITY;
  let toAsk = [...state.pending];
  let log = firstLog;
  try {
    for (let isFirst = true; toAsk.length > 0; isFirst = false) {
      if (!isFirst) log = newLog(at, delivery, ports);
      const chunk = toAsk.slice(0, most);
      if (!session.isClean && !(await session.check(resetMs))) return 'done';
      const isOnKeptSession = isReused && isFirst;
      const transaction = { ...transactionFor(state, at, chunk, log), isOnKeptSession };
      const result = await session
        .send(transaction)
        .catch((error: unknown) => offerOf(error, isOnKeptSession, session));
      if (result === 'stale') return result;
      const isSilent = result.mail === undefined && !result.isDotSent && result.failure !== undefined;
      if (isOnKeptSession && isSilent && !delivery.signal.aborted) return 'stale';
      if (isLostTogether(result, transaction, session.capabilities) && !delivery.signal.aborted) {
        log.fail(wordsOfLoss(result));
        state.answeredTogether.set(at, answeredIn(result));
        return 'lost-together';
      }
      learnOfLoss(state, at, result);
      const judgement = judgeTransaction(result);
      // Asked for all of them each time, it would count its own refusals as errors of ours, and leave.
      if (judgement.overflow.length > 0) most = Math.max(1, chunk.length - judgement.overflow.length);
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

/** What a kept session was offered was said a while ago: before a message is refused for it, the server is greeted anew. */
function offerOf(error: unknown, isOnKeptSession: boolean, session: SmtpSession): 'stale' {
  const isLacking =
    error instanceof StageFailure && error.failure.kind === 'no-reply' && error.failure.lacks !== undefined;
  if (!isLacking || !isOnKeptSession) throw error;
  session.destroy();
  return 'stale';
}

function transactionFor(
  { delivery, ports, answeredTogether }: State,
  at: PlannedAttempt,
  recipients: readonly string[],
  log: AttemptLog,
): Transaction {
  const { server } = at;
  return {
    log,
    reversePath: delivery.reversePath,
    recipients,
    bytes: delivery.bytes,
    isEightBit: delivery.isEightBit,
    dsn: server.dsn,
    envelopeId: delivery.envelopeId,
    isOneByOne: answeredTogether.has(at) || ports.losesTogether?.(at) === true,
    beforeLastOctets: (mailboxes) => ports.beforeLastOctets(server, mailboxes),
    signal: delivery.signal,
  };
}

/** One by one it came further: from now on so from the beginning. */
function learnOfLoss({ answeredTogether, ports }: State, at: PlannedAttempt, result: TransactionResult): void {
  if (answeredIn(result) <= (answeredTogether.get(at) ?? Number.POSITIVE_INFINITY)) return;
  ports.learn({ kind: 'no-pipelining', at });
  answeredTogether.set(at, Number.POSITIVE_INFINITY);
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
  if (outcome !== 'accepted') ports.offered?.(at);
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
    const lacks = why.kind === 'no-reply' ? why.lacks : undefined;
    const about = lacks === undefined ? {} : { lacks };
    ports.learn({ kind: 'refusal', at, remember: verdict.remember, text: failure.message, ...about });
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
