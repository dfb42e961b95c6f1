import { expect, test, vi } from 'vitest';
import type { Job, JobSummary } from '#shared/job.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Clock, Log } from '../ports.ts';
import { createJobRunner } from './job-runner.ts';

const summary: JobSummary = { kind: 'index', messages: 1, problems: [] };

/** A clock moved by hand. */
function handClock(): Clock & { move(ms: number): void } {
  let now = 1_000_000;
  let waiting: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    after(delayMs, run) {
      const entry = { at: now + delayMs, run };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    move(ms) {
      now += ms;
      const due = waiting.filter(({ at }) => at <= now);
      waiting = waiting.filter(({ at }) => at > now);
      for (const { run } of due) run();
    },
  };
}

function setUp() {
  const clock = handClock();
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() } satisfies Log;
  const jobs = createJobRunner(clock, log);
  const told: Job[] = [];
  jobs.onChanged((job) => told.push(job));
  return { clock, log, jobs, told, kinds: () => told.map(({ state }) => state.kind) };
}

test('a job is queued, runs, and ends with its summary', async () => {
  const { jobs, kinds } = setUp();
  const jobId = jobs.start({ jobKind: 'index', label: 'Index', work: async () => summary });
  await expect(jobs.finished(jobId)).resolves.toMatchObject({ state: { kind: 'succeeded', summary } });
  expect(kinds()).toEqual(['queued', 'succeeded']);
});

test('progress is told at most ten times a second, and the last state always', async () => {
  const { jobs, clock, told } = setUp();
  const jobId = jobs.start({
    jobKind: 'index',
    label: 'Index',
    work: async ({ report }) => {
      clock.move(200);
      for (let done = 1; done <= 1000; done += 1) {
        report({ phase: 'reading', done, total: 1000 });
        clock.move(1);
      }
      return summary;
    },
  });
  await jobs.finished(jobId);
  const running = told.filter(({ state }) => state.kind === 'running');
  expect(running.length).toBeGreaterThan(8);
  expect(running.length).toBeLessThanOrEqual(12);
  expect(told.at(-1)?.state.kind).toBe('succeeded');
});

test('cancelling trips the signal and ends as cancelled, not as failed', async () => {
  const { jobs } = setUp();
  const jobId = jobs.start({
    jobKind: 'collect',
    label: 'Collect',
    work: ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  });
  jobs.cancel(jobId);
  await expect(jobs.finished(jobId)).resolves.toMatchObject({ state: { kind: 'cancelled' } });
});

test('a job cancelled while it waits never starts', async () => {
  const { jobs } = setUp();
  let release = (): void => undefined;
  const first = jobs.start({
    jobKind: 'collect',
    label: 'One',
    exclusive: 'maildrop',
    work: () =>
      new Promise((resolve) => {
        release = () => resolve(summary);
      }),
  });
  const work = vi.fn(async () => summary);
  const second = jobs.start({ jobKind: 'collect', label: 'Two', exclusive: 'maildrop', work });
  jobs.cancel(second);
  await vi.waitFor(() => expect(jobs.list()[0]?.state.kind).toBe('running'));
  release();
  await jobs.finished(first);
  await expect(jobs.finished(second)).resolves.toMatchObject({ state: { kind: 'cancelled' } });
  expect(work).not.toHaveBeenCalled();
});

test('a MailError is shown as it is; anything else goes to the log and is shown without its words', async () => {
  const { jobs, log } = setUp();
  const known = jobs.start({
    jobKind: 'collect',
    label: 'Known',
    work: () => Promise.reject(new MailError('EAUTH', 'The password was not accepted.')),
  });
  const unknown = jobs.start({ jobKind: 'collect', label: 'Unknown', work: () => Promise.reject(new Error('inside')) });
  await expect(jobs.finished(known)).resolves.toMatchObject({ state: { kind: 'failed', error: { code: 'EAUTH' } } });
  await expect(jobs.finished(unknown)).resolves.toMatchObject({
    state: { kind: 'failed', error: { code: 'EINTERNAL' } },
  });
  expect(log.error).toHaveBeenCalledTimes(1);
});

test('only the last fifty finished jobs are kept', async () => {
  const { jobs } = setUp();
  for (let index = 0; index < 60; index += 1) {
    await jobs.finished(jobs.start({ jobKind: 'index', label: String(index), work: async () => summary }));
  }
  expect(jobs.list()).toHaveLength(50);
  expect(jobs.list().at(-1)?.label).toBe('59');
});
