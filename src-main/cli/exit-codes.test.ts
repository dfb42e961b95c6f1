import { expect, it } from 'vitest';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { exitCodeOfItem } from './exit-codes.ts';

it.each<[Pick<OutboxItem, 'state' | 'heldFor' | 'isOwnFault'>, number]>([
  [{ state: 'sent' }, 0],
  [{ state: 'failed' }, 65],
  [{ state: 'queued' }, 69],
  [{ state: 'deferred' }, 69],
  // A full disk, whether or not a server took it before: nobody refused it.
  [{ state: 'deferred', isOwnFault: true }, 75],
  [{ state: 'sending' }, 75],
  [{ state: 'held', heldFor: 'undo' }, 0],
  [{ state: 'held', heldFor: 'offline' }, 69],
  [{ state: 'held', heldFor: 'uncertain' }, 75],
  [{ state: 'held', heldFor: 'needs-password' }, 77],
  [{ state: 'held', heldFor: 'content' }, 65],
  [{ state: 'held', heldFor: 'server-limits' }, 65],
  [{ state: 'held', heldFor: 'server-gone' }, 78],
])('a message that is %j ends the command with %i', (item, code) => {
  expect(exitCodeOfItem(item)).toBe(code);
});
