import type { JobId } from '#shared/ids.ts';
import type { Job, JobSummary } from '#shared/job.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Output } from './output.ts';
import { octetsInWords } from './output.ts';
import type { Call } from './verb.ts';

type Summary<K extends JobSummary['kind']> = Extract<JobSummary, { kind: K }>;

/**
 * Starts a job and waits for its end, showing how far it is. An interrupt cancels it first. Throws what it failed with,
 * or ECANCELLED.
 */
export async function runJob<K extends JobSummary['kind']>(
  call: Call,
  kind: K,
  start: () => Promise<{ jobId: JobId }>,
): Promise<Summary<K>> {
  const { api, lost } = await call.app();
  // Listening first: a short job may be over before its id arrives.
  const seen = new Map<JobId, Job>();
  let wake = (): void => undefined;
  const stop = api.on('job.changed', (job) => {
    seen.set(job.jobId, job);
    wake();
  });
  try {
    const { jobId } = await start();
    const cancel = (): void => void api.call('job.cancel', { jobId }).catch(() => undefined);
    if (call.signal.aborted) cancel();
    call.signal.addEventListener('abort', cancel, { once: true });
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const summary = judge(seen.get(jobId), call.out);
      if (summary !== null) return expectKind(summary, kind);
      await Promise.race([changed, lost]);
    }
  } finally {
    stop();
  }
}

/** Null while it goes on. */
function judge(job: Job | undefined, out: Output): JobSummary | null {
  if (job === undefined) return null;
  const { state } = job;
  switch (state.kind) {
    case 'succeeded':
      return state.summary;
    case 'failed':
      throw MailError.fromData(state.error);
    case 'cancelled':
      throw new MailError('ECANCELLED', 'It was cancelled.');
    case 'running': {
      const far = state.total === null ? `${state.done}` : `${state.done} of ${state.total}`;
      const size = state.octets > 0 ? `, ${octetsInWords(state.octets)}` : '';
      const whole = state.totalOctets === undefined ? '' : ` of ${octetsInWords(state.totalOctets)}`;
      out.progress(`${job.label}: ${state.phase}, ${far}${size === '' ? '' : size + whole}`);
      return null;
    }
    case 'queued':
      return null;
  }
}

function expectKind<K extends JobSummary['kind']>(summary: JobSummary, kind: K): Summary<K> {
  if (isKind(summary, kind)) return summary;
  throw new MailError('EPROTOCOL', 'Postrider answered with another report than was asked for.');
}

function isKind<K extends JobSummary['kind']>(summary: JobSummary, kind: K): summary is Summary<K> {
  return summary.kind === kind;
}
