import type { ServerId } from '#shared/ids.ts';
import type { Attempt, OutboxRecord, Skipped } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import { cannotInWords, type NamedInability } from './inability.ts';
import { ownFaultInWords } from './own-fault.ts';
import { limitInWords, type ReachedLimit } from './rate-limits.ts';
import { giveUpAfterMs, giveUpAfterTries, retryDelayMs } from './retry-schedule.ts';

/** How a pass over one message ended, as far as its next state depends on it. */
export interface PassEnd {
  readonly now: number;
  /** A server read the message and refused its content. */
  readonly isContentRefused: boolean;
  readonly isCancelled: boolean;
  readonly isOffline: boolean;
  /** Every server chosen for this message was removed since. */
  readonly isServerGone?: boolean;
  /** A server took a look at the message and said "later". */
  readonly isPutOff: boolean;
  /** The last a server had to say about it, or why it said nothing. */
  readonly lastWords?: Pick<Attempt, 'serverLabel' | 'replyCode' | 'text'>;
  /** What failed on this computer while it was sent. */
  readonly ownFault?: string;
  /** The limits that keep it back. */
  readonly limits: readonly ReachedLimit[];
  /** Who was left out, when nobody at all could be asked again now. */
  readonly stuckOn: readonly Skipped[] | null;
  /** Not one of the servers it may go by takes such a message. */
  readonly unable?: readonly NamedInability[];
}

/** The state of a message after a pass, from the states of its recipients. Pure. */
export function settleRecord(record: OutboxRecord, end: PassEnd): OutboxRecord {
  const { heldFor: _heldFor, dueAt: _dueAt, wakesOn: _wakesOn, isOwnFault: _isOwnFault, ...base } = record;
  const count = (state: string): number => record.recipients.filter((own) => own.state === state).length;
  const pending = count('pending') + count('dot-pending');
  const accepted = count('accepted');
  if (pending > 0) return settlePending(base, end);
  if (count('uncertain') > 0) return heldUncertain(base);
  if (accepted > 0) return { ...base, state: 'sent', explanation: sentWords(accepted, count('refused')) };
  return {
    ...base,
    state: 'failed',
    explanation: `${count('refused') === 1 ? 'It was refused' : 'It was refused for every recipient'}. The servers’ words are below; nothing was delivered.`,
  };
}

/** Nobody is left to send to, and of some a person has to say what became of it. */
export function heldUncertain(record: OutboxRecord): OutboxRecord {
  const { dueAt: _dueAt, wakesOn: _wakesOn, ...base } = record;
  return {
    ...base,
    state: 'held',
    heldFor: 'uncertain',
    explanation: `The whole message had gone, and then: ${whatThen(record)} It may have arrived: say whether it did, or send it again.`,
  };
}

function whatThen({ recipients }: OutboxRecord): string {
  const said = recipients.find(({ state, text }) => state === 'uncertain' && text !== undefined)?.text?.trim();
  return said === undefined || said === '' ? 'the connection was lost.' : `${said.replace(/\.$/, '')}.`;
}

/** No server that may take it is left, and none will come by itself. */
function heldForServer(record: OutboxRecord): OutboxRecord {
  const isOne = record.serverIds?.length === 1;
  return {
    ...record,
    state: 'held',
    heldFor: 'server-gone',
    explanation: `The outgoing ${isOne ? 'server' : 'servers'} chosen for this message ${isOne ? 'was' : 'were'} removed, so it is not sent. Choose another one for it, or let it go by the route of its address.`,
  };
}

/** Whether servers were chosen for this message, and none of them is there any more. */
export function isServerGone(
  { serverIds = [] }: Pick<OutboxRecord, 'serverIds'>,
  servers: readonly { id: ServerId }[],
): boolean {
  return serverIds.length > 0 && !servers.some(({ id }) => serverIds.includes(id));
}

function sentWords(accepted: number, refused: number): string {
  if (refused === 0) return accepted === 1 ? 'Sent.' : `Sent to ${accepted} recipients.`;
  return `Sent to ${accepted} of ${accepted + refused} recipients; ${refused === 1 ? 'the other one was' : 'the others were'} refused.`;
}

function settlePending(base: OutboxRecord, end: PassEnd): OutboxRecord {
  if (end.isCancelled) return { ...base, state: 'queued', explanation: 'Waiting to be sent.' };
  if (end.ownFault !== undefined) {
    // No server was asked in vain: no wait grows by it, and nothing is given up for it.
    const explanation = ownFaultInWords(new MailError('EIO', end.ownFault));
    return { ...base, state: 'deferred', dueAt: end.now + ownFaultMs, isOwnFault: true, explanation };
  }
  if (end.isContentRefused) {
    return {
      ...base,
      state: 'held',
      heldFor: 'content',
      explanation: 'A server read the message and refused what is in it. Change it, or try another server.',
    };
  }
  if (end.isServerGone === true) return heldForServer(base);
  if (end.isOffline) {
    return {
      ...base,
      state: 'held',
      heldFor: 'offline',
      explanation: 'You are offline. It goes as soon as you are not.',
    };
  }
  if (end.unable !== undefined) {
    // Time changes nothing about it: a person makes it smaller, or finds another way for it.
    const explanation = cannotInWords(end.unable, base.sizeOctets);
    return { ...base, state: 'held', heldFor: 'server-limits', explanation };
  }
  if (end.stuckOn !== null && waitsForPassword(end.stuckOn)) {
    return {
      ...base,
      state: 'held',
      heldFor: 'needs-password',
      explanation: 'A server needs its user name or password put right in its settings. Then this goes by itself.',
    };
  }
  const [limit] = [...end.limits].sort((a, b) => a.freeAt - b.freeAt);
  if (limit !== undefined) {
    // The user's own limit is no refusal: no wait grows by it, and nothing is given up for it.
    const dueAt = limit.isSure ? limit.freeAt : Math.min(limit.freeAt, end.now + limitLookMs);
    return { ...base, state: 'deferred', dueAt, explanation: `${limit.label}: ${limitInWords(limit, end.now)}.` };
  }
  // Not since it was queued: it may have waited for its moment, or for a network, before anybody was asked.
  const waitingSince = base.waitingSince ?? end.now;
  const isLongAgo = end.now - waitingSince >= giveUpAfterMs;
  // A clock that was wrong and was put right, or a computer that slept all that time, is no five days of trying.
  if (isLongAgo && base.deferrals >= giveUpAfterTries) return giveUp(base);
  const deferrals = base.deferrals + 1;
  return {
    ...base,
    state: 'deferred',
    deferrals,
    waitingSince,
    // The last try is at five days, not up to four hours later.
    dueAt: isLongAgo
      ? end.now + retryDelayMs(deferrals)
      : Math.min(end.now + retryDelayMs(deferrals), waitingSince + giveUpAfterMs),
    explanation: explainWait(end, base),
    ...wakesOn(end),
  };
}

const ownFaultMs = 60_000;
/** Where it cannot be said when there is a place: looking costs nothing outside. */
const limitLookMs = 60_000;

/** What may let it go before its time: `OutboxRecord.wakesOn`. */
function wakesOn({ stuckOn, isPutOff }: PassEnd): Pick<OutboxRecord, 'wakesOn'> {
  if (stuckOn !== null) return { wakesOn: 'settings' };
  return isPutOff ? {} : { wakesOn: 'network' };
}

function waitsForPassword(skipped: readonly Skipped[]): boolean {
  const reasons = new Set(skipped.map(({ reason }) => reason));
  const passes =
    reasons.has('rate-limited') || reasons.has('network-not-allowed') || reasons.has('something-in-its-place');
  return !passes && (reasons.has('auth-failed') || reasons.has('needs-password'));
}

const mostWords = 200;

/** Who reads a folded line wants to know why, too. */
function explainWait({ stuckOn, lastWords }: PassEnd, { recipients }: OutboxRecord): string {
  const accepted = recipients.filter(({ state }) => state === 'accepted').length;
  // The last words may be those that took it.
  if (stuckOn === null && accepted > 0)
    return `Sent to ${accepted} of ${recipients.length} recipients. What is still to send is tried again by itself.`;
  if (stuckOn === null) return `No server takes it now.${quoted(lastWords)} It is tried again by itself.`;
  const reasons = new Set(stuckOn.map(({ reason }) => reason));
  if (reasons.has('something-in-its-place'))
    return 'Something else answers in the place of the server on this network, so nothing is sent there. It waits for another network, or until you accept this network’s relay for that server.';
  if (reasons.has('network-not-allowed'))
    return 'No outgoing server may be used on this network. It waits for another one.';
  if (stuckOn.length === 0) return 'There is no outgoing server yet. Add one, and it goes.';
  return 'No outgoing server may be used for this message. Check the route of the address, and it goes.';
}

function quoted(said: PassEnd['lastWords']): string {
  const text = said?.text?.trim().slice(0, mostWords) ?? '';
  if (said === undefined || text === '') return '';
  const { serverLabel, replyCode } = said;
  if (replyCode !== undefined) return ` ${serverLabel} said: “${text}”.`;
  return ` ${serverLabel}: ${text.replace(/\.$/, '')}.`;
}

function giveUp(base: OutboxRecord): OutboxRecord {
  const recipients = base.recipients.map((recipient) =>
    recipient.state === 'pending'
      ? { ...recipient, state: 'refused' as const, text: recipient.text ?? 'No server took it for five days.' }
      : recipient,
  );
  const accepted = recipients.filter(({ state }) => state === 'accepted').length;
  return accepted > 0
    ? { ...base, recipients, state: 'sent', explanation: sentWords(accepted, recipients.length - accepted) }
    : {
        ...base,
        recipients,
        state: 'failed',
        explanation: 'No server took it for five days. It is not tried any more.',
      };
}
