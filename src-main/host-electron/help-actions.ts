import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { app, dialog } from 'electron';
import { MailError } from '#shared/mail-error.ts';
import type { Log } from '../core/ports.ts';
import { thisInstallation } from './command-words.ts';
import { installCommand, launcherFor } from './install-command.ts';
import type { LoginItem } from './login-item.ts';

/** Makes Postrider what the system opens mail links with, and says how that went. */
export async function becomeDefault(): Promise<void> {
  if (app.setAsDefaultProtocolClient('mailto')) {
    // Windows and some desktops leave the last word to the person.
    return tell(
      'Postrider offers itself for mail links.',
      'If another program still opens them, choose Postrider in the settings of your system.',
    );
  }
  await tell(
    'The system did not take Postrider for mail links.',
    'Choose it in the settings of your system. A program that was not installed cannot be chosen there.',
  );
}

/** Puts the `postrider` command where a terminal finds it, and says where. */
export async function offerCommand(log: Log): Promise<void> {
  try {
    const launcher = launcherFor({ installation: thisInstallation(app), env: process.env, homeDir: homedir() });
    const path = await installCommand(launcher);
    await tell(
      'The command is installed.',
      `It is ${path}. Open a new terminal and type: postrider --help\nIf the terminal does not find it, add ${dirname(path)} to its PATH.`,
    );
  } catch (error) {
    log.error('The command was not installed.', error);
    await tell(
      'The command was not installed.',
      error instanceof MailError ? error.message : 'Something went wrong inside Postrider.',
    );
  }
}

/** Has Postrider started at login, or no more; says so only where it did not work. */
export async function startAtLogin(item: LoginItem, isOn: boolean, log: Log): Promise<void> {
  try {
    await item.set(isOn);
  } catch (error) {
    log.error('The start at login was not changed.', error);
    const detail = 'You can add Postrider to the programs of the session in the settings of your system.';
    await tell(isOn ? 'Postrider will not start when you log in.' : 'Postrider still starts when you log in.', detail);
  }
}

async function tell(message: string, detail: string): Promise<void> {
  await dialog.showMessageBox({ type: 'info', message, detail, buttons: ['OK'], noLink: true });
}
