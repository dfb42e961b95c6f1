import type { AttemptOutcome } from '#shared/mail/outbox.ts';
import type { Verdict } from './classify-reply.ts';

/** One plain sentence for an attempt: what it means for the mail and what happens next. */
export function meaningOf(what: {
  serverLabel: string;
  outcome: AttemptOutcome;
  verdict: Verdict | undefined;
  accepted: number;
  refused: number;
  pending: number;
  hasNext: boolean;
}): string {
  const { outcome, verdict, hasNext, serverLabel } = what;
  switch (outcome) {
    case 'accepted':
      return acceptedMeaning(what);
    case 'uncertain':
      return `${upperFirst(verdict?.meaning ?? lostAtTheEnd)}; it is not sent again unless you say so.`;
    case 'cancelled':
      return `${upperFirst(verdict?.meaning ?? 'it was stopped here')}; nothing was delivered by ${serverLabel}.`;
    default:
      return `${upperFirst(verdict?.meaning ?? 'the server did not take it')}; ${nextStep(what.pending, hasNext, verdict)}.`;
  }
}

const lostAtTheEnd = 'the connection was lost after the whole message had gone, so it may or may not have arrived';

function acceptedMeaning({
  serverLabel,
  accepted,
  refused,
  pending,
  hasNext,
}: {
  serverLabel: string;
  accepted: number;
  refused: number;
  pending: number;
  hasNext: boolean;
}): string {
  if (refused + pending === 0) return `${serverLabel} took the message and now sees to its delivery.`;
  const taken = `${serverLabel} took it for ${accepted} of ${accepted + refused + pending} recipients`;
  if (pending === 0) return `${taken} and refused the ${refused === 1 ? 'other one' : 'others'}.`;
  return hasNext ? `${taken}; the next server is asked for the others.` : `${taken}; the others wait in the Outbox.`;
}

function nextStep(pending: number, hasNext: boolean, verdict: Verdict | undefined): string {
  if (verdict?.next === 'hold-content') return 'it waits in the Outbox until you decide';
  if (pending === 0) return 'there is nobody left to send it to';
  return hasNext ? 'the next server is tried' : 'the message waits in the Outbox';
}

export const overtakenMeaning =
  'It had not answered yet when the message was settled elsewhere; that does not count against it.';

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
