import { useCallback, useEffect, useState } from 'react';
import type { Job } from '#shared/job.ts';
import type { BackupStatus } from '#shared/mail/backup.ts';
import { useApi } from '../../api.ts';
import { useJobs, useSettings } from '../../projection/stores.ts';

/** What is known of backups: asked again when one ended and when the schedule was changed. */
export function useBackups(): { status: BackupStatus | null; error: unknown; reload: () => void } {
  const api = useApi();
  const [status, setStatus] = useState<BackupStatus | null>(null);
  const [error, setError] = useState<unknown>(null);
  const finished = useJobs((state) => countFinished(Object.values<Job>(state.byId)));
  const schedule = useSettings((state) => state.settings?.preferences.backup);
  const reload = useCallback(() => {
    api.call('backup.status', {}).then((next) => {
      setStatus(next);
      setError(null);
    }, setError);
  }, [api]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: they say when to ask again.
  useEffect(reload, [reload, finished, schedule]);
  return { status, error, reload };
}

function countFinished(jobs: readonly Job[]): number {
  return jobs.filter(({ jobKind, state }) => jobKind === 'backup' && !isUnderWay(state.kind)).length;
}

export function isUnderWay(kind: Job['state']['kind']): boolean {
  return kind === 'queued' || kind === 'running';
}

export function runningBackup(jobs: readonly Job[]): Job | undefined {
  return jobs.find(({ jobKind, state }) => jobKind === 'backup' && isUnderWay(state.kind));
}
