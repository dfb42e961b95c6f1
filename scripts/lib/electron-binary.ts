import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './run.ts';

const fetchTimeoutMs = 120_000;
const rememberFailureMs = 24 * 60 * 60 * 1000;

/** Electron's program, or why there is none. */
export type ElectronBinary = { kind: 'there'; path: string } | { kind: 'missing'; why: string };

/**
 * Finds the Electron program of this checkout; fetches it, once a day at most and for two minutes at most, when it is
 * missing. The npm package brings only the fetcher.
 */
export async function findElectron(root: string, now: number = Date.now()): Promise<ElectronBinary> {
  const folder = join(root, 'node_modules/electron');
  if (!existsSync(join(folder, 'install.js'))) return { kind: 'missing', why: 'Electron’s package is not installed' };
  const found = installedBinary(folder);
  if (found !== null) return { kind: 'there', path: found };
  const failure = join(root, 'node_modules/.cache/postrider/electron-not-fetched');
  if (failedLately(failure, now))
    return { kind: 'missing', why: 'Electron’s program could not be fetched earlier today' };
  console.error('Fetching Electron’s program (about 110 MB, two minutes at most).');
  const { code } = await run(process.execPath, [join(folder, 'install.js')], {
    timeoutMs: fetchTimeoutMs,
    output: 'none',
  });
  const fetched = code === 0 ? installedBinary(folder) : null;
  if (fetched !== null) return { kind: 'there', path: fetched };
  mkdirSync(dirname(failure), { recursive: true });
  writeFileSync(failure, '');
  return { kind: 'missing', why: 'Electron’s program could not be fetched' };
}

/** The package writes the program's name into `path.txt` when it has unpacked it. */
function installedBinary(folder: string): string | null {
  try {
    const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim());
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

function failedLately(marker: string, now: number): boolean {
  const failedAt = statSync(marker, { throwIfNoEntry: false })?.mtimeMs;
  return failedAt !== undefined && now - failedAt < rememberFailureMs;
}
