import { join } from 'node:path';
import { app, dialog, protocol } from 'electron';
import { MailError } from '#shared/mail-error.ts';
import { askToRaise } from '../host-node/control-socket.ts';
import { findProfile, type Profile } from '../host-node/profile.ts';
import { appSchemePrivileges } from './app-protocol.ts';
import { readStartArguments } from './arguments.ts';
import { type ElectronHost, startElectronHost } from './electron-host.ts';

// Everything down to the last line runs before Electron is ready: the scheme, the sandbox and the folder of
// Chromium's own files cannot change later. (Electron waits for this module, so it must not wait for Electron.)
protocol.registerSchemesAsPrivileged([appSchemePrivileges]);
app.enableSandbox();
app.setName('Postrider');

const given = readStartArguments(process.argv.slice(app.isPackaged ? 1 : 2));
const profile = await findProfile(given.profile);
app.setPath('userData', join(profile.profileDir, 'electron'));

/** An address macOS hands over before the app is up. */
let earlyMailto = given.mailto;
let host: ElectronHost | null = null;
let isClosing = false;

if (app.requestSingleInstanceLock()) begin();
else app.quit();

function begin(): void {
  const show = (mailto?: string): void => {
    if (host === null) earlyMailto = mailto ?? earlyMailto;
    else host.show(mailto);
  };
  app.on('second-instance', (_event, argv) => show(readStartArguments(argv.slice(1)).mailto));
  app.on('open-url', (event, url) => {
    event.preventDefault();
    show(url);
  });
  app.on('activate', () => show());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin' && host?.staysWithoutWindow !== true) app.quit();
  });
  app.on('before-quit', (event) => {
    if (isClosing || host === null) return;
    // Quitting waits until what is under way has come to a safe end.
    event.preventDefault();
    isClosing = true;
    host.close().then(
      () => app.exit(0),
      () => app.exit(1),
    );
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
  app.whenReady().then(start).catch(giveUp);
}

async function start(): Promise<void> {
  host = await startElectronHost(profile, earlyMailto);
}

/** The profile may be the browser host's, or a command's for a moment. */
async function giveUp(error: unknown): Promise<void> {
  const isInUse = error instanceof MailError && error.code === 'ELOCKED';
  if (isInUse && (await raiseOther(profile))) return app.exit(0);
  const text =
    error instanceof MailError ? error.message : 'Something went wrong inside Postrider. No mail was changed.';
  if (!(error instanceof MailError)) console.error(error);
  dialog.showErrorBox('Postrider could not start', text);
  app.exit(1);
}

async function raiseOther({ profileDir }: Profile): Promise<boolean> {
  return askToRaise(profileDir, earlyMailto).catch(() => false);
}
