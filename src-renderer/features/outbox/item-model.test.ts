import { expect, it } from 'vitest';
import { actionsFor, inOrderOfConcern, markOfItem, wordOf } from './item-model.ts';

const nobody = { accepted: [], refused: [], uncertain: [], pending: ['a@b.c'] };

it('never offers to try an uncertain message again by the ordinary button', () => {
  const item = { state: 'held', heldFor: 'uncertain', ...nobody } as const;
  expect(actionsFor(item)).toEqual(['arrived', 'resend', 'discard']);
  expect(markOfItem(item)).toBe('uncertain');
});

it('says that a part is on its way already', () => {
  expect(wordOf({ state: 'deferred', ...nobody, accepted: ['x@y.z'] })).toBe('partly-sent');
  expect(wordOf({ state: 'deferred', ...nobody })).toBe('deferred');
  expect(wordOf({ state: 'held', heldFor: 'offline', ...nobody })).toBe('offline');
});

it('offers cancelling while sending, and nothing once sent', () => {
  expect(actionsFor({ state: 'sending', ...nobody })).toEqual(['edit']);
  expect(actionsFor({ state: 'sent', ...nobody })).toEqual([]);
});

it('asks what became of the uncertain first, also while others still wait for their turn', () => {
  const mixed = { state: 'deferred' as const, ...nobody, uncertain: ['x@y.z'] };
  expect(actionsFor(mixed)).toEqual(['arrived', 'resend', 'discard']);
  expect(markOfItem(mixed)).toBe('uncertain');
  expect(wordOf(mixed)).toBe('uncertain');
});

it('does not offer to stop what waits for the reply to its final dot', () => {
  expect(actionsFor({ state: 'sending', ...nobody, isAtFinalDot: true })).toEqual([]);
});

it('lets what failed be changed, tried again, sent by another server, or let go', () => {
  expect(actionsFor({ state: 'failed', ...nobody })).toEqual(['edit', 'try-now', 'reroute', 'discard']);
});

it('puts what needs a person first, oldest first', () => {
  const item = (state: 'queued' | 'failed', queuedAt: string) => ({ state, queuedAt, ...nobody });
  const uncertain = { state: 'held', heldFor: 'uncertain', queuedAt: '5', ...nobody } as const;
  const rows = inOrderOfConcern([item('queued', '2'), item('queued', '1'), item('failed', '3'), uncertain]);
  expect(rows.map(({ queuedAt }) => queuedAt)).toEqual(['5', '3', '1', '2']);
});
