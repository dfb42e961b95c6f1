import { useState } from 'react';
import type { JobId } from '#shared/ids.ts';
import type { Job, JobState } from '#shared/job.ts';
import { useApi } from '../api.ts';
import { useJobs } from '../projection/stores.ts';

/** A job begun from this screen. */
export type JobRun =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'begun'; readonly state: JobState; readonly label: string };

/** Starts a job and follows it. Jobs outlive the screen: `latest` finds one that is running already. */
export function useJob(latest: (jobs: readonly Job[]) => Job | undefined): {
  run: JobRun;
  start: (begin: () => Promise<{ jobId: JobId }>) => void;
  cancel: () => void;
} {
  const api = useApi();
  const byId = useJobs((state) => state.byId);
  const [own, setOwn] = useState<{ jobId: JobId } | { error: unknown } | 'starting' | null>(null);
  const jobId = typeof own === 'object' && own !== null && 'jobId' in own ? own.jobId : null;
  const job = jobId === null ? (own === null ? latest(Object.values<Job>(byId)) : undefined) : byId[jobId];
  return {
    run: runOf(own, job),
    start: (begin) => {
      setOwn('starting');
      begin().then(setOwn, (error: unknown) => setOwn({ error }));
    },
    cancel: () => {
      // A job that ended in the meantime cannot be stopped any more; that is as good.
      if (job !== undefined) api.call('job.cancel', { jobId: job.jobId }).catch(() => undefined);
    },
  };
}

function runOf(own: { jobId: JobId } | { error: unknown } | 'starting' | null, job: Job | undefined): JobRun {
  if (job !== undefined) return { kind: 'begun', state: job.state, label: job.label };
  if (own === null) return { kind: 'idle' };
  if (own === 'starting' || 'jobId' in own) return { kind: 'starting' };
  return { kind: 'refused', error: own.error };
}
