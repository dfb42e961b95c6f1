import { assertNever } from '#shared/assert-never.ts';
import { type Attempt, type AttemptOutcome, type AttemptStage, attemptStages } from '#shared/mail/outbox.ts';

/** The six states every screen shows, always with colour, icon and word. */
export type Mark = 'took-it' | 'waiting' | 'refused' | 'uncertain' | 'passed-over' | 'trying';

export interface Tick {
  readonly stage: AttemptStage;
  /** `done`: went well; `last`: where the attempt ended; `unreached`: never came to it; `skipped`: not part of this dialogue. */
  readonly kind: 'done' | 'last' | 'unreached' | 'skipped';
  readonly durationMs: number | null;
  readonly text: string;
}

/**
 * The stages of an attempt in order. A stage before the last one without a timing of its own was not part of the
 * dialogue (no TLS on a plain endpoint, no AUTH without a user), and says so instead of a tick.
 */
export function ticksOf(attempt: Pick<Attempt, 'stage' | 'stages'>): Tick[] {
  const last = attemptStages.indexOf(attempt.stage);
  return attemptStages.map((stage, index) => {
    const timing = attempt.stages.find((entry) => entry.stage === stage);
    const kind = index === last ? 'last' : index > last ? 'unreached' : timing === undefined ? 'skipped' : 'done';
    return { stage, kind, durationMs: timing?.durationMs ?? null, text: timing?.text ?? '' };
  });
}

/** How an attempt's end is marked. */
export function markOf(outcome: AttemptOutcome): Mark {
  switch (outcome) {
    case 'accepted':
      return 'took-it';
    case 'transient':
      return 'waiting';
    case 'permanent':
    case 'unreachable':
    case 'unsafe':
      return 'refused';
    case 'uncertain':
      return 'uncertain';
    case 'cancelled':
      return 'passed-over';
    default:
      return assertNever(outcome);
  }
}

/** The server's words at the end: code, enhanced code and text, without saying a code twice. */
export function wordsOf(attempt: Pick<Attempt, 'replyCode' | 'enhancedStatusCode' | 'text'>): string {
  const text = attempt.text ?? '';
  const parts: string[] = [];
  if (attempt.replyCode !== undefined && !text.startsWith(String(attempt.replyCode)))
    parts.push(String(attempt.replyCode));
  if (attempt.enhancedStatusCode !== undefined && !text.includes(attempt.enhancedStatusCode))
    parts.push(attempt.enhancedStatusCode);
  if (text !== '') parts.push(text);
  return parts.join(' ');
}

/** A reply as it was said, its code once. */
export function replyWords({ replyCode, text }: { readonly replyCode?: number; readonly text: string }): string {
  return wordsOf({ replyCode, text });
}

/** The whole log as text a person can send to a provider. Wire terms stay English, as in every mail log. */
export function attemptsAsText(attempts: readonly Attempt[]): string {
  return attempts.map((attempt, index) => attemptAsText(attempt, index + 1)).join('\n');
}

function attemptAsText(attempt: Attempt, number: number): string {
  const lines = [
    `${number}. ${attempt.startedAt}  ${attempt.serverLabel}  ${attempt.endpoint}  ${Math.round(attempt.durationMs)} ms`,
    `   ${attempt.outcome} at ${attempt.stage}: ${wordsOf(attempt) || attempt.meaning}`,
    ...ticksOf(attempt)
      .filter(({ durationMs }) => durationMs !== null)
      .map(({ stage, durationMs, text }) =>
        `   ${stage.padEnd(9)} ${Math.round(durationMs ?? 0)} ms  ${text}`.trimEnd(),
      ),
    ...(attempt.recipients ?? []).map((reply) => `   <${reply.mailbox}> ${replyWords(reply)}`),
    ...attempt.transcript.map((line) => `   | ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}
