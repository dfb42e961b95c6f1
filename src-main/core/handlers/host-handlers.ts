import { realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { JobSummary } from '#shared/job.ts';
import { MailError } from '#shared/mail-error.ts';
import type { NoticeBoard } from '../notices.ts';
import type { HandlersOf, Rooms } from '../services.ts';
import { version } from '../version.ts';

type HostMethods =
  | 'app.info'
  | 'app.dismissNotice'
  | 'host.chooseFolder'
  | 'host.chooseFile'
  | 'host.openPath'
  | 'host.openExternal'
  | 'host.notify';

type HostRooms = Pick<Rooms, 'profileDir' | 'secrets' | 'desktop' | 'store' | 'jobs' | 'settings'> & {
  readonly mailFolder: string;
  readonly notices: NoticeBoard;
};

/** What only the machine underneath can do, by the port the host handed in. */
export function hostHandlers(rooms: HostRooms): HandlersOf<HostMethods> {
  const { desktop, store, notices } = rooms;
  return {
    'app.info': async () => {
      const { storeId, revision } = await store.state();
      return {
        version,
        storeId,
        revision,
        profileDir: rooms.profileDir,
        mailFolder: rooms.mailFolder,
        secretsKeptIn: rooms.secrets.keptIn,
        secretsOpenToOthers: rooms.secrets.isOpenToOthers,
        capabilities: desktop.capabilities,
        notices: notices.list(),
        // Beside the Mail folder: in Documents, or in the profile when that holds everything.
        defaultExportFolder: join(dirname(rooms.mailFolder), 'Postrider exports'),
      };
    },
    'app.dismissNotice': async ({ id }) => {
      notices.dismissByHand(id);
      return {};
    },
    'host.chooseFolder': async ({ title, startIn }) => ({
      path: await able(desktop.chooseFolder?.bind(desktop))(title, startIn),
    }),
    'host.chooseFile': async ({ title, startIn }) => ({
      path: await able(desktop.chooseFile?.bind(desktop))(title, startIn),
    }),
    'host.openPath': async ({ path }) => {
      const open = able(desktop.openPath?.bind(desktop));
      await refuseForeign(rooms, path);
      await open(path);
      return {};
    },
    'host.openExternal': async ({ url }) => {
      const open = able(desktop.openExternal?.bind(desktop));
      await open(safeUrl(url));
      return {};
    },
    'host.notify': async ({ title, body }) => {
      await able(desktop.notify?.bind(desktop))(title, body);
      return {};
    },
  };
}

function able<T>(action: T | undefined): T {
  if (action === undefined) throw new MailError('EINVALID', 'This cannot be done from here.');
  return action;
}

function safeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:', 'mailto:'].includes(url.protocol)) {
    throw new MailError('EINVALID', 'Only web and mail addresses are opened from here.');
  }
  return url.href;
}

function writtenBy(summary: JobSummary): string[] {
  if (summary.kind === 'export') return [summary.out];
  return summary.kind === 'backup' && summary.action === 'create' ? [summary.file] : [];
}

/** Only what is ours to show: the profile, the Mail folder, and what an export wrote. */
async function refuseForeign(rooms: HostRooms, path: string): Promise<void> {
  const exported = rooms.jobs
    .list()
    .flatMap(({ state }) => (state.kind === 'succeeded' ? writtenBy(state.summary) : []));
  const backups = [
    join(dirname(rooms.mailFolder), 'Postrider backups'),
    rooms.settings.current().preferences.backup.folder,
  ].filter((path) => path !== '');
  const allowed = [rooms.profileDir, rooms.mailFolder, ...backups, ...exported, ...exported.map((out) => dirname(out))];
  const [real, ...roots] = await Promise.all([path, ...allowed].map((one) => realpath(one).catch(() => null)));
  const isOurs =
    typeof real === 'string' && roots.some((root) => root !== null && (real === root || real.startsWith(root + sep)));
  if (!isOurs) throw new MailError('EINVALID', 'That folder is not one of Postrider’s.');
}
