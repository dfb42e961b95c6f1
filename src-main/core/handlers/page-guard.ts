import { ScannerSettings } from '#shared/mail/quarantine.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Handlers } from '#shared/rpc/contract.ts';
import type { Desktop } from '../ports.ts';
import type { SettingsService } from '../services.ts';

type Program = Pick<ScannerSettings, 'command' | 'arguments'>;

/**
 * The handlers as a page may call them. Hostile mail that broke out of its frame would speak with the page's voice, so a
 * page cannot name a program to run: a scanner that is not switched on already with this very program and these arguments
 * is confirmed in a window of the system's, or, where the host has none, set by the command.
 */
export function guardedForPages(
  handlers: Handlers,
  { settings, desktop }: { settings: Pick<SettingsService, 'current'>; desktop: Pick<Desktop, 'confirm'> },
): Handlers {
  async function assertAllowed(program: Program): Promise<void> {
    const stored = settings.current().scanner;
    const isSame = line(program) === line(stored);
    if (isSame && stored.isEnabled) return;
    if (desktop.confirm === undefined)
      throw new MailError(
        'EINVALID',
        'A page in a browser cannot name a program to run. Set it by the command: postrider quarantine scanner set PROGRAM ARGUMENTS. Nothing was changed.',
      );
    const isYes = await desktop.confirm({
      text: 'Run this program on your mail?',
      detail: `${[program.command, ...program.arguments].join('\n')}\n\nIt is started for each message that arrives, with everything you may do yourself. Say no unless you set it up just now.`,
      yes: 'Run it',
    });
    if (!isYes) throw new MailError('ECANCELLED', 'The program was not confirmed. Nothing was changed.');
  }
  return {
    ...handlers,
    'scanner.set': async (params) => {
      const stored = settings.current().scanner;
      const after = ScannerSettings.safeParse({ ...stored, ...params.patch });
      // What is no scanner at all is refused by its own handler. Off, with the program as it was, nothing runs.
      if (after.success && (after.data.isEnabled || line(after.data) !== line(stored))) await assertAllowed(after.data);
      return handlers['scanner.set'](params);
    },
    'scanner.try': async (params) => {
      await assertAllowed(params.scanner);
      return handlers['scanner.try'](params);
    },
  };
}

function line({ command, arguments: args }: Program): string {
  return JSON.stringify([command, args]);
}
