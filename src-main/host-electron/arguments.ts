import { parseArgs } from 'node:util';

export interface StartArguments {
  readonly profile: string | undefined;
  readonly mailto: string | undefined;
}

/**
 * What we understand of a command line that also holds Chromium's and Electron's own switches, and, while developing,
 * the program's folder.
 */
export function readStartArguments(argv: readonly string[]): StartArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    options: { profile: { type: 'string' } },
  });
  return {
    profile: typeof values.profile === 'string' && values.profile !== '' ? values.profile : undefined,
    mailto: positionals.find((positional) => /^mailto:/i.test(positional)),
  };
}
