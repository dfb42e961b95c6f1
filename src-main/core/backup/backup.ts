import { basename } from 'node:path';
import type { ImportReport } from '#shared/job.ts';
import type { ImportRequest } from '#shared/mail/mail-source.ts';
import { MailError } from '#shared/mail-error.ts';
import type { JobContext } from '../jobs/job-runner.ts';
import type { HandlersOf, Rooms, SettingsService } from '../services.ts';
import { withImportedTags } from './note-tags.ts';
import { findPlaces } from './sources/places.ts';
import { type Remembered, rememberImports } from './unfinished-import.ts';

type BackupRooms = Pick<Rooms, 'store' | 'jobs' | 'log' | 'clock' | 'profileDir'> & {
  /** Where tags are set up, and people; without it, tags that come in have no colour of their own, and people stay out. */
  readonly settings?: Pick<SettingsService, 'current' | 'setPreferences' | 'addContacts'>;
};

/** Looking at a path ends after so long: a network drive may not answer. */
const lookForMs = 60_000;

/** A person may be brought back, and a picture is kept before its person. */
const sweptAfterMs = 86_400_000;

/** Export and import, each as a job. What does the work is loaded when there is some: most commands are about other things. */
export function createBackup(rooms: BackupRooms): {
  handlers: HandlersOf<
    | 'export.start'
    | 'contact.export'
    | 'contact.photo'
    | `import.${'places' | 'look' | 'count' | 'start' | 'unfinished' | 'forget'}`
  >;
  /** Removes the pictures of people who are no longer in the address book. */
  sweepPhotos(): Promise<void>;
} {
  const { store, jobs } = rooms;
  const remembered = rememberImports(rooms.profileDir);
  return {
    async sweepPhotos() {
      const contacts = rooms.settings?.current().contacts ?? [];
      // Nobody at all: the settings may have been lost, and come back from a copy.
      if (contacts.length === 0) return;
      const { photosIn } = await import('./contacts/export-contacts.ts');
      await photosIn(rooms.profileDir).sweep(contacts, rooms.clock.now() - sweptAfterMs);
    },
    handlers: {
      'export.start': async ({ folders, format, out }) => ({
        jobId: jobs.start({
          jobKind: 'export',
          label: basename(out),
          work: async (context) => {
            const { exportMailbox } = await import('./export-mailbox.ts');
            return exportMailbox(store, { folders, format, out }, context);
          },
        }),
      }),
      'contact.export': async ({ format }) => {
        const { exportContacts, readPhotos } = await import('./contacts/export-contacts.ts');
        const contacts = rooms.settings?.current().contacts ?? [];
        const photos = await readPhotos(format === 'csv' ? [] : contacts, rooms.profileDir);
        return exportContacts(contacts, format, photos);
      },
      'contact.photo': async ({ photo }) => {
        const { photosIn } = await import('./contacts/export-contacts.ts');
        const found = await photosIn(rooms.profileDir).read(photo);
        return found === null ? null : { type: found.type, base64: found.octets.toString('base64') };
      },
      'import.places': async () => findPlaces((await store.state()).mailFolder),
      'import.look': async ({ path }) => {
        const { lookAt } = await import('./sources/look.ts');
        return lookAt(path, store, AbortSignal.timeout(lookForMs));
      },
      'import.count': async ({ path, ids }) => {
        const { countMessages } = await import('./sources/count.ts');
        return countMessages(path, ids, AbortSignal.timeout(lookForMs));
      },
      'import.start': async (request) => ({
        jobId: jobs.start({
          jobKind: 'import',
          label: basename(request.path),
          // Two at once could each file a message the other is about to file.
          exclusive: 'import',
          work: (context) => importRemembered(rooms, remembered, request, context),
        }),
      }),
      'import.unfinished': () => remembered.read(),
      'import.forget': async () => {
        await remembered.forget();
        return {};
      },
    },
  };
}

/** After these there is more to take when the cause is gone. */
const brokenOff: readonly string[] = ['EDISKFULL', 'EIO', 'EMAILFOLDER', 'ECANCELLED'];

/** What came to its end is forgotten; what the user, the disk or the machine broke off is kept. */
async function importRemembered(
  rooms: BackupRooms,
  remembered: Remembered,
  request: ImportRequest,
  context: JobContext,
): Promise<ImportReport> {
  const { importMail } = await import('./import-mail.ts');
  const underway = await remembered.begin(request, rooms.clock.now());
  try {
    const report = await importMail(rooms, request, { ...context, ...underway });
    await remembered.forget();
    await noteTags(rooms, report);
    return report;
  } catch (error) {
    const isBrokenOff = context.signal.aborted || (error instanceof MailError && brokenOff.includes(error.code));
    if (!isBrokenOff) await remembered.forget();
    throw error;
  }
}

/** The mail is in by now: colours that cannot be kept are no reason to call the import failed. */
async function noteTags({ settings, log }: BackupRooms, { tags: imported }: ImportReport): Promise<void> {
  const tags = settings === undefined ? null : withImportedTags(settings.current().preferences.tags, imported);
  if (tags === null) return;
  await settings
    ?.setPreferences({ tags })
    .catch((error: unknown) => log.error('Imported tags were not set up.', error));
}
