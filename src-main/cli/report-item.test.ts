import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { outboxItem } from '#shared/mail/testing/outbox-item.ts';
import { createOutput } from './output.ts';
import { stateInWords, tellItem } from './report-item.ts';

it('says of what was never tried when it goes, and of what was when it is tried again', () => {
  const deferredUntil = '2026-11-21T12:00:10.000Z';
  const inWords = (heldFor: OutboxItem['heldFor']): string => stateInWords({ state: 'held', heldFor, deferredUntil });
  expect(inWords('undo')).toBe(`can still be undone, goes at ${deferredUntil}`);
  expect(inWords('send-later')).toBe(`waits for its time, goes at ${deferredUntil}`);
  expect(stateInWords({ state: 'deferred', deferredUntil })).toBe(`deferred until ${deferredUntil}`);
});

it('calls a server that was left out by its name', () => {
  const said: string[] = [];
  const stdout = new Writable({ write: (chunk, _encoding, done) => done(void said.push(String(chunk))) });
  const item = outboxItem({
    state: 'deferred',
    skipped: [{ serverId: 'ce79a70d', reason: 'too-large', detail: 'It takes 1 MB.' }],
  });
  const labelOf = (id: string): string => (id === 'ce79a70d' ? 'Office' : 'another');
  tellItem(createOutput({ stdout, stderr: stdout }, false), item, labelOf);
  expect(said.join('')).toContain('  left out Office: It takes 1 MB.\n');
});
