import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { mu, notmuch, postrider, residentMb, startHost } from './large-profile.ts';
import { median } from './measure.ts';
import { type BenchQuery, benchQueries } from './search-queries.ts';

const run = promisify(execFile);
const firstHits = 50;

/** Answers how many hits were shown. */
type Searcher = (query: BenchQuery) => Promise<number>;

interface Contender {
  readonly name: string;
  readonly search: Searcher;
  /** Every so many queries are asked of it. */
  readonly every: number;
}

/** Lines a process printed; a search that finds nothing is no failure (mu ends with 2 or 4 then). */
async function lines(path: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<number> {
  try {
    const { stdout } = await run(path, args, { maxBuffer: 1e8, env: env ?? process.env });
    return stdout.split('\n').filter((line) => line !== '').length;
  } catch (error) {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 2 || code === 4) return 0;
    throw error;
  }
}

function peers(profileDir: string): Contender[] {
  const muFind: Searcher = ({ mu: query }) =>
    lines(mu.path, [
      'find',
      `--muhome=${mu.home(profileDir)}`,
      `--maxnum=${firstHits}`,
      '--sortfield=date',
      '--reverse',
      '--fields=d f s',
      query,
    ]);
  const notmuchSearch: Searcher = ({ notmuch: query }) =>
    lines(
      notmuch.path,
      ['search', '--output=messages', `--limit=${firstHits}`, '--sort=newest-first', query],
      notmuch.environment(profileDir),
    );
  const all = [
    { name: 'mu find (a process each)', search: muFind, every: 1, database: mu.home(profileDir) },
    {
      name: 'notmuch search, ids only (a process each)',
      search: notmuchSearch,
      every: 1,
      database: notmuch.home(profileDir),
    },
  ];
  return all.filter(({ database }) => existsSync(database));
}

/** The row “search in 100,000 messages, first 50 hits, p95”. The profile is indexed before, by all. */
export async function benchSearch(profileDir: string, count: number): Promise<string> {
  const host = await startHost(profileDir);
  try {
    const queries = benchQueries(count);
    const inApp: Searcher = async ({ postrider: query }) =>
      (await host.api.call('message.search', { query, limit: firstHits })).rows.length;
    const byCommand: Searcher = async ({ postrider: query }) =>
      (await postrider(profileDir, ['search', query, '--limit', String(firstHits)]))
        .split('\n')
        .filter((line) => line !== '').length;
    const contenders: Contender[] = [
      { name: 'postrider, in the running app', search: inApp, every: 1 },
      { name: 'postrider, the command asking the app', search: byCommand, every: 10 },
      ...peers(profileDir),
    ];
    const taken = await ask(contenders, queries);
    const starts = existsSync(mu.path) ? await startOf(mu.path) : Number.NaN;
    return [
      `Search in ${count} messages, first ${firstHits} hits, ${queries.length} searches of ${new Set(queries.map(({ kind }) => kind)).size} kinds`,
      ...contenders.map(({ name }) => row(name, taken.get(name) ?? [])),
      `  A process that does nothing (mu --version) takes ${starts.toFixed(1)} ms; ours has ${(await residentMb(host.child.pid)).toFixed(0)} MB of memory after this.`,
      ...slowKinds(taken.get(contenders[0]?.name ?? '') ?? []),
    ].join('\n');
  } finally {
    await host.stop();
  }
}

interface Taken {
  readonly query: BenchQuery;
  readonly ms: number;
  readonly hits: number;
}

/** Each query of each in turn, so that a machine that slows down slows all; the whole once before, to warm up. */
async function ask(contenders: readonly Contender[], queries: readonly BenchQuery[]): Promise<Map<string, Taken[]>> {
  const taken = new Map<string, Taken[]>(contenders.map(({ name }) => [name, []]));
  for (const isWarmUp of [true, false]) {
    for (const [index, query] of queries.entries()) {
      for (const { name, search, every } of contenders) {
        if (index % every !== 0 || (isWarmUp && every > 1)) continue;
        const begin = performance.now();
        const hits = await search(query);
        if (!isWarmUp) taken.get(name)?.push({ query, hits, ms: performance.now() - begin });
      }
    }
  }
  return taken;
}

function row(name: string, taken: readonly Taken[]): string {
  const sorted = taken.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1);
  const hits = taken.reduce((sum, one) => sum + one.hits, 0);
  return `  ${name.padEnd(44)} p50 ${at(0.5).padStart(7)} ms  p95 ${at(0.95).padStart(7)} ms  slowest ${(sorted.at(-1) ?? Number.NaN).toFixed(1).padStart(7)} ms  ${taken.length} searches, ${hits} hits shown`;
}

function slowKinds(taken: readonly Taken[]): string[] {
  const byKind = Map.groupBy(taken, ({ query }) => query.kind);
  const words = [...byKind].map(([kind, all]) => {
    const slowest = all.reduce((worst, one) => (one.ms > worst.ms ? one : worst));
    return `${kind} ${median(all.map(({ ms }) => ms)).toFixed(1)} (slowest ${slowest.ms.toFixed(1)}: ${slowest.query.postrider})`;
  });
  return [`  ours by kind, median ms: ${words.join(', ')}`];
}

/** Median ms of starting a process that has nothing to do. */
async function startOf(path: string): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const begin = performance.now();
    await run(path, ['--version']);
    taken.push(performance.now() - begin);
  }
  return median(taken);
}
