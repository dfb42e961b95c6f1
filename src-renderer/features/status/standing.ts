import type { AccountId } from '#shared/ids.ts';
import type { Job } from '#shared/job.ts';
import type { OutboxItem, RouteExplanation } from '#shared/mail/outbox.ts';
import type { MailErrorData } from '#shared/mail-error.ts';
import type { Result } from '#shared/rpc/contract.ts';

/** "Office relay :587": the first server mail would go to, with its port. */
export function wayOut(explained: RouteExplanation): string | null {
  const [first] = explained.attempts;
  if (first === undefined) return null;
  const port = /:(\d+)$/.exec(first.endpoint)?.[1];
  return port === undefined ? first.serverLabel : `${first.serverLabel} :${port}`;
}

export interface OutboxStanding {
  waiting: number;
  /** Those a person has to decide about. */
  asks: number;
  isSending: boolean;
  /** The first that goes by itself: at what time, and whether it was tried before. */
  next: { at: string; isAgain: boolean } | null;
}

export function outboxStanding(items: readonly OutboxItem[]): OutboxStanding {
  const waiting = items.filter((item) => item.state !== 'sent');
  const due = waiting.flatMap(({ deferredUntil, state }) =>
    deferredUntil === undefined ? [] : [{ at: deferredUntil, isAgain: state === 'deferred' }],
  );
  const [next] = due.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return {
    waiting: waiting.length,
    asks: waiting.filter(needsSomebody).length,
    isSending: waiting.some((item) => item.state === 'sending'),
    next: next ?? null,
  };
}

function needsSomebody(item: OutboxItem): boolean {
  if (item.state === 'failed') return true;
  const asking: readonly (string | undefined)[] = [
    'uncertain',
    'needs-password',
    'content',
    'server-gone',
    'server-limits',
  ];
  return item.state === 'held' && asking.includes(item.heldFor);
}

export interface CollectStanding {
  at: string;
  isFailed: boolean;
  words: string;
}

/** When mail was last collected, and whether it worked. */
export function collectStanding(status: Result<'collect.status'>, jobs: readonly Job[]): CollectStanding | null {
  const newest = status
    .flatMap(({ lastAt, lastResult }) => (lastAt === null ? [] : [{ at: lastAt, words: lastResult }]))
    .sort((a, b) => b.at.localeCompare(a.at))[0];
  if (newest === undefined) return null;
  const last = lastCollection(jobs);
  return { ...newest, isFailed: last !== undefined && hasFailed(last) };
}

export function lastCollection(jobs: readonly Job[]): Job | undefined {
  return jobs
    .filter((job) => job.jobKind === 'collect' && isFinished(job))
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt))[0];
}

export function isFinished(job: Job): boolean {
  return job.state.kind !== 'queued' && job.state.kind !== 'running';
}

function hasFailed(job: Job): boolean {
  return job.state.kind === 'failed' || failuresOf(job).length > 0;
}

/** The accounts a finished collection could not collect from, and why. */
export function failuresOf({ state }: Job): { accountId: AccountId; error: MailErrorData }[] {
  if (state.kind !== 'succeeded' || state.summary.kind !== 'collect') return [];
  return state.summary.accounts.flatMap(({ accountId, error }) => (error === undefined ? [] : [{ accountId, error }]));
}
