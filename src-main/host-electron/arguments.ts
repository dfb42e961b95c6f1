import { parseArgs } from 'node:util';
import { addressAmong } from '../host-node/address-among.ts';

export interface StartArguments {
  readonly profile: string | undefined;
  /** What to open: see `addressAmong`. */
  readonly address: string | undefined;
}

/**
 * What we understand of a command line that also holds Chromium's and Electron's own switches, and, while developing,
 * the program's folder. Relative paths are of `folder`.
 */
export function readStartArguments(argv: readonly string[], folder: string): StartArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    options: { profile: { type: 'string' } },
  });
  return {
    profile: typeof values.profile === 'string' && values.profile !== '' ? values.profile : undefined,
    address: addressAmong(positionals, folder),
  };
}
