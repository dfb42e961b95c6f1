import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What happens at the chosen change: the process ends (before it, after it, half-way through writing), or the disk fails. */
export type FaultKind = 'kill-before' | 'kill-after' | 'kill-within' | 'ENOSPC' | 'EIO';

export interface Fault {
  readonly kind: FaultKind;
  /** Which change of a file is met, from 1. */
  readonly at: number;
  /** Every change after it as well, as on a disk that stays full. */
  readonly lasts?: boolean;
  /** Only this operation is counted, and only on paths with this end. */
  readonly only?: string;
  readonly pathEnd?: string;
}

/** One change a process made below its folder, or something it sent to the server, in the order in which they ended. */
export interface Change {
  /** How many were counted when it was noted. */
  readonly number: number;
  /** `create write sync truncate rename link mkdir unlink`, `send`; `killed` and `end` at the end. */
  readonly operation: string;
  /** `ok`, or the error. */
  readonly how: string;
  readonly path: string;
  /** The new path of a rename, the words that were sent. */
  readonly more: string;
}

const run = promisify(execFile);

/** Compiles the library into a folder; null where there is no gcc or no Linux, so that the caller can say so. */
export async function buildFaultLibrary(folder: string): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const library = join(folder, 'fault-library.so');
  const source = join(import.meta.dirname, 'fault-library.c');
  const isMade = await run('gcc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl']).then(
    () => true,
    () => false,
  );
  return isMade ? library : null;
}

/** The environment of a process that is watched, and perhaps met by a fault. With a port, counting begins at the first connection to it. */
export function watchedBy(
  library: string,
  { under, log, port = 0, fault }: { under: string; log: string; port?: number; fault?: Fault | undefined },
): Record<string, string> {
  return {
    LD_PRELOAD: library,
    FAULT_UNDER: under,
    FAULT_LOG: log,
    FAULT_PORT: String(port),
    FAULT_AT: String(fault?.at ?? 0),
    FAULT_KIND: fault?.kind ?? '',
    FAULT_ONLY: fault?.only ?? '',
    FAULT_END: fault?.pathEnd ?? '',
    FAULT_LASTS: fault?.lasts === true ? '1' : '0',
  };
}

/** What the log holds; empties it for the next process. */
export async function takeChanges(log: string): Promise<Change[]> {
  const text = await readFile(log, 'utf8').catch(() => '');
  await writeFile(log, '');
  return text.split('\n').flatMap((line) => {
    const [number, operation, how, path, more] = line.split('\t');
    if (operation === undefined || how === undefined || path === undefined) return [];
    return [{ number: Number(number), operation, how, path, more: more ?? '' }];
  });
}

/** The change a process died at, in words that stay the same from run to run: `before sync of the folder`. */
export function placeOf(changes: readonly Change[]): string | null {
  const at = changes.findLastIndex(({ operation }) => operation === 'killed');
  const killed = changes[at];
  if (killed === undefined) return null;
  const place = whatLiesAt(killed.path);
  if (place !== 'the server') return `${killed.how} ${place}`;
  // Killed after: the words were noted before it. Killed before: what was sent last tells where it stands.
  const said = changes.slice(0, at).findLast(({ operation }) => operation === 'send')?.more ?? 'the greeting';
  const word = /^\w+/.exec(said)?.[0] ?? 'the greeting';
  return killed.how.startsWith('before') ? `before the send after ${word}` : `after sending ${word}`;
}

function whatLiesAt(path: string): string {
  if (path === '(server)') return 'the server';
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/\/tmp\/[^/]+\.postrider$/.test(path)) return 'a message in tmp';
  if (/\/(new|cur)$/.test(path)) return 'the folder';
  if (/\/(new|cur)\//.test(path)) return 'a message';
  if (/^(ledger|index|lock)\.sqlite/.test(name)) return name.replace('.sqlite', '').replace(/-(wal|shm|journal)$/, '');
  return 'something else';
}
