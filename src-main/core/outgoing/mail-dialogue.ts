import { MailError } from '#shared/mail-error.ts';
import { mailParameters, rcptParameters } from './delivery-notification.ts';
import { endOfData, toWireOctets } from './dot-stuffing.ts';
import { envelopeAddress, needsSmtpUtf8 } from './envelope-address.ts';
import { isPositive, parseReply, type SmtpReply } from './smtp-reply.ts';
import type { Capabilities, SessionTimeouts, Transaction, TransactionResult } from './smtp-session.ts';
import type { SmtpWire } from './smtp-wire.ts';
import type { Guard } from './socket-guard.ts';

/** What a transaction is spoken over. */
export interface Ground {
  readonly wire: SmtpWire;
  readonly guard: Guard;
  readonly capabilities: Capabilities;
  readonly timeouts: SessionTimeouts;
  /** Takes secrets out of what a server says. */
  readonly clean: (text: string) => string;
}

/** Where a transaction stands; what it came to, once it is over. */
export interface Course {
  /** To MAIL, each RCPT and DATA, as far as they have come. */
  readonly replies: SmtpReply[];
  finalDot: SmtpReply | undefined;
  /** The last octets may have left. */
  isDotSent: boolean;
  isOver: boolean;
  failure: TransactionResult['failure'];
}

/** The commands before the message, with what the server offers and the message needs. */
function commandsFor(transaction: Transaction, capabilities: Capabilities): string[] {
  const { reversePath, recipients, bytes } = transaction;
  const { extensions } = capabilities;
  const parameters = [
    ...(needsSmtpUtf8([reversePath, ...recipients]) ? [' SMTPUTF8'] : []),
    ...(transaction.isEightBit ? [' BODY=8BITMIME'] : []),
    ...(extensions.has('SIZE') && bytes.length > 0 ? [` SIZE=${bytes.length}`] : []),
    mailParameters(transaction, capabilities),
  ];
  return [
    `MAIL FROM:<${envelopeAddress(reversePath)}>${parameters.join('')}`,
    ...recipients.map((to) => `RCPT TO:<${envelopeAddress(to)}>${rcptParameters(transaction, to, capabilities)}`),
    'DATA',
  ];
}

const chunkOctets = 64 * 1024;

/**
 * Once a server answers commands that came together, the next reply is due this soon. One that is slower is asked again,
 * one command at a time and with all the patience there is (see `lost-together.ts`).
 */
const nextReplyMs = 30_000;

/**
 * Speaks one mail transaction: `end` is called once, when it is over; `course` then says how it went. With PIPELINING
 * everything up to DATA goes in one piece (RFC 2920 §3.1) and the reply to DATA decides; otherwise, or when it is to go one
 * by one, each command waits for the reply to the one before.
 */
export function converse(
  { wire, guard, capabilities, timeouts, clean }: Ground,
  transaction: Transaction,
  course: Course,
  told: { onFirstReply(): void; end(): void },
): void {
  const { log } = transaction;
  const commands = commandsFor(transaction, capabilities);
  const isPipelined = isTogether(transaction, capabilities);
  let said = 0;
  let isInBody = false;
  /** A server that took DATA with nobody to send to was answered with an empty message. */
  let isWithoutMessage = false;

  function say(count: number): void {
    const now = commands.slice(said, said + count);
    said += now.length;
    for (const command of now) log.client(command);
    wire.write(`${now.join('\r\n')}\r\n`);
  }

  function end(failure?: TransactionResult['failure']): void {
    if (course.isOver) return;
    course.isOver = true;
    course.failure = failure;
    told.end();
  }

  function hear(raw: string): void {
    if (course.isOver) {
      // Every command has its reply: one more would be taken for the next message's.
      guard.destroy();
      return;
    }
    const text = clean(raw);
    log.server(text);
    const reply = parseReply(text);
    if (reply === null) {
      end(isInBody ? neither(text) : { code: 'EPROTOCOL', text: `${guard.name} does not speak SMTP.` });
      return;
    }
    if (course.replies.length === 0) told.onFirstReply();
    log.note(reply.text);
    if (isInBody) hearFinal(reply, text);
    else if (isWithoutMessage) end();
    else hearNext(reply);
    // RFC 5321 §3.8: whatever it answers, it closes the connection.
    if (reply.replyCode !== 421) return;
    end({ code: 'ECLOSED', text: reply.text });
    guard.destroy();
  }

  function hearNext(reply: SmtpReply): void {
    course.replies.push(reply);
    const stage = stageOf(course, transaction);
    log.enter(stage);
    const limitMs = stage === 'data' ? timeouts.dataMs : timeouts.commandMs;
    guard.extend(stage, isPipelined ? Math.min(limitMs, nextReplyMs) : limitMs);
    const isLast = course.replies.length === commands.length;
    if (isLast) afterData(reply);
    else if (!isPipelined) sayNext();
  }

  function sayNext(): void {
    const isNobodyTaken = course.replies.length === commands.length - 1 && taken(course, transaction).length === 0;
    if (!isSenderTaken(course) || isNobodyTaken) end();
    else say(1);
  }

  function afterData(reply: SmtpReply): void {
    const isGo = reply.replyCode >= 200 && reply.replyCode < 400;
    const isAsked = reply.replyCode >= 300 && isGo;
    if (!isSenderTaken(course)) {
      end();
      // It refused the sender and takes a message all the same: not even an empty one is trusted to it.
      if (isAsked) guard.destroy();
    } else if (taken(course, transaction).length === 0) {
      if (isAsked) sendNothing();
      else end();
    } else if (!isGo) end();
    else {
      isInBody = true;
      void sendBody();
    }
  }

  /** RFC 2920 §3.1: nobody was taken, and it asks for the message. It gets an empty one, for nobody. */
  function sendNothing(): void {
    isWithoutMessage = true;
    log.client('.');
    wire.write('.\r\n');
  }

  const neither = (said: string): TransactionResult['failure'] => ({
    code: 'EPROTOCOL',
    text: `${guard.name} answered the message with “${inOneLine(said)}”, which is neither a yes nor a no.`,
  });

  /** The reply to the message; RFC 5321 §4.2.1 has only 2yz, 4yz and 5yz there. */
  function hearFinal(reply: SmtpReply, raw: string): void {
    const isDefinite = isPositive(reply) || (reply.replyCode >= 400 && reply.replyCode < 600);
    if (!isDefinite) {
      end(neither(raw));
      return;
    }
    // Before the end of the message it was not asked for: whatever it says, the rest must not follow it.
    if (course.isDotSent || !isPositive(reply)) course.finalDot = reply;
    const isEarlyYes = !course.isDotSent && isPositive(reply);
    end(isEarlyYes ? { code: 'EPROTOCOL', text: 'The server answered before it had the message.' } : undefined);
    if (!course.isDotSent) guard.destroy();
  }

  /**
   * The message in pieces. The last piece is held back until the ledger knows that it may leave: from then on a lost reply
   * means *uncertain* (RFC 1047), before that nothing can have been accepted.
   */
  async function sendBody(): Promise<void> {
    const { bytes } = transaction;
    const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let offset = 0;
    for (; message.length - offset > chunkOctets; offset += chunkOctets) {
      const piece = message.subarray(offset, offset + chunkOctets);
      if (!wire.write(toWireOctets(piece, message[offset - 1]))) await wire.drained();
      if (course.isOver) return;
      guard.extend('data', timeouts.dataMs);
    }
    try {
      await transaction.beforeLastOctets(taken(course, transaction));
    } catch (error) {
      const text = error instanceof MailError ? error.message : 'The state of the message could not be kept safe.';
      end({ code: 'EIO', text });
      return;
    }
    // A reply that came along with the one to DATA is heard in this turn: nobody can have the message yet.
    setImmediate(() => {
      if (!course.isOver && guard.isAlive) release(toWireOctets(message.subarray(offset), message[offset - 1]));
    });
  }

  function release(last: Buffer): void {
    course.isDotSent = true;
    guard.ignoreAbort();
    guard.extend('final-dot', timeouts.finalDotMs);
    log.client(`(${transaction.bytes.length} octets of message)`);
    log.enter('final-dot');
    wire.write(Buffer.concat([last, endOfData(transaction.bytes.at(-1))]));
  }

  wire.onReply = hear;
  say(isPipelined ? commands.length : 1);
}

const mostSaid = 120;

/** What a server said, whatever octets it was, to stand in a sentence. */
function inOneLine(said: string): string {
  const plain = said.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+/gu, ' ').trim();
  return plain.length <= mostSaid ? plain : `${plain.slice(0, mostSaid)}…`;
}

/** Whether the commands of a transaction go out in one piece. */
export function isTogether(
  { isOneByOne }: Pick<Transaction, 'isOneByOne'>,
  { extensions }: Pick<Capabilities, 'extensions'>,
): boolean {
  return isOneByOne !== true && extensions.has('PIPELINING');
}

function isSenderTaken({ replies: [mail] }: Course): boolean {
  return mail !== undefined && isPositive(mail);
}

/** Those whose RCPT was accepted. */
function taken({ replies }: Course, { recipients }: Transaction): string[] {
  return recipients.filter((_, index) => {
    const reply = replies[index + 1];
    return reply !== undefined && isPositive(reply);
  });
}

/** The stage whose reply is awaited. */
export function stageOf(course: Course, transaction: Transaction): 'mail' | 'rcpt' | 'data' {
  if (!isSenderTaken(course)) return 'mail';
  if (course.replies.length <= transaction.recipients.length) return 'rcpt';
  return taken(course, transaction).length > 0 ? 'data' : 'rcpt';
}
