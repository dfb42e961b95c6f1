import { assertNever } from '#shared/assert-never.ts';
import { attemptLines, serverWords } from '#shared/mail/attempt-log-text.ts';
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
  return serverWords(attempt);
}

/** A reply as it was said, its code once. */
export function replyWords({ replyCode, text }: { readonly replyCode?: number; readonly text: string }): string {
  return wordsOf({ replyCode, text });
}

/** The attempts alone as text a person can send to a provider. Wire terms stay English, as in every mail log. */
export function attemptsAsText(attempts: readonly Attempt[]): string {
  return `${attempts.map((attempt, index) => attemptLines(attempt, index + 1).join('\n')).join('\n\n')}\n`;
}

/** A name a file may have anywhere: `Delivery log 2026-11-21 Winter berth.txt`. */
export function logFileName(subject: string, attempts: readonly Pick<Attempt, 'startedAt'>[]): string {
  const day = attempts.at(-1)?.startedAt.slice(0, 10) ?? '';
  const words = subject
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .slice(0, 60)
    .trim();
  return `${['Delivery log', day, words].filter((part) => part !== '').join(' ')}.txt`;
}
