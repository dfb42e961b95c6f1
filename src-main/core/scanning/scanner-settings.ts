import { isAbsolute } from 'node:path';
import { ScannerSettings, type ScannerStatus, type ScanOutcome } from '#shared/mail/quarantine.ts';
import { MailError } from '#shared/mail-error.ts';
import type { HandlersOf, Rooms } from '../services.ts';
import { applyPatch } from '../settings/patch.ts';
import { runScanner } from './run-scanner.ts';
import { cleanMessage, infectedMessage } from './sample-messages.ts';

export type ScannerMethods = `scanner.${'status' | 'set' | 'try'}`;

/** The command as the user set it, and how it does. */
export function scannerHandlers(
  rooms: Pick<Rooms, 'clock' | 'store' | 'settings'> & {
    readonly copies: string;
    readonly signal: AbortSignal;
    readonly problem: () => string | null;
  },
): HandlersOf<ScannerMethods> {
  const { settings, store, copies, clock, signal } = rooms;

  async function status(): Promise<ScannerStatus> {
    const states = (await store.quarantineRecords()).map(({ state }) => state);
    const count = (wanted: string): number => states.filter((state) => state === wanted).length;
    return {
      settings: settings.current().scanner,
      waiting: count('waiting'),
      rejected: count('rejected'),
      notJudged: count('not-judged'),
      problem: settings.current().scanner.isEnabled ? rooms.problem() : null,
    };
  }

  async function judged(scanner: ScannerSettings, bytes: Uint8Array): Promise<ScanOutcome> {
    const { verdict, exitCode, words, durationMs } = await runScanner({
      bytes,
      settings: scanner,
      copies,
      clock,
      signal,
    });
    return { verdict, exitCode, words, durationMs };
  }

  return {
    'scanner.status': status,
    'scanner.set': async ({ patch }) => {
      await settings.changeMailRules((now) => {
        const after = applyPatch(ScannerSettings, now.scanner, patch);
        if (after.isEnabled) checkScanner(after);
        return { scanner: after };
      });
      return status();
    },
    'scanner.try': async ({ scanner }) => {
      checkScanner(scanner);
      const [clean, infected] = await Promise.all([
        judged(scanner, cleanMessage()),
        judged(scanner, infectedMessage()),
      ]);
      return { clean, infected };
    },
  };
}

/** Throws EINVALID for a command that cannot be meant. */
function checkScanner({ command, arguments: args, cleanCodes, rejectedCodes }: ScannerSettings): void {
  if (command === '') throw new MailError('EINVALID', 'Name the command that scans mail. Nothing was changed.');
  if (/[/\\]/.test(command) && !isAbsolute(command))
    throw new MailError('EINVALID', 'Give the command’s full path, or only its name. Nothing was changed.');
  if ([command, ...args].some((text) => text.includes('\0')))
    throw new MailError('EINVALID', 'The command holds a character no command can hold. Nothing was changed.');
  if (cleanCodes.some((code) => rejectedCodes.includes(code)))
    throw new MailError('EINVALID', 'An exit code cannot mean both clean and rejected. Nothing was changed.');
}
