import { assertNever } from '#shared/assert-never.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import type { Mark } from './timeline-model.ts';

/** What a person can do about a message on its way. */
export type ItemAction = 'try-now' | 'edit' | 'arrived' | 'resend' | 'discard' | 'enter-password';

/** The one word for where it stands. */
export type ItemWord = OutboxItem['state'] | NonNullable<OutboxItem['heldFor']> | 'partly-sent';

type Standing = Pick<OutboxItem, 'state' | 'heldFor' | 'accepted' | 'refused' | 'pending'>;

export function wordOf(item: Standing): ItemWord {
  if (item.state === 'held') return item.heldFor ?? 'held';
  if (item.state === 'deferred' && item.accepted.length > 0) return 'partly-sent';
  return item.state;
}

export function markOfItem(item: Standing): Mark {
  switch (item.state) {
    case 'sending':
      return 'trying';
    case 'sent':
      return item.refused.length > 0 ? 'refused' : 'took-it';
    case 'failed':
      return 'refused';
    case 'queued':
    case 'deferred':
      return 'waiting';
    case 'held':
      if (item.heldFor === 'uncertain') return 'uncertain';
      return item.heldFor === 'content' || item.heldFor === 'needs-password' ? 'refused' : 'waiting';
    default:
      return assertNever(item.state);
  }
}

/** What is offered, the sensible one first. An uncertain message is only ever resolved by its own three. */
export function actionsFor(item: Standing): ItemAction[] {
  switch (item.state) {
    case 'sent':
      return [];
    case 'sending':
      return ['edit'];
    case 'queued':
    case 'deferred':
      return ['try-now', 'edit'];
    case 'failed':
      return ['edit', 'try-now'];
    case 'held':
      return heldActions(item);
    default:
      return assertNever(item.state);
  }
}

function heldActions(item: Standing): ItemAction[] {
  switch (item.heldFor) {
    case 'uncertain':
      return ['arrived', 'resend', 'discard'];
    case 'needs-password':
      return ['enter-password', 'try-now', 'edit'];
    case 'content':
      return ['edit', 'try-now'];
    case 'undo':
      return ['edit', 'try-now'];
    case 'send-later':
    case 'offline':
    case undefined:
      return ['try-now', 'edit'];
    default:
      return assertNever(item.heldFor);
  }
}

/** Trouble first, then what is under way, then what waits, oldest first within each. */
export function inOrderOfConcern<T extends Standing & Pick<OutboxItem, 'queuedAt'>>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => concern(a) - concern(b) || a.queuedAt.localeCompare(b.queuedAt));
}

function concern(item: Standing): number {
  const mark = markOfItem(item);
  return mark === 'uncertain' ? 0 : mark === 'refused' ? 1 : mark === 'trying' ? 2 : 3;
}
