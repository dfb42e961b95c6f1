import { domainOf } from '#shared/mail/address.ts';
import type { AttemptOutcome, AttemptStage, OutboxRecipient, RecipientReply } from '#shared/mail/outbox.ts';
import { classifyFailure, type Failure, type Remember, type Verdict } from './classify-reply.ts';
import { isPositive, type SmtpReply } from './smtp-reply.ts';
import type { RecipientResult, TransactionResult } from './smtp-session.ts';

/** What a transaction came to, for each recipient and as a whole. */
export interface Judgement {
  readonly outcome: AttemptOutcome;
  readonly stage: AttemptStage;
  /** Undefined: nothing stands in the way of using the server on. */
  readonly verdict: Verdict | undefined;
  readonly recipients: Omit<OutboxRecipient, 'serverId'>[];
  readonly replies: RecipientReply[];
  readonly deciding: SmtpReply | undefined;
  readonly text: string;
  readonly lessons: { remember: Remember; recipientDomain?: string; text: string }[];
  /** Put off only because there were too many at once (RFC 5321 §4.5.3.1.10): to be sent here again. */
  readonly overflow: string[];
}

/** Reads the result of one transaction by the reply table. */
export function judgeTransaction(result: TransactionResult): Judgement {
  const asked = result.recipients.map((recipient) => judgeRecipient(recipient));
  const taken = asked.filter(({ isTaken }) => isTaken);
  const whole = wholeFailure(result, taken.length);
  const verdict =
    whole ?? asked.find(({ verdict: own }) => own !== undefined && own.next !== 'fail-recipient')?.verdict;
  const isAccepted = result.finalDot !== undefined && isPositive(result.finalDot) && taken.length > 0;
  const deciding = decidingReply(result, taken.length);
  const recipients = asked.map((own) => settle(own, result, isAccepted));
  const lessons = asked.flatMap(({ mailbox, verdict: own, reply }) =>
    own === undefined || own.remember === null || reply === undefined
      ? []
      : [{ remember: own.remember, recipientDomain: domainOf(mailbox), text: reply.text }],
  );
  if (whole !== undefined && whole.remember !== null) {
    lessons.push({ remember: whole.remember, recipientDomain: '', text: deciding?.text ?? result.failure?.text ?? '' });
  }
  return {
    outcome: isAccepted ? 'accepted' : outcomeOf(recipients, verdict, asked),
    stage: result.stage,
    verdict: isAccepted && whole === undefined ? withoutAcceptance(asked) : verdict,
    recipients,
    replies: asked.flatMap(({ mailbox, reply }) =>
      reply === undefined ? [] : [{ mailbox, replyCode: reply.replyCode, text: reply.text }],
    ),
    deciding,
    text: deciding?.text ?? result.failure?.text ?? '',
    lessons,
    overflow: isAccepted ? asked.filter(isOverflow).map(({ mailbox }) => mailbox) : [],
  };
}

interface JudgedRecipient extends RecipientResult {
  readonly isTaken: boolean;
  readonly verdict: Verdict | undefined;
}

function judgeRecipient(recipient: RecipientResult): JudgedRecipient {
  const { reply } = recipient;
  if (reply === undefined) return { ...recipient, isTaken: false, verdict: undefined };
  if (isPositive(reply)) return { ...recipient, isTaken: true, verdict: undefined };
  // RFC 5321 §4.5.3.1.10: too many at once is about the list, not about this recipient, even where it is said with 552.
  const meant = isOverflow(recipient) ? { ...reply, replyCode: 452, enhancedStatusCode: '4.5.3' } : reply;
  return { ...recipient, isTaken: false, verdict: classifyFailure('rcpt', replied(meant), false) };
}

/** What went wrong with the transaction itself, not with a recipient. */
function wholeFailure(result: TransactionResult, taken: number): Verdict | undefined {
  const { mail, data, finalDot, failure, isDotSent, recipients } = result;
  if (finalDot !== undefined) {
    return isPositive(finalDot) ? undefined : classifyFailure('final-dot', replied(finalDot), false);
  }
  if (mail !== undefined && !isPositive(mail)) return classifyFailure('mail', replied(mail), false);
  if (data !== undefined && data.replyCode >= 400 && taken > 0) return classifyFailure('data', replied(data), false);
  if (failure === undefined) return undefined;
  // Every recipient was answered, and none taken: what became of the connection then does not matter.
  if (taken === 0 && recipients.every(({ reply }) => reply !== undefined)) return undefined;
  const isUncertain = isDotSent && taken > 0;
  return classifyFailure(result.stage, { kind: 'no-reply', ...failure }, isUncertain);
}

function replied(reply: SmtpReply): Failure {
  return { kind: 'reply', reply };
}

function decidingReply(
  { mail, recipients, data, finalDot, isDotSent }: TransactionResult,
  taken: number,
): SmtpReply | undefined {
  if (finalDot !== undefined) return finalDot;
  if (isDotSent) return undefined;
  if (mail !== undefined && !isPositive(mail)) return mail;
  if (data !== undefined && data.replyCode >= 400 && taken > 0) return data;
  return taken === 0 ? recipients.find(({ reply }) => reply !== undefined)?.reply : undefined;
}

function settle(own: JudgedRecipient, result: TransactionResult, isAccepted: boolean): Judgement['recipients'][number] {
  const { mailbox, reply, isTaken, verdict } = own;
  if (!isTaken) {
    const words = reply === undefined ? {} : repliedWith(reply);
    return { mailbox, state: verdict?.next === 'fail-recipient' ? 'refused' : 'pending', ...words };
  }
  if (isAccepted && result.finalDot !== undefined)
    return { mailbox, state: 'accepted', ...repliedWith(result.finalDot) };
  if (result.finalDot === undefined && result.isDotSent) {
    return { mailbox, state: 'uncertain', ...(result.failure === undefined ? {} : { text: result.failure.text }) };
  }
  return { mailbox, state: 'pending', ...(result.finalDot === undefined ? {} : repliedWith(result.finalDot)) };
}

function repliedWith(reply: SmtpReply): Pick<OutboxRecipient, 'replyCode' | 'enhancedStatusCode' | 'text'> {
  return {
    replyCode: reply.replyCode,
    ...(reply.enhancedStatusCode === undefined ? {} : { enhancedStatusCode: reply.enhancedStatusCode }),
    text: reply.text,
  };
}

function outcomeOf(
  recipients: Judgement['recipients'],
  verdict: Verdict | undefined,
  asked: readonly JudgedRecipient[],
): AttemptOutcome {
  if (recipients.some(({ state }) => state === 'uncertain')) return 'uncertain';
  return verdict?.outcome ?? asked.find((own) => own.verdict !== undefined)?.verdict?.outcome ?? 'unreachable';
}

/** Accepted for some: the others may go on to the next server. */
function withoutAcceptance(asked: readonly JudgedRecipient[]): Verdict | undefined {
  return asked.find((own) => own.verdict !== undefined && own.verdict.next !== 'fail-recipient' && !isOverflow(own))
    ?.verdict;
}

/** A status code says which 452 is meant: a full mailbox or disk is something else. */
function isOverflow({ reply }: RecipientResult): boolean {
  if (reply === undefined) return false;
  const { enhancedStatusCode, replyCode, text } = reply;
  if (enhancedStatusCode !== undefined) return /^[45]\.5\.3$/.test(enhancedStatusCode);
  return replyCode === 452 || (replyCode === 552 && /too many (?:recipient|rcpt)/i.test(text));
}
