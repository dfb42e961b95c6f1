import { type Attempt, attemptStages, type OutboxItem, type Skipped } from './outbox.ts';

/** Who wrote the log, when, and what the servers are called. */
export interface LogContext {
  /** Postrider's version. */
  readonly version: string;
  /** Epoch milliseconds. */
  readonly now: number;
  labelOf(serverId: string): string;
}

/** What is told of the message: nothing of its content, not even its subject. */
export type LoggedMessage = Pick<
  OutboxItem,
  | 'messageId'
  | 'from'
  | 'sizeOctets'
  | 'queuedAt'
  | 'explanation'
  | 'accepted'
  | 'refused'
  | 'pending'
  | 'uncertain'
  | 'skipped'
  | 'attempts'
>;

/**
 * Everything that was tried for a message, as plain text a person can send to a provider. Transcripts hold dots where a
 * secret was. English, like every mail log; times are this computer's, with their offset from UTC.
 */
export function attemptLogText(item: LoggedMessage, context: LogContext): string {
  const count = item.attempts.length;
  const lines = [
    `Delivery log of one message, by Postrider ${context.version}, ${stamp(context.now)}`,
    '',
    `Message-ID: ${item.messageId === '' ? '(none)' : item.messageId}`,
    `Sender (MAIL FROM): <${item.from}>`,
    `Size: ${item.sizeOctets} octets`,
    `Queued: ${stamp(Date.parse(item.queuedAt))}`,
    `State: ${item.explanation}`,
    '',
    'Recipients:',
    ...recipientLines(item),
    '',
    count === 0 ? 'No server has been tried yet.' : `Attempts: ${count}`,
    ...item.attempts.flatMap((attempt, index) => ['', ...attemptLines(attempt, index + 1)]),
    ...skippedLines(item.skipped, context),
  ];
  return `${lines.join('\n')}\n`;
}

function recipientLines({ accepted, refused, uncertain, pending }: LoggedMessage): string[] {
  return [
    ...accepted.map((mailbox) => `  <${mailbox}> accepted`),
    ...refused.map(({ mailbox, replyCode, text }) => `  <${mailbox}> refused: ${serverWords({ replyCode, text })}`),
    ...uncertain.map((mailbox) => `  <${mailbox}> uncertain: it may have arrived`),
    ...pending.map((mailbox) => `  <${mailbox}> still to be sent`),
  ];
}

/** One attempt with its stages, replies and transcript. `number` begins at 1. */
export function attemptLines(attempt: Attempt, number: number): string[] {
  const words = serverWords(attempt);
  const stages = attemptStages.flatMap((stage) => attempt.stages.filter((timing) => timing.stage === stage));
  return [
    `${number}. ${stamp(Date.parse(attempt.startedAt))}  ${attempt.serverLabel} (${attempt.endpoint}), ${Math.round(attempt.durationMs)} ms`,
    `   ${attempt.outcome} at ${attempt.stage}${words === '' ? '' : `: ${words}`}`,
    `   ${attempt.meaning}`,
    '   Stages:',
    ...stages.map(({ stage, ok, durationMs, text }) =>
      `     ${stage.padEnd(9)} ${ok ? 'ok    ' : 'failed'} ${String(Math.round(durationMs)).padStart(6)} ms  ${text ?? ''}`.trimEnd(),
    ),
    ...((attempt.recipients ?? []).length === 0 ? [] : ['   Recipients:']),
    ...(attempt.recipients ?? []).map((reply) => `     <${reply.mailbox}> ${serverWords(reply)}`),
    ...(attempt.transcript.length === 0 ? [] : ['   Transcript:']),
    ...attempt.transcript.map((line) => `     ${line}`),
  ];
}

/** Servers that were left out, with the reasons. */
function skippedLines(skipped: readonly Skipped[], { labelOf }: Pick<LogContext, 'labelOf'>): string[] {
  if (skipped.length === 0) return [];
  return [
    '',
    'Not tried:',
    ...skipped.map(
      ({ serverId, reason, detail }) => `  ${labelOf(serverId)}: ${detail ?? reason.replaceAll('-', ' ')}`,
    ),
  ];
}

/** A reply with each of its codes once. */
export function serverWords({
  replyCode,
  enhancedStatusCode,
  text = '',
}: Pick<Attempt, 'replyCode' | 'enhancedStatusCode' | 'text'>): string {
  const parts: string[] = [];
  if (replyCode !== undefined && !text.startsWith(String(replyCode))) parts.push(String(replyCode));
  if (enhancedStatusCode !== undefined && !text.includes(enhancedStatusCode)) parts.push(enhancedStatusCode);
  if (text !== '') parts.push(text);
  return parts.join(' ');
}

/** `2026-11-21 14:05:00 +0100`: this computer's time, and how far it is from UTC. */
export function stamp(moment: number): string {
  const date = new Date(moment);
  const offset = -date.getTimezoneOffset();
  const local = new Date(moment + offset * 60_000).toISOString();
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}${two(Math.abs(offset) % 60)}`;
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${zone}`;
}
