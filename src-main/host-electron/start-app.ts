import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { app, dialog, protocol } from 'electron';
import { z } from 'zod';
import { MailError } from '#shared/mail-error.ts';
import { askToRaise } from '../host-node/control-socket.ts';
import { findProfile, type Profile } from '../host-node/profile.ts';
import { appSchemePrivileges } from './app-protocol.ts';
import { readStartArguments } from './arguments.ts';
import { keepDataIn } from './data-folder.ts';
import { type ElectronHost, startElectronHost } from './electron-host.ts';
import { heedSessionEnd } from './session-end.ts';
import { t } from './words.ts';

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
    const given = readStartArguments(argv.slice(app.isPackaged ? 1 : 2), process.cwd());
    const profile = await findProfile(given.profile);
    await keepDataIn(profile.profileDir);
    if (app.requestSingleInstanceLock(toHandOver(given.address))) new StartedApp(profile, given.address).begin();
    else app.quit();
  } catch (error) {
    giveUp(error);
  }
}

/** What a second start hands the first one. Its command line comes there torn apart by Chromium, switches first. */
const HandedOver = z.object({ address: z.string().optional() });

function toHandOver(address: string | undefined): z.infer<typeof HandedOver> {
  return address === undefined ? {} : { address };
}

function handedOverAddress(handedOver: unknown): string | undefined {
  const parsed = HandedOver.safeParse(handedOver);
  return parsed.success ? parsed.data.address : undefined;
}

/** Says why nothing comes up. Electron would show a box of program text, and stay. */
function giveUp(error: unknown): void {
  const isExpected = error instanceof MailError;
  const text = isExpected ? error.message : t('wrong.atStart');
  if (!isExpected) console.error(error);
  dialog.showErrorBox(t('start.failed'), text);
  app.exit(1);
}

class StartedApp {
  readonly #profile: Profile;
  /** What was to be opened before there was anybody to show it. */
  #earlyAddress: string | undefined;
  #host: ElectronHost | null = null;
  #closing: Promise<void> | null = null;

  constructor(profile: Profile, address: string | undefined) {
    this.#profile = profile;
    this.#earlyAddress = address;
  }

  begin(): void {
    app.on('second-instance', (_event, _argv, _folder, handedOver) => this.#show(handedOverAddress(handedOver)));
    // macOS hands an address over this way, also the one it starts the app for.
    app.on('open-url', (event, url) => {
      event.preventDefault();
      this.#show(url);
    });
    // And a message file that way.
    app.on('open-file', (event, path) => {
      event.preventDefault();
      this.#show(pathToFileURL(path).href);
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

  #show(address?: string): void {
    if (this.#host === null) this.#earlyAddress = address ?? this.#earlyAddress;
    else this.#host.show(address);
  }

  #beforeQuit(event: { preventDefault(): void }): void {
    if (this.#host === null) return;
    // Quitting waits until what is under way has come to a safe end, however often it is asked for.
    event.preventDefault();
    if (this.#closing !== null) return;
    this.#close().then(
      () => app.exit(0),
      () => app.exit(1),
    );
  }

  #close(): Promise<void> {
    this.#closing ??= this.#host?.close() ?? Promise.resolve();
    return this.#closing;
  }

  async #start(): Promise<void> {
    heedSessionEnd({
      isSending: () => this.#host?.isSending === true,
      end: () => this.#close(),
    });
    const address = this.#earlyAddress;
    const host = await this.#startOrRaise(address);
    if (host === null) return app.exit(0);
    this.#host = host;
    // One may have come while the app came up.
    if (this.#earlyAddress !== address) host.show(this.#earlyAddress);
  }

  /** Null: the profile is the browser host's, and its window has come to the front. */
  async #startOrRaise(address: string | undefined): Promise<ElectronHost | null> {
    const giveUpAt = performance.now() + patienceMs;
    for (;;) {
      try {
        return await startElectronHost(this.#profile, address);
      } catch (error) {
        if (!(error instanceof MailError && error.code === 'ELOCKED')) throw error;
        if (await askToRaise(this.#profile.profileDir, address).catch(() => false)) return null;
        if (performance.now() > giveUpAt) throw error;
      }
      await wait(lookAgainMs);
    }
  }
}
