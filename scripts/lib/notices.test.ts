import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collectPackages, noticesOf, packageFolder, readPackage } from './notices.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'notices-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function makePackage(name: string, about: object, files: Readonly<Record<string, string>> = {}): string {
  const folder = join(root, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.2.3', ...about }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

it('finds the package of a module: the innermost, scoped or not, behind what bundlers write before and after', () => {
  expect(packageFolder('/a/node_modules/b/lib/c.js')).toBe('/a/node_modules/b');
  expect(packageFolder('/a/node_modules/b/node_modules/@s/c/index.js')).toBe('/a/node_modules/b/node_modules/@s/c');
  expect(packageFolder('\0/a/node_modules/b/c.js?commonjs-proxy')).toBe('/a/node_modules/b');
  expect(packageFolder('/a/src-main/cli/main.ts')).toBeNull();
  expect(packageFolder('\0rolldown/runtime.js')).toBeNull();
});

it('notes what was written, not what was only read', () => {
  const folders = new Set<string>();
  collectPackages(folders).generateBundle(null, {
    'main.js': { type: 'chunk', moduleIds: ['/p/src-main/main.ts', '/p/node_modules/zod/index.js'] },
    'icon.svg': { type: 'asset' },
  });
  expect([...folders]).toEqual(['/p/node_modules/zod']);
});

it('takes along licence and notice, whatever their names, and no code', () => {
  const repository = { type: 'git', url: 'git+ssh://git@github.com/some/one.git' };
  const folder = makePackage(
    'one',
    { license: 'MIT', repository },
    { 'LICENCE-MIT.md': 'Some words.', 'notice.txt': 'Made by us.', 'license.js': 'code', 'README.md': 'Read me.' },
  );
  expect(readPackage(folder)).toEqual({
    name: 'one',
    version: '1.2.3',
    licence: 'MIT',
    source: 'https://github.com/some/one',
    words: 'Some words.\n\nMade by us.',
  });
  const short = makePackage('@s/two', { license: 'ISC', repository: 'some/two' });
  expect(readPackage(short)).toMatchObject({ source: 'https://github.com/some/two', words: '' });
  expect(readPackage(makePackage('three', { license: 'ISC' })).source).toContain('/three');
});

it('refuses to ship what names no licence', () => {
  expect(() => readPackage(makePackage('none', {}))).toThrow(/none 1\.2\.3 names no licence/);
});

it('names each package once, by name', () => {
  const one = { name: 'b', version: '1.0.0', licence: 'MIT', source: 'https://b.example', words: 'Words of b.' };
  const text = noticesOf([one, { ...one, name: 'a', words: '' }, one]);
  expect(text.match(/^[ab] 1\.0\.0$/gm)).toEqual(['a 1.0.0', 'b 1.0.0']);
  expect(text).toContain('Licence: MIT\nSource: https://b.example\n\nWords of b.');
});
