import { globSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, normalize, sep } from 'node:path';
import { FileMatcher } from 'app-builder-lib/out/fileMatcher.js';
import { getConfig } from 'app-builder-lib/out/util/config/config.js';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

// What electron-builder.yml puts into the package, against what the built program asks for.

const root = join(import.meta.dirname, '../..');
const Patterns = z.object({ files: z.tuple([z.object({ filter: z.array(z.string()) })]) });
let packed: Set<string>;

beforeAll(async () => {
  const { files } = Patterns.parse(await getConfig(root, join(root, 'electron-builder.yml'), null));
  const isPacked = new FileMatcher(root, root, (pattern) => pattern, files[0].filter).createFilter();
  const candidates = globSync('{*,dist/**/*,assets/**/*,docs/**/*,{src-*,scripts,e2e,bench}/*}', { cwd: root });
  packed = new Set(
    candidates
      .map((name) => ({ name: name.split(sep).join('/'), stat: statSync(join(root, name)) }))
      .filter(({ name, stat }) => stat.isFile() && isPacked(join(root, name), stat))
      .map(({ name }) => name),
  );
});

/** Every file of `dist/` that is reached from these by imports, as `/`-paths from the root; other modules by their names. */
function reachedFrom(entries: readonly string[]): { files: Set<string>; modules: Set<string> } {
  const files = new Set<string>();
  const modules = new Set<string>();
  const open = [...entries];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const specifier of specifiersOf(readFileSync(join(root, file), 'utf8'))) {
      if (specifier.startsWith('.'))
        open.push(
          normalize(join(dirname(file), specifier))
            .split(sep)
            .join('/'),
        );
      else modules.add(specifier);
    }
  }
  return { files, modules };
}

/**
 * What a built module imports, statically, dynamically or by `require`, as the bundler writes it: to parse megabytes
 * would take seconds.
 */
function specifiersOf(source: string): string[] {
  const forms = [
    /^(?:import|export)\b[^"\n]*"([^"\n]+)";?$/gm,
    /\bimport\("(\.[^"\n]+)"\)/g,
    /\b(?:__)?require\("([^".][^"\n]*)"\)/g,
  ];
  // Libraries name types in their comments by `import("./types.js")`.
  const code = source.replace(/^[ \t]*\*.*$/gm, '');
  return forms.flatMap((form) => [...code.matchAll(form)].map(([, specifier = '']) => specifier));
}

test('holds every module the app, its command, its worker and its child can load', () => {
  const entries = ['host-electron/main.js', 'workers/store-worker.js', 'workers/parse-child.js'];
  const { files, modules } = reachedFrom(entries.map((entry) => `dist/${entry}`));
  expect(files.size).toBeGreaterThan(20);
  expect([...files].filter((file) => !packed.has(file))).toEqual([]);
  // No module folder is packed: what is not bundled has to be Node's own, or Electron's.
  const missing = [...modules].filter((name) => !isBuiltin(name) && name !== 'electron' && !optional.includes(name));
  expect(missing).toEqual([]);
  for (const library of ['tldts', 're2js']) expect(packed).toContain(`dist/chunks/${library}.cjs`);
});
/** Tried, and done without. */
const optional = ['bufferutil', 'utf-8-validate'];

test('the preload is one file that asks for Electron alone', () => {
  expect(packed).toContain('dist/host-electron/preload.cjs');
  expect(specifiersOf(readFileSync(join(root, 'dist/host-electron/preload.cjs'), 'utf8'))).toEqual(['electron']);
});

test('holds the page with everything it names, and the assets the program asks for', () => {
  const page = readFileSync(join(root, 'dist/renderer/index.html'), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\/?(?:\.\/)?([^"#:]+)"/g)].map(([, path]) => `dist/renderer/${path}`);
  expect(named.length).toBeGreaterThan(2);
  const icons = ['icon-256', 'tray', 'tray@2x', 'trayTemplate', 'trayTemplate@2x'].map((icon) => `icons/${icon}.png`);
  const assets = [...icons, 'providers.json', 'sample-mail/13-welcome.eml'].map((name) => `assets/${name}`);
  for (const file of [...named, ...assets, 'package.json']) expect(packed).toContain(file);
  const lazy = [...packed].filter((file) => /^dist\/renderer\/assets\/rich-editor-.*\.js$/.test(file));
  expect(lazy).not.toEqual([]);
});

test('holds nothing else', () => {
  const strange = [...packed].filter(
    (file) =>
      !/^(package\.json|dist\/(chunks|host-electron|workers|renderer)\/[^.].*\.(js|cjs|css|html|svg|png|webmanifest|woff2)|assets\/(icons|web|sample-mail)\/[^/]+\.(png|svg|eml|webmanifest)|assets\/providers\.json)$/.test(
        file,
      ),
  );
  expect(strange).toEqual([]);
});
