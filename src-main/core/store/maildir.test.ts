import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { chooseSeparator, createMaildir, createMailRoot } from './maildir.ts';
import { mail } from './testing/store-fixture.ts';

let root: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'postrider-maildir-'));
  await createMailRoot(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('gives a file its name, and never over another: what lies there was perhaps delivered a moment ago', async () => {
  const maildir = createMaildir(root);
  const place = { directory: '', sub: 'new', fileName: 'a' } as const;
  maildir.publish(await maildir.writeTmp('', mail('one'), Date.now()), place);
  expect(readFileSync(join(root, 'new', 'a'))).toEqual(Buffer.from(mail('one')));
  writeFileSync(join(root, 'new', 'b'), 'theirs');
  const second = await maildir.writeTmp('', mail('two'), Date.now());
  expect(() => maildir.publish(second, { ...place, fileName: 'b' })).toThrow('name already');
  expect(readFileSync(join(root, 'new', 'b'), 'utf8')).toBe('theirs');
});

it('takes the separator the file system takes: FAT and exFAT refuse a colon', () => {
  expect(chooseSeparator(root)).toBe(process.platform === 'win32' ? ';' : ':');
  for (const code of ['EINVAL', 'ENOENT', 'EILSEQ']) {
    const refuse = (): never => {
      throw Object.assign(new Error(code), { code });
    };
    expect(chooseSeparator(root, refuse)).toBe(';');
  }
  // NTFS makes another stream of another file, and says nothing.
  const elsewhere = (path: string): void => writeFileSync(path.replace(/:.*/, ''), '');
  expect(chooseSeparator(root, elsewhere)).toBe(';');
});
