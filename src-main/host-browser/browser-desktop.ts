import { execFile, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MailError } from '#shared/mail-error.ts';
import type { Desktop } from '../core/ports.ts';
import { findProgram } from './find-program.ts';

/** What the system can be asked for without Electron: by its own small programs, where they are. No shell is involved. */
export function createBrowserDesktop(machine: { platform: NodeJS.Platform; hasDisplay: boolean }): Desktop {
  const { platform, hasDisplay } = machine;
  const opener = hasDisplay ? openerOf(platform) : null;
  const chooser = hasDisplay ? chooserOf(platform) : null;
  const notifier = hasDisplay && platform === 'linux' ? findProgram('notify-send') : null;
  return {
    capabilities: {
      host: 'browser',
      chooseFolder: chooser !== null,
      chooseFile: chooser !== null,
      openPath: opener !== null,
      openExternal: opener !== null,
      notify: notifier !== null,
    },
    ...(chooser === null
      ? {}
      : {
          chooseFolder: (title, startIn) => choose(chooser('folder', title, startIn)),
          chooseFile: (title, startIn) => choose(chooser('file', title, startIn)),
        }),
    ...(opener === null
      ? {}
      : {
          openPath: (path) => showInFileManager(opener, path),
          openExternal: async (url) => start(opener, checked(url)),
        }),
    ...(notifier === null
      ? {}
      : { notify: (title, body) => start([notifier, '--app-name=Postrider', '--', title], body) }),
  };
}

type Command = readonly [string, ...string[]];
type Chooser = (what: 'folder' | 'file', title: string, startIn: string | undefined) => Command;

function openerOf(platform: NodeJS.Platform): Command | null {
  if (platform === 'darwin') return ['/usr/bin/open', '--'];
  if (platform === 'win32') return ['explorer.exe'];
  const program = findProgram('xdg-open');
  return program === null ? null : [program];
}

function chooserOf(platform: NodeJS.Platform): Chooser | null {
  if (platform !== 'linux') return null;
  const zenity = findProgram('zenity');
  if (zenity !== null) return (what, title, startIn) => zenityCommand(zenity, what, title, startIn);
  const kdialog = findProgram('kdialog');
  if (kdialog === null) return null;
  return (what, title, startIn) => [
    kdialog,
    '--title',
    title,
    what === 'folder' ? '--getexistingdirectory' : '--getopenfilename',
    startIn ?? '.',
  ];
}

function zenityCommand(zenity: string, what: 'folder' | 'file', title: string, startIn: string | undefined): Command {
  const folder = what === 'folder' ? ['--directory'] : [];
  const start = startIn === undefined ? [] : [`--filename=${startIn}/`];
  return [zenity, '--file-selection', `--title=${title}`, ...folder, ...start];
}

/** Only what a browser or a mail program opens: a `file:` or a program's own scheme in a mail would run things. */
function checked(url: string): string {
  const { protocol, href } = new URL(url);
  if (!['http:', 'https:', 'mailto:'].includes(protocol)) {
    throw new MailError('EINVALID', 'Only web and mail addresses are opened outside.');
  }
  return href;
}

function start([program, ...args]: Command, last: string): Promise<void> {
  return new Promise((settle, fail) => {
    const child = spawn(program, [...args, last], { stdio: 'ignore', detached: true });
    child.once('error', (error) => fail(new MailError('EIO', 'The system did not open it.', { cause: error })));
    child.once('spawn', () => {
      child.unref();
      settle();
    });
  });
}

/** A file is shown in its folder, never opened: what mail brought must not run by way of "show". */
async function showInFileManager(opener: Command, path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new MailError('ENOTFOUND', 'It is not there any more.');
  await start(opener, found.isDirectory() ? path : dirname(path));
}

function choose([program, ...args]: Command): Promise<string | null> {
  return new Promise((settle) => {
    // Both programs end with 1 when the person cancels.
    execFile(program, args, (error, stdout) => settle(error === null ? stdout.replace(/\n$/, '') || null : null));
  });
}
