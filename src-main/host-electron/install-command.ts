import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MailError } from '#shared/mail-error.ts';
import { hasCode } from '../host-node/private-file.ts';
import { type Installation, startOfCommand } from './command-words.ts';
import { t } from './words.ts';

/** A small file in a folder of the user's own that terminals look in; it starts this program as the command. */
export interface Launcher {
  readonly path: string;
  readonly text: string;
}

/** By this line a later version knows that the file is ours to replace. */
const mark = 'The postrider command. Written by Postrider: Help, Install the command.';

/** Where a package of the system's puts the command. */
const systemCommand = '/usr/bin/postrider';

export function launcherFor(around: {
  installation: Installation;
  env: Readonly<Record<string, string | undefined>>;
  homeDir: string;
}): Launcher {
  const { installation, env, homeDir } = around;
  if (installation.platform !== 'win32') {
    return { path: join(homeDir, '.local', 'bin', 'postrider'), text: shellText(installation) };
  }
  const local = env.LOCALAPPDATA ?? join(homeDir, 'AppData', 'Local');
  // On the path of every user of Windows 10 and later.
  return { path: `${local}\\Microsoft\\WindowsApps\\postrider.cmd`, text: cmdText(installation, local) };
}

/** The launcher a shell runs; the one a Linux package brings is the same. */
export function shellText(installation: Installation): string {
  const line = (isRoot: boolean): string => `exec ${startOfCommand(installation, isRoot).map(quoted).join(' ')} "$@"`;
  const asRoot = installation.platform === 'linux' ? [`[ "$(id -u)" != 0 ] || ${line(true)}`] : [];
  return ['#!/bin/sh', `# ${mark}`, ...asRoot, line(false), ''].join('\n');
}

function quoted(word: string): string {
  return /^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** cmd reads the file in a code page of its own: the user's name is left to the variable. */
function cmdText(installation: Installation, local: string): string {
  const words = startOfCommand(installation, false).map((word) => {
    const inside = word.startsWith(`${local}\\`) ? word.slice(local.length) : undefined;
    const escaped = (inside ?? word).replaceAll('%', '%%');
    return `"${inside === undefined ? '' : '%LOCALAPPDATA%'}${escaped}"`;
  });
  return ['@echo off', `rem ${mark}`, `${words.join(' ')} %*`, 'exit /b %ERRORLEVEL%', ''].join('\r\n');
}

/**
 * Puts the launcher in place and answers where it is. Throws `MailError` EPERMISSION when something else bears its name,
 * or the folder cannot be written to.
 */
export async function installCommand({ path, text }: Launcher): Promise<string> {
  if (path.startsWith('/') && existsSync(systemCommand)) return systemCommand;
  try {
    const found = await readFile(path, 'utf8').catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    });
    if (found?.includes(mark) === false) throw new MailError('EPERMISSION', t('command.inTheWay', { path }));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, text);
    await chmod(`${path}.new`, 0o755);
    await rename(`${path}.new`, path);
    return path;
  } catch (cause) {
    if (cause instanceof MailError) throw cause;
    throw new MailError('EPERMISSION', t('command.notWritten', { path }), { cause });
  }
}
