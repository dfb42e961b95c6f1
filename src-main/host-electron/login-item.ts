import { mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { app } from 'electron';
import { writePrivateFile } from '../host-node/private-file.ts';
import { thisInstallation } from './command-words.ts';
import { t } from './words.ts';

/** Whether the system starts Postrider at login. */
export interface LoginItem {
  readonly isOn: boolean;
  /** Throws what the system throws. */
  set(isOn: boolean): Promise<void>;
}

/** As macOS and Windows keep it, and as the desktops of Linux do, where Electron knows no such setting. */
export async function openLoginItem(platform: NodeJS.Platform = process.platform): Promise<LoginItem> {
  if (platform === 'linux') return autostartEntry(autostartPath(process.env, homedir()), thisInstallation(app).binary);
  const kept = app.getLoginItemSettings();
  return {
    // On Windows a person can switch it off in the Task Manager, which leaves the entry where it is.
    isOn: platform === 'win32' ? kept.executableWillLaunchAtLogin : kept.openAtLogin,
    set: async (openAtLogin) => app.setLoginItemSettings({ openAtLogin }),
  };
}

/** Desktop Application Autostart Specification: https://specifications.freedesktop.org/autostart-spec/latest/ */
export function autostartPath(env: NodeJS.ProcessEnv, homeDir: string): string {
  const given = env.XDG_CONFIG_HOME;
  const base = given !== undefined && isAbsolute(given) ? given : join(homeDir, '.config');
  return join(base, 'autostart', 'postrider.desktop');
}

export async function autostartEntry(path: string, binary: string): Promise<LoginItem> {
  return {
    isOn: isEnabled(await readFile(path, 'utf8').catch(() => undefined)),
    async set(isOn) {
      if (!isOn) return rm(path, { force: true });
      await mkdir(dirname(path), { recursive: true });
      await writePrivateFile(path, entryText(binary));
    },
  };
}

/** A desktop's own settings switch an entry off without removing it. */
function isEnabled(text: string | undefined): boolean {
  return text !== undefined && !/^\s*(Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/m.test(text);
}

function entryText(binary: string): string {
  const lines = [
    '[Desktop Entry]',
    'Type=Application',
    `Name=${t('app')}`,
    `Comment=${t('login.comment')}`,
    `Exec=${execValue(binary)}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Desktop Entry Specification, “The Exec key”: an argument in quotes has `"`, `` ` ``, `$` and `\` behind a backslash; a
 * percent sign is doubled; and a backslash in any value of the file is written as two.
 */
function execValue(argument: string): string {
  const quoted = `"${argument.replace(/["`$\\]/g, '\\$&')}"`;
  return quoted.replaceAll('%', '%%').replaceAll('\\', '\\\\');
}
