import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { OutboxItem } from '#shared/mail/outbox.ts';
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
  const item = OutboxItem.parse({
    outboxId: 'o1',
    messageId: '<m@a.example>',
    messageKey: `${'a'.repeat(32)}-${'b'.repeat(16)}`,
    identityId: null,
    from: 'a@a.example',
    subject: 'hello',
    sizeOctets: 100,
    state: 'deferred',
    queuedAt: '2026-11-21T12:00:00.000Z',
    accepted: [],
    refused: [],
    pending: ['b@b.example'],
    uncertain: [],
    skipped: [{ serverId: 'ce79a70d', reason: 'too-large', detail: 'It takes 1 MB.' }],
    attempts: [],
    explanation: 'It waits.',
  });
  const labelOf = (id: string): string => (id === 'ce79a70d' ? 'Office' : 'another');
  tellItem(createOutput({ stdout, stderr: stdout }, false), item, labelOf);
  expect(said.join('')).toContain('  left out Office: It takes 1 MB.\n');
});
