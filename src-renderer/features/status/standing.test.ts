import { expect, it } from 'vitest';
import { outboxItem } from '#shared/mail/testing/outbox-item.ts';
import { outboxStanding } from './standing.ts';

const undo = outboxItem({ state: 'held', heldFor: 'undo', deferredUntil: '2026-11-21T12:00:10.000Z' });
const again = outboxItem({ state: 'deferred', deferredUntil: '2026-11-21T12:05:00.000Z' });

it('a message that was never tried is sent at its time; only one that was is tried again', () => {
  expect(outboxStanding([again, undo]).next).toEqual({ at: undo.deferredUntil, isAgain: false });
  expect(outboxStanding([again]).next).toEqual({ at: again.deferredUntil, isAgain: true });
  expect(outboxStanding([outboxItem({ state: 'queued' })]).next).toBeNull();
});
