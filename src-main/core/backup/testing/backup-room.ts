import { join } from 'node:path';
import type { ImportReport, JobState } from '#shared/job.ts';
import type { ImportRequest } from '#shared/mail/mail-source.ts';
import { systemClock } from '../../../host-node/system-clock.ts';
import { createJobRunner, type JobRunner } from '../../jobs/job-runner.ts';
import type { SettingsService } from '../../services.ts';
import type { Store } from '../../store/store-api.ts';
import { type Home, makeHome } from '../../store/testing/store-fixture.ts';
import { createBackup } from '../backup.ts';

type Handlers = ReturnType<typeof createBackup>['handlers'];

export const quiet = { info() {}, warn() {}, error() {} };

/** Import and export over a store in a folder of its own. */
export interface BackupRoom {
  readonly home: Home;
  readonly store: Store;
  readonly jobs: JobRunner;
  readonly handlers: Handlers;
  /** A path in the room's own folder. */
  at(...parts: string[]): string;
  /** What an import came to. */
  ended(request: ImportRequest): Promise<JobState>;
  /** The report of an import that must succeed. */
  imported(request: ImportRequest): Promise<ImportReport>;
  close(): Promise<void>;
}

export async function openBackupRoom(
  openSettings?: (profileDir: string) => Promise<SettingsService>,
): Promise<BackupRoom> {
  const home = makeHome();
  const { profileDir } = home;
  const store = await home.open();
  const jobs = createJobRunner(systemClock, quiet);
  const settings = await openSettings?.(profileDir);
  const rooms = { store, jobs, log: quiet, clock: systemClock, profileDir };
  const { handlers } = createBackup(settings === undefined ? rooms : { ...rooms, settings });
  const ended = async (request: ImportRequest): Promise<JobState> => {
    const { jobId } = await handlers['import.start'](request);
    return (await jobs.finished(jobId)).state;
  };
  return {
    home,
    store,
    jobs,
    handlers,
    at: (...parts) => join(home.path, ...parts),
    ended,
    async imported(request) {
      const state = await ended(request);
      if (state.kind === 'succeeded' && state.summary.kind === 'import') return state.summary;
      throw new Error(JSON.stringify(state));
    },
    async close() {
      await jobs.close();
      await store.close();
      home.remove();
    },
  };
}
