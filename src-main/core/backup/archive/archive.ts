import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { BackupMade, BackupSchedule } from '#shared/mail/backup.ts';
import { MailError, toErrorData } from '#shared/mail-error.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import type { HandlersOf, Rooms } from '../../services.ts';
import { readSecrets, settingsForBackup } from '../../settings/restore-settings.ts';
import { openHistory, stillThere } from './history.ts';
import { backupName, type Link, nextBase, superfluous } from './keep-backups.ts';
import { watchForMailOnlyHere } from './only-here.ts';
import type { NamedSecrets } from './passwords.ts';
import { createSchedule } from './schedule.ts';
import type { verifyBackup } from './verify-backup.ts';

export type ArchiveRooms = Pick<Rooms, 'profileDir' | 'clock' | 'log' | 'secrets' | 'store' | 'settings' | 'jobs'> & {
  readonly outbox: Pick<Rooms['outbox'], 'takeUpRestored'>;
  readonly mailFolder: string;
  readonly appVersion: string;
  /** Shows a quiet bar, or takes it away. */
  readonly remind: (text: string | null) => void;
};

export type ArchiveMethods = `backup.${'status' | 'create' | 'verify' | 'inspect' | 'messages' | 'restore'}`;

export interface Archive {
  readonly handlers: HandlersOf<ArchiveMethods>;
  /** Backups by schedule, and the reminder, from now on. */
  startSchedule(): void;
  close(): void;
}

interface Wanted {
  readonly out: string;
  readonly incrementalFrom: string | undefined;
  readonly passphrase: string | undefined;
  readonly bySchedule: boolean;
}

/** Only one at a time: a backup of a mailbox that is being restored would be of half of it. */
const exclusive = 'backup';

/** Backups: making, checking, looking inside, restoring, and the schedule. What does each is loaded when it is done. */
export function createArchive(rooms: ArchiveRooms): Archive {
  const { clock, settings, store, jobs } = rooms;
  const history = openHistory(rooms.profileDir, rooms.log);
  const defaultFolder = join(dirname(rooms.mailFolder), 'Postrider backups');
  const folderOf = (schedule: BackupSchedule): string =>
    schedule.folder === '' ? defaultFolder : resolve(schedule.folder);

  async function create(wanted: Wanted, context: JobContext): Promise<BackupMade> {
    const { out, incrementalFrom, passphrase, bySchedule } = wanted;
    const current = settings.current();
    const { values, unreadable } =
      passphrase === undefined ? { values: {}, unreadable: [] } : await readSecrets(current, rooms.secrets);
    const { createBackup } = await import('./create-backup.ts');
    const made = await createBackup(
      store,
      {
        out,
        incrementalFrom,
        settings: settingsForBackup(current),
        photos: await (await people()).readPhotos(current.contacts, rooms.profileDir),
        secrets: passphrase === undefined ? undefined : { values, passphrase },
        appVersion: rooms.appVersion,
        now: clock.now(),
        problems: unreadable.map((name) => `A password cannot be read here and is not in the backup (${name}).`),
      },
      context,
    );
    const backup: BackupMade = { ...made, bySchedule };
    await history.change((before) => ({ ...before, made: [backup, ...before.made], remindedAt: null }));
    rooms.remind(null);
    return backup;
  }

  /** The next one of the schedule's folder, then those that are not needed any more go. */
  async function createNext(passphrase: string | undefined, context: JobContext): Promise<BackupMade> {
    const { backup: schedule } = settings.current().preferences;
    const folder = folderOf(schedule);
    const links = await linksIn(folder, (await history.current()).made);
    const base = schedule.kind === 'full' ? null : nextBase(links);
    const out = join(folder, backupName(base === null ? 'full' : 'incremental', new Date(clock.now())));
    await sweepUnfinished(folder);
    const made = await create({ out, incrementalFrom: base?.file, passphrase, bySchedule: true }, context);
    for (const { file } of superfluous(await linksIn(folder, (await history.current()).made), schedule.keep))
      await rm(file, { force: true });
    return made;
  }

  const startNext = (): ReturnType<typeof jobs.start> =>
    jobs.start({
      jobKind: 'backup',
      label: 'Backup',
      exclusive,
      work: async (context) => {
        try {
          const made = await createNext(undefined, context);
          await history.change((before) => ({ ...before, failure: null }));
          return toReport(made);
        } catch (error) {
          if (!context.signal.aborted) {
            const failure = { at: new Date(clock.now()).toISOString(), error: toErrorData(error) };
            await history.change((before) => ({ ...before, failure })).catch(() => undefined);
          }
          throw error;
        }
      },
    });

  const schedule = createSchedule({
    ...rooms,
    history,
    isMailOnlyHere: watchForMailOnlyHere(rooms),
    start: (onEnd) => void jobs.finished(startNext()).then(onEnd),
  });

  const takeSettings = async (
    restored: Parameters<typeof settings.restore>[0],
    how: 'if-empty' | 'add' | 'leave',
    secrets: NamedSecrets,
    photos: readonly Buffer[],
  ): Promise<boolean> => {
    if (how === 'leave') return false;
    // There before anybody names them.
    const kept = photos.length === 0 ? null : (await people()).photosIn(rooms.profileDir);
    for (const octets of photos) await kept?.keep(octets);
    return settings.restore(restored, how, secrets);
  };

  return {
    startSchedule: schedule.begin,
    close: schedule.close,
    handlers: {
      'backup.status': async () => {
        const { made, failure } = await history.current();
        return {
          schedule: settings.current().preferences.backup,
          defaultFolder,
          made: await stillThere(made),
          nextAt: await schedule.nextAt(),
          failure,
        };
      },
      'backup.create': async ({ out, incrementalFrom, passphrase }) => ({
        jobId: jobs.start({
          jobKind: 'backup',
          label: out === undefined ? 'Backup' : basename(out),
          exclusive,
          work: async (context) =>
            toReport(
              out === undefined
                ? await createNext(passphrase, context)
                : await create({ out, incrementalFrom, passphrase, bySchedule: false }, context),
            ),
        }),
      }),
      'backup.verify': async ({ file }) => ({
        jobId: jobs.start({
          jobKind: 'backup',
          label: basename(file),
          exclusive,
          work: async (context) => {
            const { verifyBackup } = await import('./verify-backup.ts');
            return verifyBackup(file, context);
          },
        }),
      }),
      'backup.inspect': async ({ file }) => (await inspecting()).inspectBackup(file, store),
      'backup.messages': async ({ file, ...page }) => (await inspecting()).listBackup(file, page),
      'backup.restore': async ({ settings: how, folders, messageKeys, into, passphrase, file, intact }) => ({
        jobId: jobs.start({
          jobKind: 'backup',
          label: basename(file),
          exclusive,
          work: async (context) => {
            const { restoreBackup } = await import('./restore-backup.ts');
            const to = { store, takeSettings, takeUpOutbox: () => rooms.outbox.takeUpRestored() };
            const request = { file, folders, messageKeys, into, settings: how, passphrase };
            try {
              return await restoreBackup(to, request, context);
            } catch (error) {
              if (intact !== true || !isOfTheBackup(error)) throw error;
              const { restoreIntact } = await import('./salvage/restore-intact.ts');
              return await restoreIntact(to, request, context, error.message);
            }
          },
        }),
      }),
    },
  };
}

const people = (): Promise<typeof import('../contacts/export-contacts.ts')> => import('../contacts/export-contacts.ts');

/** It is damaged, or one that it needs is not there. */
function isOfTheBackup(error: unknown): error is MailError {
  return error instanceof MailError && (error.code === 'EMALFORMED' || error.code === 'ENOTFOUND');
}

const inspecting = (): Promise<typeof import('./inspect-backup.ts')> => import('./inspect-backup.ts');

function toReport(made: BackupMade): Awaited<ReturnType<typeof verifyBackup>> {
  const { file, kind, createdAt, messages, added, octets, sha256, problems } = made;
  return {
    kind: 'backup',
    action: 'create',
    file,
    archiveKind: kind,
    createdAt,
    messages,
    others: added,
    octets,
    chain: [{ file, sha256 }],
    held: 0,
    tookSettings: false,
    problems,
  };
}

/** The schedule's own backups in a folder, newest first, with what each needs. Nothing else there is ever touched. */
async function linksIn(folder: string, made: readonly BackupMade[]): Promise<Link[]> {
  const { openBackup } = await import('./open-backup.ts');
  const links: Link[] = [];
  for (const { file, kind, sha256, bySchedule } of await stillThere(made)) {
    if (!bySchedule || dirname(file) !== folder) continue;
    try {
      const backup = await openBackup(file);
      // Another file of that name and size is not ours to use, nor to remove.
      if (backup.sha256 === sha256) links.push({ file, kind, sha256, base: backup.manifest.base?.sha256 ?? null });
      await backup.close();
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
    }
  }
  return links;
}

/** What a crash left of an earlier one of the schedule's. */
async function sweepUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names)
    if (/^postrider-[-\d]+-(?:full|incremental)\.zip\.unfinished(?:-\d+)?$/.test(name))
      await rm(join(folder, name), { force: true });
}
