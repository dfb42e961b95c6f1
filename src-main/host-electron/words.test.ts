import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desktop } from '#shared/i18n/en/desktop.ts';
import { t } from './words.ts';

const sources = globSync('*.ts', { cwd: import.meta.dirname }).filter((name) => !name.endsWith('.test.ts'));
const code = sources.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('\n');

test('places are filled and numbers choose their form', () => {
  expect(t('tray.waits', { count: 1 })).toBe('1 message waits in the Outbox');
  expect(t('tray.paused', { words: t('tray.waits', { count: 1200 }) })).toBe(
    'sending is paused, 1,200 messages wait in the Outbox',
  );
});

test('every text is used, and no label, title or message of a box is written beside them', () => {
  expect(Object.keys(desktop).filter((key) => !code.includes(`t('${key}'`))).toEqual([]);
  expect(code.match(/\b(?:label|title|message|detail|applicationName): ['"`].*/g) ?? []).toEqual([]);
});
