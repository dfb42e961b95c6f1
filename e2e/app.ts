import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { test as base, type Page } from '@playwright/test';
import type { PreferencesPatch } from '#shared/mail/settings.ts';

/** What the browser host prints once it listens. */
interface Ready {
  readonly launchPage: string;
  readonly url: string;
}

/** A running Postrider with a profile of its own. */
export interface RunningApp {
  readonly profileDir: string;
  readonly mailFolder: string;
  /** Opens the application as the user's browser would: by its launch page. It listens to keys then. */
  open(page: Page): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** It gets no processor until `resume`, as on a computer that is busy elsewhere. */
  pause(): void;
  resume(): void;
  /** Starts it again on the same profile. */
  restart(): Promise<void>;
  /** Runs the `postrider` command on the same profile. */
  command(args: string[], stdin?: string): Promise<{ code: number; stdout: string; stderr: string }>;
}

/** What a profile has before the first start. */
export interface StartOptions {
  readonly preferences?: PreferencesPatch;
  readonly environment?: Readonly<Record<string, string>>;
  /** Put before the command that starts it: `ip netns exec NAME`. */
  readonly through?: readonly string[];
  /** Runs in the new profile folder, last. */
  readonly prepare?: (profileDir: string) => Promise<void>;
}

const root = join(import.meta.dirname, '..');

/** Starts the browser host on a fresh profile, without a window. */
export async function startApp(options: StartOptions = {}): Promise<RunningApp & { stop(): Promise<void> }> {
  const profileDir = await mkdtemp(join(tmpdir(), 'postrider-e2e-'));
  if (options.preferences !== undefined) {
    const nothing = { accounts: [], identities: [], servers: [], contacts: [], locations: [] };
    const settings = { version: 1, ...nothing, preferences: options.preferences };
    await writeFile(join(profileDir, 'settings.json'), JSON.stringify(settings));
  }
  await options.prepare?.(profileDir);
  let host = await startHost(profileDir, options);
  return {
    profileDir,
    mailFolder: join(profileDir, 'Mail'),
    async open(page) {
      await page.goto(pathToFileURL(host.ready.launchPage).href);
      await page.waitForURL(/^http:\/\/[^/]+\.localhost:\d+\//);
      await listening(page);
    },
    async kill() {
      await end(host.child, 'SIGKILL');
    },
    pause() {
      host.child.kill('SIGSTOP');
    },
    resume() {
      host.child.kill('SIGCONT');
    },
    async restart() {
      await end(host.child, 'SIGKILL');
      host = await startHost(profileDir, options);
    },
    command: (args, stdin) => runCommand(profileDir, args, stdin),
    async stop() {
      await end(host.child, 'SIGTERM');
      await rm(profileDir, { recursive: true, force: true });
    },
  };
}

/**
 * Resolves once keys are heard and act on the settings: the outermost component, whose effects run last, says the
 * direction of writing; the theme comes with the settings.
 */
function listening(page: Page): Promise<void> {
  return page.locator('html[dir][data-theme]').waitFor({ state: 'attached' });
}

async function startHost(
  profileDir: string,
  { environment, through = [] }: StartOptions,
): Promise<{ child: ChildProcess; ready: Ready }> {
  const program = join(root, 'dist/host-browser/main.js');
  const [command = '', ...args] = [...through, process.execPath, program, '--no-window', '--profile', profileDir];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  return { child, ready: await readReady(child) };
}

async function readReady(child: ChildProcess): Promise<Ready> {
  if (child.stdout === null) throw new Error('The host has no output.');
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    const said: unknown = JSON.parse(line);
    if (isReady(said)) {
      child.stdout.resume();
      return said;
    }
  }
  throw new Error('The browser host ended before it was ready. Is it built (npm run build)?');
}

function isReady(said: unknown): said is Ready {
  return (
    typeof said === 'object' &&
    said !== null &&
    'launchPage' in said &&
    typeof said.launchPage === 'string' &&
    'url' in said &&
    typeof said.url === 'string'
  );
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

function runCommand(
  profileDir: string,
  args: string[],
  stdin = '',
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'dist/cli/postrider.js'), '--profile', profileDir, ...args]);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => err.push(data));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
    child.stdin.end(stdin);
  });
}

/** `app`: a Postrider of the test's own, ended and removed afterwards; `startOptions` says what it begins with. */
export const test = base.extend<{ app: RunningApp; startOptions: StartOptions }>({
  startOptions: [{}, { option: true }],
  app: async ({ startOptions }, use) => {
    const app = await startApp(startOptions);
    await use(app);
    await app.stop();
  },
});

export { expect } from '@playwright/test';
