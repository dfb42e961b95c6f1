// The borders of the house as a check that fails the build: who may import whom, and which folder owns which library.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { parseAst } from 'rolldown/parseAst';

/** `from` may import a path of this project that starts with one of `may`. The longest matching `from` decides. */
const borders: readonly { from: string; may: readonly string[] }[] = [
  { from: 'src-shared/', may: ['src-shared/'] },
  { from: 'src-main/core/', may: ['src-shared/', 'src-main/core/'] },
  ...['outgoing', 'incoming', 'rules', 'scanning', 'backup'].map((room) => ({
    from: `src-main/core/${room}/`,
    may: [
      'src-shared/',
      `src-main/core/${room}/`,
      'src-main/core/store/',
      'src-main/core/message/',
      'src-main/core/settings/',
      'src-main/core/jobs/',
      'src-main/core/ports.ts',
      'src-main/core/services.ts',
      'src-main/core/outline.ts',
      'src-main/core/durable.ts',
    ],
  })),
  ...['store', 'message', 'settings', 'jobs', 'practice'].map((room) => ({
    from: `src-main/core/${room}/`,
    may: [
      'src-shared/',
      `src-main/core/${room}/`,
      'src-main/core/store/store-api.ts',
      'src-main/core/ports.ts',
      'src-main/core/services.ts',
      'src-main/core/outline.ts',
      'src-main/core/durable.ts',
    ],
  })),
  ...['host-electron', 'host-browser', 'host-node', 'cli'].map((host) => ({
    from: `src-main/${host}/`,
    may: [
      'src-shared/',
      `src-main/${host}/`,
      'src-main/host-node/',
      'src-main/core/app-core.ts',
      'src-main/core/ports.ts',
      // They load nothing: the store's thread comes up, and servers are dialled, while the core is still being loaded.
      'src-main/core/store/start-store-worker.ts',
      'src-main/core/incoming/dial-ahead.ts',
      // What makes files durable, or a name fit for a header, is the same everywhere.
      'src-main/core/durable.ts',
      'src-main/core/message/encode-words.ts',
    ],
  })),
  // The packaged command is the app's own binary.
  {
    from: 'src-main/host-electron/packaged-command.ts',
    may: [
      'src-shared/',
      'src-main/host-electron/',
      'src-main/host-node/',
      'src-main/cli/run-process.ts',
      'src-main/cli/program.ts',
      'src-main/cli/exit-codes.ts',
    ],
  },
  { from: 'src-main/core/version.ts', may: ['package.json'] },
  { from: 'src-renderer/', may: ['src-shared/', 'src-renderer/'] },
];

/** A library and the only places that may import it. */
const owners: readonly { library: RegExp; may: readonly string[] }[] = [
  { library: /^electron$/, may: ['src-main/host-electron/'] },
  { library: /^nodemailer(\/|$)/, may: ['src-main/core/outgoing/', 'src-main/core/message/'] },
  { library: /^mailparser$/, may: ['src-main/core/message/'] },
  { library: /^ical\.js$/, may: ['src-main/core/message/calendar/'] },
  { library: /^node:sqlite$/, may: ['src-main/core/store/', 'src-main/host-node/profile-lock.ts'] },
  { library: /^smtp-server$/, may: ['src-main/core/practice/'] },
  { library: /^dexie/, may: ['src-renderer/projection/cache.ts'] },
  { library: /^(react|react-dom|zustand|lucide-react|react-aria-components)(\/|$)/, may: ['src-renderer/'] },
];

/** Libraries a room may use at all; `node:` counts as one. Undefined: no limit. */
const allowances: readonly { from: string; may: RegExp }[] = [
  { from: 'src-shared/', may: /^zod$/ },
  { from: 'src-renderer/', may: /^(?!node:)/ },
];

export interface Violation {
  readonly file: string;
  readonly specifier: string;
  readonly why: string;
}

/** Judges one import of one file; null when it is allowed. Paths use `/` and start at the project's root. */
export function judgeImport(file: string, specifier: string): Violation | null {
  const target = resolveTarget(file, specifier);
  if (target === null) return judgeLibrary(file, specifier);
  if (isTest(file)) return null;
  const border = longestMatch(borders, file);
  if (border !== undefined && !border.may.some((prefix) => target.startsWith(prefix))) {
    return { file, specifier, why: `${border.from} may not import ${target}` };
  }
  const feature = /^src-renderer\/features\/([^/]+)\//;
  const from = feature.exec(file)?.[1];
  const to = feature.exec(target)?.[1];
  if (to !== undefined && from !== undefined && from !== to) {
    return { file, specifier, why: `the feature “${from}” may not import the feature “${to}”` };
  }
  return null;
}

function judgeLibrary(file: string, specifier: string): Violation | null {
  if (isTest(file)) return null;
  const owner = owners.find(({ library }) => library.test(specifier));
  if (owner !== undefined && file.startsWith('src-') && !owner.may.some((prefix) => file.startsWith(prefix))) {
    return { file, specifier, why: `only ${owner.may.join(', ')} may import ${specifier}` };
  }
  const allowance = allowances.find(({ from }) => file.startsWith(from));
  if (allowance !== undefined && !allowance.may.test(specifier)) {
    return { file, specifier, why: `${allowance.from} may not import ${specifier}` };
  }
  return null;
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || file.includes('/testing/');
}

function longestMatch<T extends { from: string }>(rules: readonly T[], file: string): T | undefined {
  return rules.filter(({ from }) => file.startsWith(from)).sort((a, b) => b.from.length - a.from.length)[0];
}

function resolveTarget(file: string, specifier: string): string | null {
  if (specifier.startsWith('#shared/')) return `src-shared/${specifier.slice('#shared/'.length)}`;
  if (!specifier.startsWith('.')) return null;
  return normalize(join(dirname(file), specifier))
    .split(sep)
    .join('/');
}

/** Every specifier a module imports: static, re-exported, dynamic, and `new URL(…, import.meta.url)` left aside. */
export function importsOf(source: string, file: string): string[] {
  const found: string[] = [];
  visit(parseAst(source, { lang: file.endsWith('x') ? 'tsx' : 'ts', sourceType: 'module' }), (node) => {
    const isImport = node.type.startsWith('Import') || node.type.startsWith('Export');
    if (isImport && node.source?.type === 'Literal' && typeof node.source.value === 'string')
      found.push(node.source.value);
  });
  return found;
}

interface AnyNode {
  readonly type: string;
  readonly source?: { readonly type: string; readonly value?: unknown } | null;
}

function visit(node: unknown, see: (node: AnyNode) => void): void {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, see);
    return;
  }
  if (!isNode(node)) return;
  see(node);
  for (const child of Object.values(node)) if (typeof child === 'object' && child !== null) visit(child, see);
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

if (import.meta.main) {
  const files = globSync('{src-*,e2e,bench,scripts}/**/*.{ts,tsx}').map((file) => file.split(sep).join('/'));
  const violations = files.flatMap((file) =>
    importsOf(readFileSync(file, 'utf8'), file).flatMap((specifier) => judgeImport(file, specifier) ?? []),
  );
  for (const { file, specifier, why } of violations) console.error(`${file}: “${specifier}”: ${why}`);
  if (violations.length > 0) process.exitCode = 1;
  else console.log(`Borders hold in ${files.length} files.`);
}
