import { assertNever } from '#shared/assert-never.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import type { Mark } from './timeline-model.ts';

/** What a person can do about a message on its way. */
export type ItemAction = 'try-now' | 'edit' | 'arrived' | 'resend' | 'discard' | 'enter-password' | 'reroute';

/** The one word for where it stands. */
export type ItemWord = OutboxItem['state'] | NonNullable<OutboxItem['heldFor']> | 'partly-sent' | 'final-dot';

type Standing = Pick<
  OutboxItem,
  'state' | 'heldFor' | 'accepted' | 'refused' | 'pending' | 'uncertain' | 'isAtFinalDot'
>;

export function wordOf(item: Standing): ItemWord {
  if (item.uncertain.length > 0 && item.state !== 'sending') return 'uncertain';
  if (item.state === 'held') return item.heldFor ?? 'held';
  if (item.isAtFinalDot === true) return 'final-dot';
  if (item.state === 'deferred' && item.accepted.length > 0) return 'partly-sent';
  return item.state;
}

export function markOfItem(item: Standing): Mark {
  if (item.uncertain.length > 0 && item.state !== 'sending') return 'uncertain';
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
      return asksForHelp(item) ? 'refused' : 'waiting';
    default:
      return assertNever(item.state);
  }
}

function asksForHelp({ heldFor }: Standing): boolean {
  return (
    heldFor === 'content' || heldFor === 'needs-password' || heldFor === 'server-gone' || heldFor === 'server-limits'
  );
}

/** What is offered, the sensible one first. Where somebody may have it, only the three that say what became of it. */
export function actionsFor(item: Standing): ItemAction[] {
  if (item.state === 'sending') return item.isAtFinalDot === true || item.uncertain.length > 0 ? [] : ['edit'];
  if (item.uncertain.length > 0) return ['arrived', 'resend', 'discard'];
  switch (item.state) {
    case 'sent':
      return [];
    case 'queued':
    case 'deferred':
      return ['try-now', 'edit', 'reroute'];
    case 'failed':
      return ['edit', 'try-now', 'reroute', 'discard'];
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
      return ['enter-password', 'try-now', 'edit', 'reroute'];
    case 'content':
    case 'server-limits':
      return ['edit', 'reroute', 'try-now', 'discard'];
    case 'server-gone':
      return ['reroute', 'edit', 'discard'];
    case 'undo':
      return ['edit', 'try-now'];
    case 'send-later':
    case 'offline':
    case undefined:
      return ['try-now', 'edit', 'reroute'];
    default:
      return assertNever(item.heldFor);
  }
}

/** Trouble first, then what is under way, then what waits, oldest first within each. */
export function inOrderOfConcern<T extends Standing & Pick<OutboxItem, 'queuedAt'>>(items: readonly T[]): T[] {
  return [...items].sort(
    (a, b) => concern(a) - concern(b) || (a.queuedAt < b.queuedAt ? -1 : a.queuedAt > b.queuedAt ? 1 : 0),
  );
}

function concern(item: Standing): number {
  const mark = markOfItem(item);
  return mark === 'uncertain' ? 0 : mark === 'refused' ? 1 : mark === 'trying' ? 2 : 3;
}
