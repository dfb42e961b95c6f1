import type { Attempt } from '#shared/mail/outbox.ts';
import type { AttemptLog } from './attempt-log.ts';
import { isTogether } from './mail-dialogue.ts';
import { isPositive, type SmtpReply } from './smtp-reply.ts';
import type { Capabilities, Transaction, TransactionResult } from './smtp-session.ts';

/**
 * Some servers, and boxes in the middle of the way, announce PIPELINING (RFC 2920) and lose what comes together, or answer
 * the first of it only. Nobody has the message then: it goes nowhere before DATA was answered. So the same is said again,
 * one by one, over a new connection.
 */

/** Whether commands sent together were lost, or refused because they came together. */
export function isLostTogether(
  result: TransactionResult,
  transaction: Pick<Transaction, 'isOneByOne'>,
  capabilities: Pick<Capabilities, 'extensions'>,
): boolean {
  if (!isTogether(transaction, capabilities) || result.isDotSent || result.finalDot !== undefined) return false;
  if (refusalOfPipelining(result) !== undefined) return true;
  const { data, failure, mail } = result;
  if (failure === undefined || (failure.code !== 'ETIMEOUT' && failure.code !== 'ECLOSED')) return false;
  const replies = repliesIn(result);
  // RFC 5321 §3.8: one that leaves says so. And a sender, or everybody, refused is an answer.
  if (replies.some(({ replyCode }) => replyCode === 421) || data !== undefined) return false;
  if (mail !== undefined && !isPositive(mail)) return false;
  return result.recipients.some(({ reply }) => reply === undefined || isPositive(reply));
}

/** How many of the commands were answered. */
export function answeredIn(result: TransactionResult): number {
  return refusalOfPipelining(result) === undefined ? repliesIn(result).length : -1;
}

/** What became of the commands, for the log of the attempt. */
export function wordsOfLoss(result: TransactionResult): string {
  return refusalOfPipelining(result)?.text ?? result.failure?.text ?? '';
}

/** The attempt that ended so, for the timeline. */
export function lostTogetherAttempt(log: AttemptLog): Attempt {
  const logged = log.snapshot();
  return {
    ...logged,
    outcome: 'unreachable',
    text: logged.stages.at(-1)?.text ?? '',
    meaning:
      'The server says that it takes several commands at once (PIPELINING), but did not answer them; it is asked again, one command at a time.',
  };
}

function repliesIn({ mail, recipients, data }: TransactionResult): SmtpReply[] {
  return [mail, ...recipients.map(({ reply }) => reply), data].filter((reply) => reply !== undefined);
}

/** Words are all there is: it comes as 503, 521, 550 or 554. */
function refusalOfPipelining(result: TransactionResult): SmtpReply | undefined {
  return repliesIn(result).find(({ replyCode, text }) => replyCode >= 400 && /pipelin/i.test(text));
}
