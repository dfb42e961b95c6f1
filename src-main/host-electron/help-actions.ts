import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { app, dialog } from 'electron';
import { MailError } from '#shared/mail-error.ts';
import type { Log } from '../core/ports.ts';
import { thisInstallation } from './command-words.ts';
import { installCommand, launcherFor } from './install-command.ts';
import type { LoginItem } from './login-item.ts';
import { t } from './words.ts';

/** Makes Postrider what the system opens mail links with, and says how that went. */
export async function becomeDefault(): Promise<void> {
  if (app.setAsDefaultProtocolClient('mailto')) {
    // Windows and some desktops leave the last word to the person.
    return tell(t('mailto.taken'), t('mailto.taken.text'));
  }
  await tell(t('mailto.refused'), t('mailto.refused.text'));
}

/** Puts the `postrider` command where a terminal finds it, and says where. */
export async function offerCommand(log: Log): Promise<void> {
  try {
    const launcher = launcherFor({ installation: thisInstallation(app), env: process.env, homeDir: homedir() });
    const path = await installCommand(launcher);
    await tell(t('command.installed'), t('command.installed.text', { path, folder: dirname(path) }));
  } catch (error) {
    log.error('The command was not installed.', error);
    await tell(t('command.failed'), error instanceof MailError ? error.message : t('wrong.inside'));
  }
}

/** Has Postrider started at login, or no more; says so only where it did not work. */
export async function startAtLogin(item: LoginItem, isOn: boolean, log: Log): Promise<void> {
  try {
    await item.set(isOn);
  } catch (error) {
    log.error('The start at login was not changed.', error);
    await tell(isOn ? t('login.not') : t('login.stays'), t('login.text'));
  }
}

async function tell(message: string, detail: string): Promise<void> {
  await dialog.showMessageBox({ type: 'info', message, detail, buttons: [t('ok')], noLink: true });
}
