import { setTimeout as wait } from 'node:timers/promises';
import { app, dialog, powerMonitor, protocol } from 'electron';
import { MailError } from '#shared/mail-error.ts';
import { askToRaise } from '../host-node/control-socket.ts';
import { findProfile, type Profile } from '../host-node/profile.ts';
import { appSchemePrivileges } from './app-protocol.ts';
import { readStartArguments } from './arguments.ts';
import { keepDataIn } from './data-folder.ts';
import { type ElectronHost, startElectronHost } from './electron-host.ts';

/** A command may have the profile for a moment; another start may not listen yet. */
const patienceMs = 30_000;
const lookAgainMs = 250;

/** `appId` of electron-builder.yml: Windows shows notifications only of a program whose shortcut bears its name. */
const appUserModelId = 'org.postrider.Postrider';

/**
 * Starts the app, or brings the one that runs to the front. Everything here runs before Electron is ready: the scheme,
 * the sandbox and the folder of Chromium's own files cannot change later.
 */
export async function startApp(argv: readonly string[] = process.argv): Promise<void> {
  protocol.registerSchemesAsPrivileged([appSchemePrivileges]);
  app.enableSandbox();
  if (process.platform === 'win32') app.setAppUserModelId(appUserModelId);
  try {
    const given = readStartArguments(argv.slice(app.isPackaged ? 1 : 2));
    const profile = await findProfile(given.profile);
    await keepDataIn(profile.profileDir);
    if (app.requestSingleInstanceLock()) new StartedApp(profile, given.mailto).begin();
    else app.quit();
  } catch (error) {
    giveUp(error);
  }
}

/** Says why nothing comes up. Electron would show a box of program text, and stay. */
function giveUp(error: unknown): void {
  const isExpected = error instanceof MailError;
  const text = isExpected ? error.message : 'Something went wrong inside Postrider. No mail was changed.';
  if (!isExpected) console.error(error);
  dialog.showErrorBox('Postrider could not start', text);
  app.exit(1);
}

class StartedApp {
  readonly #profile: Profile;
  /** An address that came before there was anybody to show it. */
  #earlyMailto: string | undefined;
  #host: ElectronHost | null = null;
  #isClosing = false;
  #isSystemEnding = false;

  constructor(profile: Profile, mailto: string | undefined) {
    this.#profile = profile;
    this.#earlyMailto = mailto;
  }

  begin(): void {
    app.on('second-instance', (_event, argv) => this.#show(readStartArguments(argv.slice(1)).mailto));
    // macOS hands an address over this way, also the one it starts the app for.
    app.on('open-url', (event, url) => {
      event.preventDefault();
      this.#show(url);
    });
    app.on('activate', () => this.#show());
    app.on('window-all-closed', () => {
      if (process.platform !== 'darwin' && this.#host?.staysWithoutWindow !== true) app.quit();
    });
    app.on('before-quit', (event) => this.#beforeQuit(event));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
    app
      .whenReady()
      .then(() => this.#start())
      .catch(giveUp);
  }

  #show(mailto?: string): void {
    if (this.#host === null) this.#earlyMailto = mailto ?? this.#earlyMailto;
    else this.#host.show(mailto);
  }

  #beforeQuit(event: { preventDefault(): void }): void {
    // Holding up the end of the session would cancel it (macOS); whatever is under way is safe at any moment.
    if (this.#host === null || this.#isSystemEnding) return;
    // Quitting waits until what is under way has come to a safe end, however often it is asked for.
    event.preventDefault();
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#host.close().then(
      () => app.exit(0),
      () => app.exit(1),
    );
  }

  async #start(): Promise<void> {
    powerMonitor.on('shutdown', () => {
      this.#isSystemEnding = true;
    });
    const mailto = this.#earlyMailto;
    const host = await this.#startOrRaise(mailto);
    if (host === null) return app.exit(0);
    this.#host = host;
    // One may have come while the app came up.
    if (this.#earlyMailto !== mailto) host.show(this.#earlyMailto);
  }

  /** Null: the profile is the browser host's, and its window has come to the front. */
  async #startOrRaise(mailto: string | undefined): Promise<ElectronHost | null> {
    const giveUpAt = performance.now() + patienceMs;
    for (;;) {
      try {
        return await startElectronHost(this.#profile, mailto);
      } catch (error) {
        if (!(error instanceof MailError && error.code === 'ELOCKED')) throw error;
        if (await askToRaise(this.#profile.profileDir, mailto).catch(() => false)) return null;
        if (performance.now() > giveUpAt) throw error;
      }
      await wait(lookAgainMs);
    }
  }
}
