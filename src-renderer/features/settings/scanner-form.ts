import type { ScannerSettings } from '#shared/mail/quarantine.ts';

/** The scanner while it is edited. */
export interface ScannerForm {
  readonly command: string;
  /** One a line. */
  readonly arguments: string;
  readonly timeLimitSeconds: number;
  readonly atOnce: number;
  readonly cleanCodes: string;
  readonly rejectedCodes: string;
  readonly whenNotJudged: ScannerSettings['whenNotJudged'];
}

export const scannerPresets = {
  clamdscan: { command: 'clamdscan', arguments: '--fdpass\n--no-summary\n{file}' },
  clamscan: { command: 'clamscan', arguments: '--no-summary\n{file}' },
} as const satisfies Record<string, Partial<ScannerForm>>;

export function toScannerForm(settings: ScannerSettings): ScannerForm {
  const { command, timeLimitSeconds, atOnce, whenNotJudged } = settings;
  return {
    command,
    arguments: settings.arguments.join('\n'),
    timeLimitSeconds,
    atOnce,
    cleanCodes: settings.cleanCodes.join(', '),
    rejectedCodes: settings.rejectedCodes.join(', '),
    whenNotJudged,
  };
}

/** Null while an exit code is none. */
export function fromScannerForm(form: ScannerForm, isEnabled: boolean): ScannerSettings | null {
  const cleanCodes = codesIn(form.cleanCodes);
  const rejectedCodes = codesIn(form.rejectedCodes);
  if (cleanCodes === null || rejectedCodes === null) return null;
  const { timeLimitSeconds, atOnce, whenNotJudged } = form;
  return {
    isEnabled,
    command: form.command.trim(),
    // A blank line is no argument; blanks within one are.
    arguments: form.arguments.split('\n').filter((line) => line.trim() !== ''),
    timeLimitSeconds,
    atOnce,
    cleanCodes,
    rejectedCodes,
    whenNotJudged,
  };
}

/** Exit codes with commas or blanks between; null when something else stands there. */
export function codesIn(text: string): number[] | null {
  const codes = text.split(/[\s,;]+/).filter((word) => word !== '');
  if (codes.length === 0 || codes.length > 20) return null;
  if (!codes.every((word) => /^\d{1,3}$/.test(word) && Number(word) <= 255)) return null;
  return [...new Set(codes.map(Number))];
}
