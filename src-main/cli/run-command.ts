import { MailError, toErrorData } from '#shared/mail-error.ts';
import type { CollectsFrom } from '../core/app-core.ts';
import { findProfile } from '../host-node/profile.ts';
import { takeUpSpool } from '../host-node/spool.ts';
import { takeGlobals } from './arguments.ts';
import { type App, openApp } from './connect.ts';
import { deliverLater, stopWaiting } from './deliver-later.ts';
import { exitCode, exitCodeOf, UsageError } from './exit-codes.ts';
import { inWordsOfFiles } from './few-files.ts';
import type { Output } from './output.ts';
import type { Program } from './program.ts';
import type { Call } from './verb.ts';
import { generalHelp, loadVerb } from './verbs.ts';

/** What the process around the command gives it. */
export interface Surroundings extends Pick<Call, 'stdin' | 'env' | 'cwd' | 'signal'> {
  readonly argv: readonly string[];
  readonly createOutput: (isJson: boolean) => Output;
  /** Node's own ways unless given. */
  readonly program?: Program;
}

/** Runs one command line and answers the exit code. Every error is told, none is thrown. */
export async function runCommand(surroundings: Surroundings): Promise<number> {
  const out = surroundings.createOutput(surroundings.argv.includes('--json'));
  try {
    return await runVerb(surroundings, out);
  } catch (thrown) {
    const error = thrown instanceof UsageError ? thrown : inWordsOfFiles(thrown);
    if (surroundings.signal.aborted) {
      if (out.isJson) out.json({ error: { code: 'ECANCELLED', message: 'It was interrupted.' } });
      else out.note('Interrupted.');
      return exitCode.interrupted;
    }
    // What the core did not expect is in its log; this is what the command itself did not expect.
    if (!(error instanceof MailError) && !(error instanceof UsageError))
      out.note(
        error instanceof Error ? String(surroundings.env.POSTRIDER_DEBUG === undefined ? error : error.stack) : '',
      );
    return tellError(error, out);
  }
}

function tellError(error: unknown, out: Output): number {
  if (error instanceof UsageError) {
    if (out.isJson) out.json({ error: { code: 'EINVALID', message: error.message } });
    else out.note(`${error.message}\nSee “postrider --help”, or “postrider VERB --help”.`);
    return exitCode.usage;
  }
  const { code, message } = toErrorData(error);
  if (out.isJson) out.json({ error: { code, message } });
  else out.note(message);
  return exitCodeOf(code);
}

async function runVerb(surroundings: Surroundings, out: Output): Promise<number> {
  const { profile, isHelp, isVersion, rest } = takeGlobals(surroundings.argv);
  const [name, ...args] = rest;
  if (isVersion) {
    const { version } = await import('./version.ts');
    out.line(`postrider ${version}`);
    return exitCode.ok;
  }
  if (name === undefined && out.isJson && !isHelp) throw new UsageError('Say what to do: the verb is missing.');
  if (name === undefined || name === 'help') {
    out.line(generalHelp);
    return isHelp || name === 'help' ? exitCode.ok : exitCode.usage;
  }
  const verb = await loadVerb(name);
  if (verb === undefined) throw new UsageError(`Postrider has no verb “${name}”.`);
  if (isHelp) {
    out.line(verb.help);
    return exitCode.ok;
  }
  const connection = new Connection(surroundings, profile, out, name);
  let code: number | undefined;
  try {
    const run = verb.run({
      args,
      out,
      stdin: surroundings.stdin,
      env: surroundings.env,
      cwd: surroundings.cwd,
      signal: surroundings.signal,
      profile: profile ?? surroundings.env.POSTRIDER_PROFILE,
      program: surroundings.program,
      app: (collects) => connection.app(collects),
    });
    code = await Promise.race([run, connection.interrupted(verb.partingMs ?? 2000)]);
    return code;
  } finally {
    // The verb has said how it went: that stands, whatever closing meets.
    await connection.close().catch((error: unknown) => {
      if (code !== undefined) out.note(toErrorData(error).message);
    });
  }
}

/** The application, opened at most once and closed at the end. */
class Connection {
  readonly #surroundings: Surroundings;
  readonly #profile: string | undefined;
  readonly #out: Output;
  readonly #verb: string;
  #app: Promise<App> | undefined;
  #isDeliveryDue = false;

  constructor(surroundings: Surroundings, profile: string | undefined, out: Output, verb: string) {
    this.#surroundings = surroundings;
    this.#profile = profile ?? surroundings.env.POSTRIDER_PROFILE;
    this.#out = out;
    this.#verb = verb;
  }

  app(collects?: CollectsFrom): Promise<App> {
    this.#app ??= this.#open(collects);
    return this.#app;
  }

  async #open(collects: CollectsFrom | undefined): Promise<App> {
    const { env, signal, program } = this.#surroundings;
    const profile = await findProfile(this.#profile);
    const app = await openApp(profile, {
      signal,
      program,
      collects,
      onSilence: (text) => this.#out.note(text),
      onWait: () => this.#out.note('Another Postrider command uses this profile. Waiting for it.'),
    });
    if (!app.isOwn) return app;
    try {
      // What the app would show as a bar: settings that could not be read, a Mail folder that is gone.
      const { notices } = await app.api.call('app.info', {});
      for (const { level, text } of notices) if (level !== 'info') this.#out.note(text);
      await stopWaiting(profile, env);
      // `outbox` looks after what is queued by itself.
      this.#isDeliveryDue = (await takeUpSpool(app.api, profile.profileDir)) > 0 && this.#verb !== 'outbox';
      return app;
    } catch (error) {
      // Nobody else knows of it yet: left open, it would keep this process alive, and the profile with it.
      await app.close();
      throw error;
    }
  }

  /** Rejects some time after an interrupt, when a job that is being cancelled has had its chance. */
  interrupted(partingMs: number): Promise<never> {
    const { signal } = this.#surroundings;
    return new Promise((_, reject) => {
      const give = (): void => {
        const timer = setTimeout(() => reject(new MailError('ECANCELLED', 'It was interrupted.')), partingMs);
        timer.unref();
      };
      if (signal.aborted) give();
      else signal.addEventListener('abort', give, { once: true });
    });
  }

  async close(): Promise<void> {
    const app = await this.#app?.catch(() => undefined);
    if (app === undefined) return;
    try {
      // `sendmail` may have been called while this command had the profile.
      if (app.isOwn && (await takeUpSpool(app.api, app.profile.profileDir)) > 0) this.#isDeliveryDue = true;
    } finally {
      await app.close();
    }
    if (this.#isDeliveryDue) await deliverLater(app.profile, this.#profile, this.#surroundings.program);
  }
}
