import { stat } from 'node:fs/promises';
import { dialog, Notification, shell } from 'electron';
import { MailError } from '#shared/mail-error.ts';
import type { Desktop } from '../core/ports.ts';
import { openOutside } from './open-outside.ts';
import { t } from './words.ts';

const mostShown = 50;

/** What Electron can ask the system for. `onNotificationClicked` brings the window forward. */
export function createElectronDesktop(onNotificationClicked: () => void): Desktop {
  const notify = Notification.isSupported();
  // Nothing of Electron's holds a notification: collected as garbage, its click would go nowhere.
  const shown = new Set<Notification>();
  return {
    capabilities: {
      host: 'electron',
      chooseFolder: true,
      chooseFile: true,
      openPath: true,
      openExternal: true,
      notify,
      tray: true,
      confirm: true,
    },
    chooseFolder: (title, startIn) => choose('openDirectory', title, startIn),
    chooseFile: (title, startIn) => choose('openFile', title, startIn),
    async confirm({ text, detail, yes }) {
      // Cancel is what Enter and Escape say.
      const options = {
        type: 'warning',
        message: text,
        detail,
        buttons: [yes, t('cancel')],
        defaultId: 1,
        cancelId: 1,
      } as const;
      const { response } = await dialog.showMessageBox({ ...options, buttons: [...options.buttons], noLink: true });
      return response === 0;
    },
    openPath: showInFileManager,
    openExternal: openOutside,
    async notify(title, body) {
      const notification = new Notification({ title, body });
      shown.add(notification);
      notification.on('click', () => {
        shown.delete(notification);
        onNotificationClicked();
      });
      notification.on('close', () => shown.delete(notification));
      notification.on('failed', () => shown.delete(notification));
      // Where the system never says that one is gone, the oldest ones are let go.
      for (const old of [...shown].slice(0, -mostShown)) shown.delete(old);
      notification.show();
    },
  };
}

async function choose(
  what: 'openDirectory' | 'openFile',
  title: string,
  startIn: string | undefined,
): Promise<string | null> {
  const properties: ('openDirectory' | 'openFile' | 'createDirectory')[] =
    what === 'openDirectory' ? [what, 'createDirectory'] : [what];
  const { canceled, filePaths } = await dialog.showOpenDialog({ title, defaultPath: startIn, properties });
  return canceled ? null : (filePaths[0] ?? null);
}

/** A file is shown in its folder, never opened: what mail brought must not run by way of "show". */
async function showInFileManager(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new MailError('ENOTFOUND', t('file.gone'));
  if (!found.isDirectory()) {
    shell.showItemInFolder(path);
    return;
  }
  const problem = await shell.openPath(path);
  if (problem !== '') throw new MailError('EIO', t('folder.notOpened'), { cause: problem });
}
