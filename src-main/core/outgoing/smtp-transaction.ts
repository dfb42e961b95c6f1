import type { Socket } from 'node:net';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { needsSmtpUtf8 } from './envelope-address.ts';
import { type Course, converse, type Ground, stageOf } from './mail-dialogue.ts';
import { isPositive } from './smtp-reply.ts';
import type { Capabilities, SessionOptions, SmtpSession, Transaction, TransactionResult } from './smtp-session.ts';
import type { SmtpTap } from './smtp-tap.ts';
import { type SmtpWire, takeOver } from './smtp-wire.ts';
import type { Guard } from './socket-guard.ts';
import { noReply, refused, StageFailure, socketFailure } from './stage-failure.ts';

/** A session kept from before gets this long for its first reply, or so much longer than it ever took. */
const keptReplyMs = 4000;
const keptReplyFactor = 4;

/** From QUIT on; who has not closed by then is hung up on. */
const partingMs = 500;

/** The session over an open, signed-in connection: from here on the dialogue is ours. */
export function makeSession(
  connection: SMTPConnection,
  { capabilities, openedAt }: Pick<SmtpSession, 'capabilities' | 'openedAt'>,
  guard: Guard,
  tap: SmtpTap,
  { socket, timeouts, endpoint }: SessionOptions & { readonly socket: Socket },
): SmtpSession {
  const wire = takeOver(socket, guard);
  const ground: Ground = { wire, guard, capabilities, timeouts, clean: tap.clean };
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
      checkNeeds(transaction, capabilities, endpoint.host);
      isClean = false;
      const { commandMs } = timeouts;
      const keptMs = Math.min(commandMs, Math.max(keptReplyMs, keptReplyFactor * slowestReplyMs));
      const result = await runTransaction(ground, transaction, {
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
        await reset(wire, guard, timeoutMs);
        isClean = true;
        idleSince = performance.now();
        return guard.isAlive;
      } catch {
        guard.destroy();
        return false;
      }
    },
    quit() {
      if (!guard.isAlive) return;
      const leave = (): void => {
        clearTimeout(patience);
        connection.close();
      };
      const patience = setTimeout(leave, partingMs);
      wire.onReply = leave;
      wire.write('QUIT\r\n');
    },
    destroy: () => guard.destroy(),
  };
}

async function reset(wire: SmtpWire, guard: Guard, timeoutMs: number): Promise<void> {
  const never = new AbortController().signal;
  try {
    await guard.during<void>('mail', timeoutMs, never, (done) => {
      wire.onReply = (raw) => done(raw.startsWith('2') ? null : new Error('RSET was refused.'), undefined);
      wire.write('RSET\r\n');
    });
  } finally {
    wire.onReply = undefined;
  }
}

/** What the message needs and the server does not offer is an error of its own, before anything is sent. */
function checkNeeds(transaction: Transaction, { extensions, maxOctets }: Capabilities, host: string): void {
  if (maxOctets !== undefined && transaction.bytes.length > maxOctets) {
    throw noReply('mail', 'ETOOLARGE', `${host} takes messages of at most ${maxOctets} octets.`, {
      limitOctets: maxOctets,
    });
  }
  if ([transaction.reversePath, ...transaction.recipients].some((address) => /[\r\n<>]/.test(address))) {
    throw noReply('mail', 'EREJECTED', 'An address of this message cannot stand in its envelope.');
  }
  if (needsSmtpUtf8([transaction.reversePath, ...transaction.recipients]) && !extensions.has('SMTPUTF8')) {
    const text = `${host} cannot handle addresses with letters outside ASCII (SMTPUTF8).`;
    throw noReply('mail', 'EREJECTED', text, { extension: 'SMTPUTF8' });
  }
  if (transaction.isEightBit && !extensions.has('8BITMIME')) {
    const text = `${host} cannot take a message with 8-bit text (8BITMIME).`;
    throw noReply('mail', 'EREJECTED', text, { extension: '8BITMIME' });
  }
}

/** The reply to MAIL: how long it may take, and how long it took. */
interface FirstReply {
  readonly limitMs: number;
  readonly onReply: (ms: number) => void;
}

async function runTransaction(ground: Ground, transaction: Transaction, first: FirstReply): Promise<TransactionResult> {
  const { guard, wire } = ground;
  const course: Course = { replies: [], finalDot: undefined, isDotSent: false, isOver: false, failure: undefined };
  transaction.log.enter('mail');
  try {
    await guard.during<void>('mail', first.limitMs, transaction.signal, (done) => {
      const began = performance.now();
      converse(ground, transaction, course, {
        onFirstReply: () => first.onReply(performance.now() - began),
        end: () => done(null, undefined),
      });
    });
  } catch (error) {
    course.failure = lossOf(error, guard);
  } finally {
    course.isOver = true;
    wire.onReply = undefined;
  }
  if (course.failure !== undefined) guard.destroy();
  return resultOf(course, transaction);
}

function resultOf(course: Course, transaction: Transaction): TransactionResult {
  const { replies, finalDot, isDotSent, failure } = course;
  const [mail, ...others] = replies;
  const isMailTaken = mail !== undefined && isPositive(mail);
  return {
    stage: finalDot !== undefined || isDotSent ? 'final-dot' : stageOf(course, transaction),
    mail,
    // Replies to RCPT after a refused MAIL (503) say nothing about the recipients.
    recipients: transaction.recipients.map((mailbox, index) => ({
      mailbox,
      reply: isMailTaken ? others[index] : undefined,
    })),
    data: others[transaction.recipients.length],
    finalDot,
    isDotSent,
    failure,
  };
}

function lossOf(error: unknown, guard: Guard): NonNullable<TransactionResult['failure']> {
  const known = guard.ended ?? (error instanceof StageFailure ? error : socketFailure('mail', error, guard.name));
  const { failure } = known.failure.kind === 'no-reply' ? known : refused(known.stage, known.failure.reply);
  return failure.kind === 'no-reply'
    ? { code: failure.code, text: failure.text }
    : { code: 'EREJECTED', text: failure.reply.text };
}
