import { expect, test } from 'vitest';
import { importsOf, judgeImport } from './check-imports.ts';

test.each([
  ['src-shared/job.ts', 'node:fs'],
  ['src-shared/job.ts', '../src-main/core/ports.ts'],
  ['src-main/core/outgoing/plan-route.ts', '../incoming/plan-fetch.ts'],
  ['src-main/core/store/index-database.ts', '../message/parse.ts'],
  ['src-main/core/app-core.ts', 'electron'],
  ['src-main/core/incoming/session.ts', 'nodemailer'],
  ['src-main/core/incoming/session.ts', 'nodemailer/lib/smtp-connection'],
  ['src-main/host-browser/main.ts', '../core/outgoing/outbox.ts'],
  ['src-main/host-browser/main.ts', '../host-electron/main.ts'],
  ['src-renderer/app.tsx', 'node:path'],
  ['src-renderer/app.tsx', '../src-main/core/ports.ts'],
  ['src-renderer/features/folders/tree.tsx', '../messages/list.tsx'],
  ['src-renderer/app.tsx', 'dexie'],
])('%s may not import %s', (file, specifier) => {
  expect(judgeImport(file, specifier)).toMatchObject({ file, specifier });
});

test.each([
  ['src-main/core/outgoing/plan-route.ts', '../store/store-api.ts'],
  ['src-main/core/outgoing/submit.ts', 'nodemailer/lib/smtp-connection/index.js'],
  ['src-main/core/app-core.ts', './outgoing/outbox.ts'],
  ['src-main/host-browser/main.ts', '../core/app-core.ts'],
  ['src-main/host-electron/main.ts', 'electron'],
  ['src-renderer/features/folders/tree.tsx', '../../ui/tree.tsx'],
  ['src-renderer/features/folders/tree.tsx', '#shared/mail/folder.ts'],
])('%s may import %s', (file, specifier) => {
  expect(judgeImport(file, specifier)).toBeNull();
});

test('finds every kind of import', () => {
  const source = `import a from 'one'; import type { B } from 'two'; export * from 'three'; const d = await import('four');`;
  expect(importsOf(source, 'x.ts')).toEqual(['one', 'two', 'three', 'four']);
});
