import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { AttemptStage } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import { mailParameters, setRcptParameters } from './delivery-notification.ts';
import { envelopeAddress, needsSmtpUtf8 } from './envelope-address.ts';
import { isPositive, parseReply, type SmtpReply } from './smtp-reply.ts';
import type { Capabilities, SessionOptions, SmtpSession, Transaction, TransactionResult } from './smtp-session.ts';
import type { SmtpTap } from './smtp-tap.ts';
import type { Guard } from './socket-guard.ts';
import { noReply, refused, StageFailure, socketFailure } from './stage-failure.ts';

const chunkOctets = 64 * 1024;
/** A session kept from before gets this long for its first reply, or so much longer than it ever took. */
const keptReplyMs = 4000;
const keptReplyFactor = 4;

/** The session over an open, signed-in connection. */
export function makeSession(
  connection: SMTPConnection,
  { capabilities, openedAt }: Pick<SmtpSession, 'capabilities' | 'openedAt'>,
  guard: Guard,
  tap: SmtpTap,
  options: SessionOptions,
): SmtpSession {
  let isClean = true;
  let idleSince = performance.now();
  let slowestReplyMs = 0;
  return {
    capabilities,
    openedAt,
    get isAlive() {
      return guard.isAlive;
    },
    get isClean() {
      return isClean;
    },
    get idleSince() {
      return idleSince;
    },
    async send(transaction) {
      checkNeeds(transaction, capabilities, options.endpoint.host);
      isClean = false;
      setRcptParameters(connection, transaction, capabilities);
      const { commandMs } = options.timeouts;
      const keptMs = Math.min(commandMs, Math.max(keptReplyMs, keptReplyFactor * slowestReplyMs));
      const result = await runTransaction(connection, guard, tap, options, transaction, {
        limitMs: transaction.isOnKeptSession === true ? keptMs : commandMs,
        onReply: (ms) => {
          slowestReplyMs = Math.max(slowestReplyMs, ms);
        },
      });
      // RFC 5321 §4.1.1.4: a reply to the final dot ends the transaction, whatever it says.
      isClean = result.finalDot !== undefined;
      idleSince = performance.now();
      return result;
    },
    async check(timeoutMs) {
      try {
        const never = new AbortController().signal;
        await guard.during('mail', timeoutMs, never, (done) => connection.reset(done));
        isClean = true;
        idleSince = performance.now();
        return guard.isAlive;
      } catch {
        guard.destroy();
        return false;
      }
    },
    quit() {
      if (guard.isAlive) connection.quit();
    },
    destroy: () => guard.destroy(),
  };
}

/** What the message needs and the server does not offer is an error of its own, before anything is sent. */
function checkNeeds(transaction: Transaction, { extensions, maxOctets }: Capabilities, host: string): void {
  if (maxOctets !== undefined && transaction.bytes.length > maxOctets) {
    throw noReply('mail', 'ETOOLARGE', `${host} takes messages of at most ${maxOctets} octets.`);
  }
  if (needsSmtpUtf8([transaction.reversePath, ...transaction.recipients]) && !extensions.has('SMTPUTF8')) {
    throw noReply('mail', 'EREJECTED', `${host} cannot handle addresses with letters outside ASCII (SMTPUTF8).`);
  }
  if (transaction.isEightBit && !extensions.has('8BITMIME')) {
    throw noReply('mail', 'EREJECTED', `${host} cannot take a message with 8-bit text (8BITMIME).`);
  }
}

interface Progress {
  isDotSent: boolean;
  isOver: boolean;
  /** The ledger could not take note that the message is about to leave. */
  ledgerFailure?: NonNullable<TransactionResult['failure']>;
}

/** The reply to MAIL: how long it may take, and how long it took. */
interface FirstReply {
  readonly limitMs: number;
  readonly onReply: (ms: number) => void;
}

async function runTransaction(
  connection: SMTPConnection,
  guard: Guard,
  tap: SmtpTap,
  { timeouts }: SessionOptions,
  transaction: Transaction,
  first: FirstReply,
): Promise<TransactionResult> {
  const { log } = transaction;
  const progress: Progress = { isDotSent: false, isOver: false };
  const began = performance.now();
  let isAnswered = false;
  tap.begin(log);
  log.enter('mail');
  const body = bodyStream(transaction, progress, {
    taken: () => takenRecipients(tap, transaction),
    onChunk: () => guard.extend('data', timeouts.dataMs),
    onRelease: () => {
      guard.ignoreAbort();
      guard.extend('final-dot', timeouts.finalDotMs);
      log.client(`(${transaction.bytes.length} octets of message)`);
      log.enter('final-dot');
    },
  });
  tap.onStep = () => {
    const stage = stageOf(tap, transaction.recipients.length);
    if (!progress.isDotSent) log.enter(stage);
    const last = tap.exchanges.findLast(({ reply }) => reply !== undefined)?.reply;
    if (last === undefined) return;
    log.note(last.text);
    if (!isAnswered) first.onReply(performance.now() - began);
    isAnswered = true;
    if (!progress.isDotSent) guard.extend(stage, stage === 'data' ? timeouts.dataMs : timeouts.commandMs);
  };
  let finalDot: SmtpReply | undefined;
  let failure: TransactionResult['failure'];
  try {
    finalDot = await dialogue(connection, guard, transaction, body, first.limitMs);
  } catch (error) {
    finalDot = finalReplyIn(error);
    if (finalDot === undefined && !(error instanceof Error && isEnvelopeError(error)))
      failure = progress.ledgerFailure ?? lossOf(error, guard);
  } finally {
    progress.isOver = true;
    tap.onStep = undefined;
    body.destroy();
  }
  // A reply before the end of the message was asked for: whatever it says, the rest must not follow it.
  if (finalDot !== undefined && !progress.isDotSent) {
    guard.destroy();
    if (isPositive(finalDot)) {
      finalDot = undefined;
      failure = { code: 'EPROTOCOL', text: 'The server answered before it had the message.' };
    }
  }
  if (failure !== undefined) guard.destroy();
  return resultOf(tap, transaction, progress.isDotSent, finalDot, failure);
}

async function dialogue(
  connection: SMTPConnection,
  guard: Guard,
  transaction: Transaction,
  body: Readable,
  timeoutMs: number,
): Promise<SmtpReply | undefined> {
  const info = await guard.during<{ response: string }>('mail', timeoutMs, transaction.signal, (done) => {
    connection.send(
      {
        from: envelopeAddress(transaction.reversePath),
        to: transaction.recipients.map(envelopeAddress),
        size: transaction.bytes.length,
        use8BitMime: transaction.isEightBit,
        ...mailParameters(transaction),
      },
      body,
      (error, value) => done(error, value),
    );
  });
  return parseReply(info.response) ?? undefined;
}

/**
 * The message in pieces. The last piece is held back until the ledger knows that it may leave: from then on a lost reply
 * means *uncertain* (RFC 1047), before that nothing can have been accepted.
 */
function bodyStream({ bytes, beforeLastOctets }: Transaction, progress: Progress, told: BodyEvents): Readable {
  let offset = 0;
  const piece = (length: number): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset + offset, length);

  async function release(): Promise<Buffer | null> {
    try {
      await beforeLastOctets(told.taken());
    } catch (error) {
      const text = error instanceof MailError ? error.message : 'The state of the message could not be kept safe.';
      progress.ledgerFailure = { code: 'EIO', text };
      throw new Error(text, { cause: error });
    }
    // A reply that came along with the one to DATA is heard in this turn: nobody can have the message yet.
    await setImmediate();
    if (progress.isOver) return null;
    progress.isDotSent = true;
    told.onRelease();
    return piece(bytes.length - offset);
  }

  return new Readable({
    // A piece is asked for when the one before has gone on, not ahead of that.
    highWaterMark: 1,
    read() {
      if (offset > 0) told.onChunk();
      if (bytes.length - offset > chunkOctets) {
        const next = piece(chunkOctets);
        offset += chunkOctets;
        this.push(next);
        return;
      }
      release().then(
        (last) => {
          if (last === null) return;
          this.push(last);
          this.push(null);
        },
        (error: Error) => this.destroy(error),
      );
    },
  });
}

interface BodyEvents {
  /** Those whose RCPT was accepted. */
  taken(): string[];
  /** A piece has gone on. */
  onChunk(): void;
  /** The last piece may leave from now on. */
  onRelease(): void;
}

/** The stage whose reply is awaited. */
function stageOf(tap: SmtpTap, recipients: number): AttemptStage {
  const [mail, ...others] = tap.exchanges;
  if (mail?.reply === undefined || !isPositive(mail.reply)) return 'mail';
  const replies = others.slice(0, recipients);
  if (replies.length < recipients || replies.some(({ reply }) => reply === undefined)) return 'rcpt';
  return replies.some(({ reply }) => reply !== undefined && isPositive(reply)) ? 'data' : 'rcpt';
}

function takenRecipients(tap: SmtpTap, { recipients }: Transaction): string[] {
  const [, ...others] = tap.exchanges;
  return recipients.filter((_, index) => {
    const reply = others[index]?.reply;
    return reply !== undefined && isPositive(reply);
  });
}

function resultOf(
  tap: SmtpTap,
  transaction: Transaction,
  isDotSent: boolean,
  finalDot: SmtpReply | undefined,
  failure: TransactionResult['failure'],
): TransactionResult {
  const [mail, ...others] = tap.exchanges;
  const isMailTaken = mail?.reply !== undefined && isPositive(mail.reply);
  const data = others[transaction.recipients.length];
  return {
    stage: finalDot !== undefined || isDotSent ? 'final-dot' : stageOf(tap, transaction.recipients.length),
    mail: mail?.reply,
    // Replies to RCPT after a refused MAIL (503) say nothing about the recipients.
    recipients: transaction.recipients.map((mailbox, index) => ({
      mailbox,
      reply: isMailTaken ? others[index]?.reply : undefined,
    })),
    data: data?.command === 'DATA' ? data.reply : undefined,
    finalDot,
    isDotSent,
    failure,
  };
}

/**
 * The library names a reply to the final dot EMESSAGE; a torn reply after a lost connection is ECONNECTION and no reply.
 * Neither is what says neither yes nor no (a reply to DATA that came twice): RFC 5321 §4.2.1 has only 2yz, 4yz and 5yz there.
 */
function finalReplyIn(error: unknown): SmtpReply | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'EMESSAGE') return undefined;
  if (!('response' in error) || typeof error.response !== 'string') return undefined;
  const reply = parseReply(error.response);
  return reply !== null && reply.replyCode >= 400 && reply.replyCode < 600 ? reply : undefined;
}

function isEnvelopeError(error: Error): boolean {
  return 'code' in error && error.code === 'EENVELOPE' && 'response' in error;
}

function lossOf(error: unknown, guard: Guard): NonNullable<TransactionResult['failure']> {
  if (error instanceof Error && 'code' in error && error.code === 'EMESSAGE') {
    return { code: 'EPROTOCOL', text: `${guard.name} answered the message with neither a yes nor a no.` };
  }
  const known = guard.ended ?? (error instanceof StageFailure ? error : socketFailure('mail', error, guard.name));
  const { failure } = known.failure.kind === 'no-reply' ? known : refused(known.stage, known.failure.reply);
  return failure.kind === 'no-reply'
    ? { code: failure.code, text: failure.text }
    : { code: 'EREJECTED', text: failure.reply.text };
}
