// Before the unit tests: the store's worker and the reader's child in one file each. Some thousand of them are started, and
// from their sources each start costs twice the processor's time.
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'rolldown';

const root = dirname(import.meta.dirname);
const cache = join(root, 'node_modules', '.cache', 'test-workers');
const sources = [
  'src-main/core/**/*.ts',
  'src-shared/**/*.ts',
  'package.json',
  'package-lock.json',
  'scripts/bundle-workers.ts',
];
const dayMs = 24 * 3600 * 1000;

/** Tells the tests by the environment where the bundles lie (`core/testing/workers.ts`). */
export default async function setup(): Promise<void> {
  const made = join(cache, stamp());
  if (!existsSync(made)) await bundleTo(made);
  process.env.POSTRIDER_TEST_WORKERS = made;
}

/** What the bundles are made from, as it is now: another run may work on the same sources. */
function stamp(): string {
  const hash = createHash('sha256');
  const files = globSync(sources, { cwd: root }).filter((file) => !/\.test\.ts$|[\\/]testing[\\/]/.test(file));
  for (const file of files.sort()) {
    const found = statSync(join(root, file), { throwIfNoEntry: false });
    hash.update(`${file}\0${found?.size}\0${found?.mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 32);
}

async function bundleTo(made: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    const old = join(cache, name);
    const found = statSync(old, { throwIfNoEntry: false });
    if (found !== undefined && Date.now() - found.mtimeMs > dayMs) rmSync(old, { recursive: true, force: true });
  }
  const beside = mkdtempSync(join(cache, 'new-'));
  for (const name of ['store-worker', 'parse-child']) {
    await build({
      input: { [name]: join(root, `src-main/core/workers/${name}.ts`) },
      cwd: root,
      platform: 'node',
      logLevel: 'silent',
      output: { dir: beside, format: 'esm', entryFileNames: '[name].js' },
    });
  }
  try {
    renameSync(beside, made);
  } catch {
    // Another run was sooner.
    rmSync(beside, { recursive: true, force: true });
  }
}
