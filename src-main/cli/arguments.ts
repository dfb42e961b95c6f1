import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './exit-codes.ts';

/** What stands before or after any verb. */
export interface GlobalArguments {
  readonly profile: string | undefined;
  readonly isJson: boolean;
  readonly isHelp: boolean;
  readonly isVersion: boolean;
  /** Everything else, in order: the verb and what belongs to it. */
  readonly rest: string[];
}

/** Takes the options every verb knows out of a command line. Throws `UsageError`. */
export function takeGlobals(argv: readonly string[]): GlobalArguments {
  const rest: string[] = [];
  let profile: string | undefined;
  let isJson = false;
  let isHelp = false;
  let isVersion = false;
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at] ?? '';
    if (argument === '--') {
      rest.push(...argv.slice(at));
      break;
    }
    if (argument === '--json') isJson = true;
    else if (argument === '--help' || argument === '-h') isHelp = true;
    else if (argument === '--version' && rest.length === 0) isVersion = true;
    else if (argument === '--profile') profile = nonEmpty(argv[++at]);
    else if (argument.startsWith('--profile=')) profile = nonEmpty(argument.slice('--profile='.length));
    else rest.push(argument);
  }
  return { profile, isJson, isHelp, isVersion, rest };
}

function nonEmpty(value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError('--profile needs a folder.');
  return value;
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<T extends Options> = ReturnType<typeof parseArgs<{ options: T; allowPositionals: true; strict: true }>>;

/** A verb's own options and the words beside them. Throws `UsageError`. */
export function parseVerb<T extends Options>(args: readonly string[], options: T): Parsed<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split('. ', 1)[0]?.replace(/\.?$/, '.') : undefined);
  }
}

/** The one word a verb needs. Throws `UsageError` when there is none or more than one. */
export function onlyWord(words: readonly string[], what: string): string {
  const [word, ...more] = words;
  if (word === undefined || word === '') throw new UsageError(`Say which: ${what} is missing.`);
  if (more.length > 0) throw new UsageError(`Only one ${what} can be given.`);
  return word;
}

export function noWords(words: readonly string[]): void {
  if (words.length > 0) throw new UsageError(`“${words[0]}” is not understood here.`);
}

/** A whole number, zero or more. */
export function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} needs a whole number.`);
  return Number(text);
}
