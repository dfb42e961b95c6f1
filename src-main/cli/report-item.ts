import type { Attempt, OutboxItem } from '#shared/mail/outbox.ts';
import { durationInWords, type Output } from './output.ts';
import type { LabelOf } from './server-labels.ts';

/** An outbox item as `send` and `outbox list` print it with --json. These shapes are public. */
export function itemReport(item: OutboxItem): Record<string, unknown> {
  return {
    outboxId: item.outboxId,
    messageId: item.messageId,
    state: item.state,
    heldFor: item.heldFor,
    deferredUntil: item.deferredUntil,
    accepted: item.accepted,
    refused: item.refused.map(({ mailbox, replyCode, text }) => ({ mailbox, replyCode, text })),
    skipped: item.skipped.map(({ serverId, reason }) => ({ serverId, reason })),
    attempts: item.attempts.map(attemptReport),
  };
}

function attemptReport(attempt: Attempt): Record<string, unknown> {
  const { serverId, endpoint, stage, outcome, replyCode, enhancedStatusCode, text, recipients, durationMs } = attempt;
  return { serverId, endpoint, stage, outcome, replyCode, enhancedStatusCode, text, recipients, durationMs };
}

/** The same for a person: where it stands, what became of each recipient, and every attempt. */
export function tellItem(out: Output, item: OutboxItem, labelOf: LabelOf): void {
  out.line(item.explanation === '' ? stateInWords(item) : item.explanation);
  for (const mailbox of item.accepted) out.line(`  accepted for ${mailbox}`);
  for (const { mailbox, replyCode, text } of item.refused)
    out.line(`  refused for ${mailbox}: ${replyInWords(replyCode, undefined, text)}`);
  for (const mailbox of item.uncertain) out.line(`  uncertain for ${mailbox}: it may have arrived`);
  const open = item.isAtFinalDot === true ? 'waiting for the answer about' : 'still to be sent to';
  for (const mailbox of item.pending) out.line(`  ${open} ${mailbox}`);
  if (item.attempts.length > 0) out.line('Attempts:');
  out.table(item.attempts.map(attemptRow));
  for (const { serverId, reason, detail } of item.skipped)
    out.line(`  left out ${labelOf(serverId)}: ${detail ?? reason}`);
  if (item.heldFor === 'server-gone')
    out.line(`To send it: postrider outbox retry ${item.outboxId} --server ID, or with --by-route.`);
  if (item.heldFor === 'server-limits')
    out.line(`To ask them again: postrider outbox retry ${item.outboxId}, or with --server ID.`);
  if (item.state !== 'sent') out.line(`It is kept in the Outbox as ${item.outboxId}.`);
}

function attemptRow(attempt: Attempt, index: number): string[] {
  return [
    `  ${index + 1}`,
    attempt.serverLabel,
    attempt.endpoint,
    `${attempt.outcome} at ${attempt.stage}`,
    durationInWords(attempt.durationMs),
    replyInWords(attempt.replyCode, attempt.enhancedStatusCode, attempt.text),
  ];
}

/** The server's words mostly begin with the codes already. */
function replyInWords(replyCode: number | undefined, enhancedStatusCode: string | undefined, text = ''): string {
  if (replyCode === undefined || text.startsWith(`${replyCode}`)) return text;
  return [replyCode, enhancedStatusCode, text].filter((part) => part !== undefined && part !== '').join(' ');
}

export function stateInWords({
  state,
  heldFor,
  deferredUntil,
}: Pick<OutboxItem, 'state' | 'heldFor' | 'deferredUntil'>): string {
  if (state === 'held') return heldInWords(heldFor, deferredUntil);
  return state === 'deferred' && deferredUntil !== undefined ? `deferred until ${deferredUntil}` : state;
}

function heldInWords(heldFor: OutboxItem['heldFor'], goesAt: string | undefined): string {
  const when = goesAt === undefined ? '' : `, goes at ${goesAt}`;
  switch (heldFor) {
    case 'undo':
      return `can still be undone${when}`;
    case 'send-later':
      return `waits for its time${when}`;
    case 'server-gone':
      return 'held (its server was removed)';
    case 'server-limits':
      return 'held (no server takes it as it is)';
    default:
      return `held (${heldFor ?? 'waiting'})`;
  }
}
