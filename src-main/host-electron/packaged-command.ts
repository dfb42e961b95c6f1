import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { app } from 'electron';
import { MailError } from '#shared/mail-error.ts';
import { exitCode } from '../cli/exit-codes.ts';
import type { Program } from '../cli/program.ts';
import { runProcess } from '../cli/run-process.ts';
import { noDesktop } from '../host-node/no-desktop.ts';
import { openNodeCore } from '../host-node/node-core.ts';
import { startOfCommand, thisInstallation } from './command-words.ts';
import { keepDataIn } from './data-folder.ts';
import { openElectronSecrets } from './electron-secrets.ts';
import { utilitySpawn } from './utility-spawn.ts';
import { t } from './words.ts';

/**
 * Runs the `postrider` command in the app's own binary, which alone reaches the keychain. Resolves as soon as Electron
 * has to come up, or when all is done: Electron waits for this, so a command that needs only files or a running app
 * ends before Chromium has begun.
 */
export async function runPackagedCommand(words: readonly string[]): Promise<void> {
  // No icon in the Dock for a command.
  app.dock?.hide();
  // Electron would show a box.
  process.on('uncaughtException', giveUp);
  process.on('unhandledRejection', giveUp);
  const electron = Promise.withResolvers<void>();
  const ended = runProcess({
    argv: words,
    stdin: process.platform === 'win32' ? standardInput() : process.stdin,
    exit: (code) => app.exit(code),
    program: packagedProgram(() => electron.resolve()),
  }).then(async (code) => {
    await Promise.all([written(process.stdout), written(process.stderr)]);
    app.exit(code);
  });
  await Promise.race([ended, electron.promise]);
}

/** The core with Electron's keychain and children. `onNeeded` is told that Electron has to come up. */
function packagedProgram(onNeeded: () => void): Program {
  return {
    async openCore(profile, collects) {
      if (!app.isReady()) await keepDataIn(profile.profileDir);
      onNeeded();
      await app.whenReady();
      const openSecrets = () => openElectronSecrets(profile.profileDir);
      return openNodeCore({
        profile,
        desktop: noDesktop,
        openSecrets,
        spawn: utilitySpawn,
        collects,
        brokenSettings: 'refuse',
      });
    },
    startAgain: startOfCommand(thisInstallation(app), process.getuid?.() === 0),
  };
}

function giveUp(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  app.exit(exitCode.internal);
}

/** `app.exit` would drop what a pipe has not taken yet. */
function written(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((settle) => {
    stream.write('', () => settle());
  });
}

/** Electron's `process.stdin` is always empty on Windows; a file or a pipe is there all the same. */
function standardInput(fd = 0): Readable {
  return Readable.from(chunksOf(fd));
}

async function* chunksOf(fd: number): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream('', { fd, autoClose: false })) yield Buffer.from(chunk);
  } catch (cause) {
    const text = t('command.noInput');
    throw new MailError('EINVALID', text, { cause });
  }
}
