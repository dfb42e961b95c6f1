import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../core/ports.ts';

const defaultMaxOctets = 2_000_000;
const keptFiles = 3;
const secretName = /pass(word)?|secret|token|authorization|cookie|credential/i;

/**
 * A log in `logs/postrider.log` of the profile, 0600, turned over at 2 MB with three old files kept. Values whose names
 * speak of secrets are left out. A log that cannot be written never stops the app.
 */
export function createFileLog(
  profileDir: string,
  options: { maxOctets?: number; now?: () => number } = {},
): Log & { readonly path: string } {
  const folder = join(profileDir, 'logs');
  const path = join(folder, 'postrider.log');
  const maxOctets = options.maxOctets ?? defaultMaxOctets;
  const now = options.now ?? Date.now;

  function write(level: 'info' | 'warn' | 'error', message: string, details?: unknown): void {
    try {
      const more = details === undefined ? '' : ` ${JSON.stringify(details, hideSecrets)}`;
      // One entry is one line: what a server said cannot forge another.
      const line = `${new Date(now()).toISOString()} ${level} ${message}${more}`.replace(/[\r\n]+/g, ' ⏎ ');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      turnOver(path, maxOctets);
      // Written before going on: the last line before a crash is the one worth having.
      appendFileSync(path, `${line}\n`, { mode: 0o600 });
    } catch {
      // Neither a full disk nor an odd detail may keep mail from being read or sent.
    }
  }

  return {
    path,
    info: (message, details) => write('info', message, details),
    warn: (message, details) => write('warn', message, details),
    error: (message, error) => write('error', message, describeError(error)),
  };
}

function turnOver(path: string, maxOctets: number): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined || size < maxOctets) return;
  rmSync(`${path}.${keptFiles}`, { force: true });
  for (let age = keptFiles - 1; age >= 1; age -= 1) {
    const older = `${path}.${age}`;
    if (statSync(older, { throwIfNoEntry: false }) !== undefined) renameSync(older, `${path}.${age + 1}`);
  }
  renameSync(path, `${path}.1`);
  chmodSync(`${path}.1`, 0o600);
}

function hideSecrets(name: string, value: unknown): unknown {
  return secretName.test(name) && value !== undefined ? '(hidden)' : value;
}

/** An error with its stack and causes, as data. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { thrown: String(error) };
  return {
    ...Object.fromEntries(Object.entries(error).filter(([, value]) => typeof value !== 'object')),
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined || depth > 4 ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}
