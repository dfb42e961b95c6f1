import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asAttachment, pagePolicy } from './page-policy.ts';

test('the page and its headers say the same', async () => {
  const page = await readFile(join(import.meta.dirname, '../../src-renderer/index.html'), 'utf8');
  expect(/http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page)?.[1]).toBe(pagePolicy);
});

test('no script but our own files ever runs', () => {
  expect(pagePolicy).toContain("script-src 'self';");
  expect(pagePolicy).toContain("default-src 'none'");
  expect(pagePolicy.replace(/img-src [^;]*;/, '')).not.toMatch(/unsafe-eval|\*|https?:/);
  expect(pagePolicy).not.toMatch(/unsafe-eval|\*|http:/);
});

test.each([
  [null, 'attachment'],
  ['inline', 'attachment'],
  ['attachmentx', 'attachment'],
  ['inline; attachment', 'attachment'],
  ['attachment', 'attachment'],
  ['Attachment; filename="a"', 'Attachment; filename="a"'],
])('bytes are always an attachment (%s)', (given, sent) => {
  expect(asAttachment(given)).toBe(sent);
});
