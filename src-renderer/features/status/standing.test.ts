import { expect, it } from 'vitest';
import { OutboxItem } from '#shared/mail/outbox.ts';
import { outboxStanding } from './standing.ts';

const itemIn = (more: object): OutboxItem =>
  OutboxItem.parse({
    outboxId: 'o1',
    messageId: '<m@a.example>',
    messageKey: `${'a'.repeat(32)}-${'b'.repeat(16)}`,
    identityId: null,
    from: 'a@a.example',
    subject: 'hello',
    sizeOctets: 100,
    queuedAt: '2026-11-21T12:00:00.000Z',
    accepted: [],
    refused: [],
    pending: ['b@b.example'],
    uncertain: [],
    skipped: [],
    attempts: [],
    explanation: 'It waits.',
    ...more,
  });

const undo = itemIn({ state: 'held', heldFor: 'undo', deferredUntil: '2026-11-21T12:00:10.000Z' });
const again = itemIn({ state: 'deferred', deferredUntil: '2026-11-21T12:05:00.000Z' });

it('a message that was never tried is sent at its time; only one that was is tried again', () => {
  expect(outboxStanding([again, undo]).next).toEqual({ at: undo.deferredUntil, isAgain: false });
  expect(outboxStanding([again]).next).toEqual({ at: again.deferredUntil, isAgain: true });
  expect(outboxStanding([itemIn({ state: 'queued' })]).next).toBeNull();
});
