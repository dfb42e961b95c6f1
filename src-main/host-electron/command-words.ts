/**
 * The mark that makes the app's own binary the `postrider` command. What follows it, after `--`, is the command's own:
 * neither Chromium nor Electron reads anything behind `--`, or refuses it (an address with a colon counts as a URL).
 */
const commandMark = '--postrider-command';

/** The words of the command in a whole command line; null when it is the app that was started. */
export function commandWords(argv: readonly string[]): string[] | null {
  const end = argv.indexOf('--');
  const at = argv.indexOf(commandMark);
  if (at < 0 || (end >= 0 && end < at)) return null;
  const words = argv.slice(at + 1);
  return words[0] === '--' ? words.slice(1) : words;
}

/** Where this program lies. */
export interface Installation {
  readonly platform: NodeJS.Platform;
  /** The binary itself, or the AppImage it comes out of. */
  readonly binary: string;
  /** The folder of the program, where it is not packed with the binary. */
  readonly appPath?: string;
}

/** This program, as a person or a process starts it anew. */
export function thisInstallation(app: { isPackaged: boolean; getAppPath(): string }): Installation {
  const { platform, execPath: binary } = process;
  if (!app.isPackaged) return { platform, binary, appPath: app.getAppPath() };
  const { APPIMAGE, APPDIR } = process.env;
  // What is mounted from an AppImage is gone with its first process. (Another AppImage's terminal leaves these, too.)
  const isAppImage = APPIMAGE !== undefined && APPDIR !== undefined && binary.startsWith(`${APPDIR}/`);
  return { platform, binary: isAppImage ? APPIMAGE : binary };
}

/**
 * The words that start the command, before its own. On Linux Chromium chooses its window system before any of our code
 * runs, and ends where there is no screen (cron, ssh): `headless` asks for none.
 */
export function startOfCommand(
  { platform, binary, appPath }: Installation,
  isRoot: boolean,
): [file: string, ...words: string[]] {
  const linux = platform === 'linux' ? ['--ozone-platform=headless', '--disable-gpu'] : [];
  // Chromium does not start as root with its sandbox; the command shows no page that would need one.
  const root = platform === 'linux' && isRoot ? ['--no-sandbox'] : [];
  return [binary, ...root, ...linux, ...(appPath === undefined ? [] : [appPath]), commandMark, '--'];
}
