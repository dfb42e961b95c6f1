import type { CollectsFrom } from '../core/app-core.ts';
import type { App } from './connect.ts';
import type { Output } from './output.ts';
import type { Program } from './program.ts';

/** What a verb is given. */
export interface Call {
  /** What stands after the verb, without the options every verb knows. */
  readonly args: string[];
  readonly out: Output;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  /** Where the person stands; paths are meant from here. */
  readonly cwd: string;
  /** The `--profile` given, or undefined for the user's own. */
  readonly profile: string | undefined;
  /** Trips on an interrupt. */
  readonly signal: AbortSignal;
  /** Node's own ways unless given. */
  readonly program?: Program;
  /** The application: connected to when first asked for. `collects`: what will be collected first, where it is opened here. */
  app(collects?: CollectsFrom): Promise<App>;
}

/** One verb: its help, and what it does. Answers the exit code; throws `UsageError` and `MailError`. */
export interface Verb {
  /** Printed by `--help`: the forms, then what each option means. */
  readonly help: string;
  /** How long after an interrupt it may take to say what stands; 2 seconds unless given. */
  readonly partingMs?: number;
  run(call: Call): Promise<number>;
}
