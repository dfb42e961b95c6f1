import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

// What other people made is in the bundles, and its licences ask that their words go along.

/** Of a package whose code is in the bundles. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** SPDX, as its package.json says it. */
  readonly licence: string;
  /** Where its source is. */
  readonly source: string;
  /** The words of its licence and its notices; '' where it brings none. */
  readonly words: string;
}

/** For the bundlers: notes in `folders` each package of which something is in what was written. */
export function collectPackages(folders: Set<string>): {
  name: string;
  generateBundle(options: unknown, bundle: Record<string, { type: string; moduleIds?: readonly string[] }>): void;
} {
  return {
    name: 'collect-packages',
    generateBundle(_options, bundle) {
      for (const { moduleIds = [] } of Object.values(bundle)) {
        for (const id of moduleIds) {
          const folder = packageFolder(id);
          if (folder !== null) folders.add(folder);
        }
      }
    },
  };
}

/** The folder of the package a module belongs to; null for one of ours. */
export function packageFolder(moduleId: string): string | null {
  const path = moduleId.replace(/^\0+/, '').replace(/\?.*$/s, '').replaceAll('\\', '/');
  const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
  return found === undefined ? null : found.replaceAll('/', sep);
}

/** Reads what a package says of itself. Throws when it names no licence: nobody may ship it then. */
export function readPackage(folder: string): Bundled {
  const about: Record<string, unknown> = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version, license } = about;
  if (typeof name !== 'string' || typeof version !== 'string') throw new Error(`${folder} is no package.`);
  if (typeof license !== 'string') throw new Error(`${name} ${version} names no licence: it cannot be shipped.`);
  const words = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-](?!.*\.?[cm]?[jt]s$)|$)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
    .join('\n\n');
  return { name, version, licence: license, source: sourceOf(about, name), words };
}

function sourceOf({ repository, homepage }: Record<string, unknown>, name: string): string {
  const url =
    typeof repository === 'object' && repository !== null && 'url' in repository ? repository.url : repository;
  const named = typeof url === 'string' ? url : typeof homepage === 'string' ? homepage : '';
  const plain = named
    .replace(/^git\+/, '')
    .replace(/^(?:git|ssh):\/\/(?:git@)?/, 'https://')
    .replace(/\.git$/, '')
    .replace(/^(?:github:)?([\w.-]+\/[\w.-]+)$/, 'https://github.com/$1');
  return plain.startsWith('https://') ? plain : `https://www.npmjs.com/package/${name}`;
}

/** The file that goes along with the program. A package that lies in several places stands in it once. */
export function noticesOf(packages: readonly Bundled[]): string {
  const byName = new Map(packages.map((one) => [`${one.name} ${one.version}`, one]));
  const parts = [...byName]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([title, { licence, source, words }]) =>
      [title, `Licence: ${licence}`, `Source: ${source}`, ...(words === '' ? [] : ['', words])].join('\n'),
    );
  const head =
    'Postrider contains the following packages, unchanged. Their source is found where named, and their licences are theirs.';
  return `${[head, ...parts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
