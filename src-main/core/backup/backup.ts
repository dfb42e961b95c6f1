import { basename } from 'node:path';
import type { HandlersOf, Rooms } from '../services.ts';
import { exportMailbox } from './export-mailbox.ts';
import { importMail } from './import-mail.ts';

/** Export and import, each as a job. */
export function createBackup(rooms: Pick<Rooms, 'store' | 'jobs' | 'log' | 'clock'>): {
  handlers: HandlersOf<'export.start' | 'import.start'>;
} {
  const { store, jobs } = rooms;
  return {
    handlers: {
      'export.start': async ({ folders, format, out }) => ({
        jobId: jobs.start({
          jobKind: 'export',
          label: basename(out),
          work: (context) => exportMailbox(store, { folders, format, out }, context),
        }),
      }),
      'import.start': async ({ path, folder }) => ({
        jobId: jobs.start({
          jobKind: 'import',
          label: basename(path),
          // Two at once could each file a message the other is about to file.
          exclusive: 'import',
          work: (context) => importMail(rooms, { path, folder }, context),
        }),
      }),
    },
  };
}
