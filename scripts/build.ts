// Builds `dist/`: the screens, both hosts, the command and the workers. Speaks on standard error only, so that
// `npm run -s postrider -- …` keeps its standard output clean.
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withBuildLock } from './lib/build-lock.ts';
import { collectPackages, noticesOf, readPackage } from './lib/notices.ts';
import { lazyLibraries, lazyShapes, librariesApart, requiredBuiltins } from './lib/start-sooner.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

/** Entries of the main side: name under `dist/` without extension, and its source. */
const mainEntries: Readonly<Record<string, string>> = {
  'host-browser/main': 'src-main/host-browser/main.ts',
  'host-electron/main': 'src-main/host-electron/main.ts',
  'cli/postrider': 'src-main/cli/main.ts',
};

/** Each one file, whole in itself: a thread and a child start sooner when they need not gather theirs. */
const workerEntries: Readonly<Record<string, string>> = {
  'workers/store-worker': 'src-main/core/workers/store-worker.ts',
  'workers/parse-child': 'src-main/core/workers/parse-child.ts',
};

/**
 * What every start loads is in few files, since each costs Node most of a millisecond: what a command needs that talks to a
 * running app, what opens a profile, the core. What only some need stays in files of its own.
 */
const startsWith = [
  // Loaded before there is a place for compiled code, so as little as may be.
  {
    name: 'start',
    test: /src-main[\\/](?:host-node[\\/](?:compiled-code|profile-place|resources|thread-pool)|core[\\/](?:store[\\/]start-store-worker|incoming[\\/]dial(?:-ahead)?))\.ts$/,
  },
  { name: 'command', test: /src-main[\\/]cli[\\/]run-process\.ts$/ },
  { name: 'open', test: /src-main[\\/]host-node[\\/]node-core\.ts$/ },
  { name: 'core', test: /src-main[\\/]core[\\/]app-core\.ts$/ },
];

/** The two halves, each built when something it is made from changed. */
const parts = {
  main: {
    sources: ['src-main/**/*', 'src-shared/**/*', 'package.json'],
    build: (packages: Set<string>) => Promise.all([buildMain(packages), buildPreload(packages)]),
  },
  renderer: {
    sources: ['src-renderer/**/*', 'src-shared/**/*', 'assets/web/*', 'vite.config.ts'],
    build: buildRenderer,
  },
} as const;
export type Part = keyof typeof parts;
const allParts: readonly Part[] = ['main', 'renderer'];

/**
 * Builds what is stale; answers whether anything was. Old chunks stay, so that an app that runs from `dist/` keeps
 * finding them. Safe to call from two processes at once. Throws what the bundlers say.
 */
export async function buildIfStale(options: { isQuiet?: boolean; only?: Part } = {}): Promise<boolean> {
  const wanted = options.only === undefined ? allParts : [options.only];
  const isStale = (part: Part): boolean => readStamp(part) !== stampOf(part);
  if (!wanted.some(isStale)) return false;
  return withBuildLock(join(dist, '.building'), async () => {
    const stale = wanted.filter(isStale);
    await buildParts(stale, { isQuiet: options.isQuiet ?? false });
    return stale.length > 0;
  });
}

/**
 * Builds everything and then removes what this build did not write, so that at no moment anything is missing. The words of
 * the packages that are in it are written beside it.
 */
export async function build(): Promise<void> {
  await withBuildLock(join(dist, '.building'), async () => {
    const startedAt = Date.now();
    const packages = await buildParts(allParts, { isQuiet: false });
    writeFileSync(join(dist, noticesFile), noticesOf([...packages].map(readPackage)));
    for (const file of globSync('{renderer,host-browser,host-electron,cli,workers,chunks}/**/*', {
      cwd: dist,
    })) {
      const found = statSync(join(dist, file));
      // A file system may cut the time off to a second.
      if (found.isFile() && found.ctimeMs < startedAt - 1000) rmSync(join(dist, file));
    }
  });
}

/** What goes along with a packed app (electron-builder.yml). */
const noticesFile = 'third-party.txt';

/** Answers the folders of the packages something was taken from. */
async function buildParts(wanted: readonly Part[], { isQuiet }: { isQuiet: boolean }): Promise<Set<string>> {
  const packages = new Set<string>();
  const startedAt = performance.now();
  mkdirSync(dist, { recursive: true });
  await Promise.all(
    wanted.map(async (part) => {
      // Taken before: a source that changes meanwhile is built by the next call.
      const stamp = stampOf(part);
      await parts[part].build(packages);
      writeFileSync(stampFile(part), stamp);
    }),
  );
  if (!isQuiet && wanted.length > 0) {
    console.error(`Built dist/ in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  }
  return packages;
}

async function buildRenderer(packages: Set<string>): Promise<void> {
  const { build: viteBuild } = await import('vite');
  await viteBuild({
    configFile: join(root, 'vite.config.ts'),
    root: join(root, 'src-renderer'),
    plugins: [collectPackages(packages)],
    logLevel: 'error',
  });
}

async function buildMain(packages: Set<string>): Promise<void> {
  await Promise.all([
    buildModules(mainEntries, startsWith, packages),
    ...Object.entries(workerEntries).map(([name, source]) => buildModules({ [name]: source }, [], packages)),
    ...librariesApart.map((name) => buildLibrary(name, packages)),
  ]);
}

async function buildModules(
  entries: Readonly<Record<string, string>>,
  groups: readonly { name: string; test: RegExp }[],
  packages: Set<string>,
): Promise<void> {
  const { build: bundle } = await import('rolldown');
  const input = Object.fromEntries(
    Object.entries(entries)
      .map(([name, source]): [string, string] => [name, join(root, source)])
      .filter(([, source]) => existsSync(source)),
  );
  await bundle({
    input,
    platform: 'node',
    cwd: root,
    // ws works without its two native helpers; electron is the runtime's own.
    external: ['electron', 'bufferutil', 'utf-8-validate'],
    plugins: [lazyLibraries, lazyShapes, requiredBuiltins, collectPackages(packages)],
    logLevel: 'warn',
    output: {
      dir: dist,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
      minify: false,
      codeSplitting: { groups: [...groups] },
    },
    onLog: sayOnStandardError,
  });
}

async function buildLibrary(name: string, packages: Set<string>): Promise<void> {
  const { build: bundle } = await import('rolldown');
  await bundle({
    input: name,
    platform: 'node',
    cwd: root,
    plugins: [collectPackages(packages)],
    logLevel: 'warn',
    output: { file: join(dist, `chunks/${name}.cjs`), format: 'cjs', exports: 'named', codeSplitting: false },
    onLog: sayOnStandardError,
  });
}

async function buildPreload(packages: Set<string>): Promise<void> {
  const source = join(root, 'src-main/host-electron/preload.ts');
  if (!existsSync(source)) return;
  const { build: bundle } = await import('rolldown');
  // A sandboxed preload is one CommonJS file without modules of its own.
  await bundle({
    input: source,
    platform: 'node',
    cwd: root,
    external: ['electron'],
    plugins: [collectPackages(packages)],
    output: { file: join(dist, 'host-electron/preload.cjs'), format: 'cjs', codeSplitting: false },
    onLog: sayOnStandardError,
  });
}

/** Libraries use `eval` and dead branches here and there: only warnings about our own code are worth reading. */
function sayOnStandardError(level: string, log: { message: string; id?: string }): void {
  if (level === 'warn' && (log.id?.includes('node_modules') ?? log.message.includes('node_modules'))) return;
  if (level !== 'debug' && level !== 'info') console.error(log.message);
}

/** What must be there for a stamp to be believed. */
const witnesses: Readonly<Record<Part, string>> = { main: 'host-browser/main.js', renderer: 'renderer/index.html' };

function stampFile(part: Part): string {
  return join(dist, `.stamp-${part}`);
}

function readStamp(part: Part): string | null {
  const isComplete = existsSync(join(dist, witnesses[part])) && existsSync(stampFile(part));
  return isComplete ? readFileSync(stampFile(part), 'utf8') : null;
}

/** Names, sizes and times of everything a part is built from: a removed file changes it as well. */
function stampOf(part: Part): string {
  const hash = createHash('sha256');
  const files = globSync([...parts[part].sources, 'scripts/build.ts', 'package-lock.json'], { cwd: root })
    .filter((file) => !/\.test\.tsx?$/.test(file) && !/[\\/]testing[\\/]/.test(file))
    .sort();
  for (const file of files) {
    const { size, mtimeMs, isDirectory } = look(join(root, file));
    if (!isDirectory) hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function look(path: string): { size: number; mtimeMs: number; isDirectory: boolean } {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return { size: 0, mtimeMs: 0, isDirectory: true };
  return { size: found.size, mtimeMs: found.mtimeMs, isDirectory: found.isDirectory() };
}

if (import.meta.main) await build();
