import { randomUUID } from 'node:crypto';
import { JobId } from '#shared/ids.ts';
import type { Job, JobKind, JobState, JobSummary } from '#shared/job.ts';
import { MailError, toErrorData } from '#shared/mail-error.ts';
import type { Clock, Log } from '../ports.ts';

/** What a job's work is given: its id, how to tell how far it is, and when to stop. */
export interface JobContext {
  readonly jobId: JobId;
  readonly signal: AbortSignal;
  report(progress: { phase: string; done: number; total: number | null; octets?: number; totalOctets?: number }): void;
}

export interface JobRunner {
  /** Starts work and answers at once. `exclusive`: a name; a second job of the same name waits for the first. */
  start(job: {
    jobKind: JobKind;
    label: string;
    exclusive?: string;
    work: (context: JobContext) => Promise<JobSummary>;
  }): JobId;
  list(): Job[];
  cancel(jobId: JobId): void;
  /** Resolves when the job ended, however it did. */
  finished(jobId: JobId): Promise<Job>;
  onChanged(listener: (job: Job) => void): () => void;
  /** Cancels everything and waits for it to end. */
  close(): Promise<void>;
}

const reportEveryMs = 100;
const keepFinished = 50;

interface Entry {
  job: Job;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  lastTold: number;
  cancelPending: (() => void) | undefined;
}

/** Runs long work. Changes are told at most 10 a second for each job; the last state is always told. */
export function createJobRunner(clock: Clock, log: Log): JobRunner {
  const entries = new Map<JobId, Entry>();
  const listeners = new Set<(job: Job) => void>();
  const tails = new Map<string, Promise<void>>();

  function tell(entry: Entry): void {
    entry.cancelPending?.();
    entry.cancelPending = undefined;
    entry.lastTold = clock.now();
    for (const listener of listeners) listener(entry.job);
  }

  function become(entry: Entry, state: JobState): void {
    entry.job = { ...entry.job, state };
    const wait = entry.lastTold + reportEveryMs - clock.now();
    if (state.kind !== 'running' || wait <= 0) tell(entry);
    else entry.cancelPending ??= clock.after(wait, () => tell(entry));
  }

  async function run(entry: Entry, work: (context: JobContext) => Promise<JobSummary>): Promise<void> {
    const { signal } = entry.abort;
    try {
      signal.throwIfAborted();
      become(entry, { kind: 'running', phase: 'starting', done: 0, total: null, octets: 0 });
      const summary = await work({
        jobId: entry.job.jobId,
        signal,
        report: ({ phase, done, total, octets, totalOctets }) => {
          if (entry.job.state.kind === 'running')
            become(entry, { kind: 'running', phase, done, total, octets: octets ?? 0, totalOctets });
        },
      });
      become(entry, { kind: 'succeeded', summary });
    } catch (error) {
      if (signal.aborted) become(entry, { kind: 'cancelled' });
      else {
        if (!(error instanceof MailError)) log.error(`The job “${entry.job.label}” failed.`, error);
        become(entry, { kind: 'failed', error: toErrorData(error) });
      }
    }
    forgetOld(entries);
  }

  return {
    start({ jobKind, label, exclusive, work }) {
      const jobId = JobId.parse(randomUUID());
      const abort = new AbortController();
      const job: Job = {
        jobId,
        jobKind,
        label,
        startedAt: new Date(clock.now()).toISOString(),
        state: { kind: 'queued' },
      };
      const before = (exclusive === undefined ? undefined : tails.get(exclusive)) ?? Promise.resolve();
      const ended = before.then(() => run(entry, work));
      const entry: Entry = { job, abort, ended, lastTold: 0, cancelPending: undefined };
      entries.set(jobId, entry);
      if (exclusive !== undefined) tails.set(exclusive, ended);
      tell(entry);
      return jobId;
    },
    list: () => [...entries.values()].map((entry) => entry.job),
    cancel(jobId) {
      const entry = entries.get(jobId);
      if (entry === undefined) throw new MailError('ENOTFOUND', 'That job is not there any more.');
      entry.abort.abort(new MailError('ECANCELLED', 'It was cancelled.'));
    },
    async finished(jobId) {
      const entry = entries.get(jobId);
      if (entry === undefined) throw new MailError('ENOTFOUND', 'That job is not there any more.');
      await entry.ended;
      return entry.job;
    },
    onChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      for (const entry of entries.values()) entry.abort.abort(new MailError('ECANCELLED', 'Postrider is closing.'));
      await Promise.all([...entries.values()].map((entry) => entry.ended));
    },
  };
}

function forgetOld(entries: Map<JobId, Entry>): void {
  const finished = [...entries].filter(
    ([, entry]) => entry.job.state.kind !== 'running' && entry.job.state.kind !== 'queued',
  );
  for (const [jobId] of finished.slice(0, Math.max(0, finished.length - keepFinished))) entries.delete(jobId);
}
