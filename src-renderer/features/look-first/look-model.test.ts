import { expect, test } from 'vitest';
import type { HereState } from '#shared/mail/look.ts';
import { chosenOf, rowsOf, wantedHeaders } from './look-model.ts';

const waiting = (uniqueId: string, here: HereState = 'no') => ({ uniqueId, here, octets: 100 });
const header = (uniqueId: string) => ({ uniqueId, from: 'A', subject: 'S', date: null, isGone: false });

test('the newest first, no more than are shown', () => {
  const rows = rowsOf([waiting('a'), waiting('b'), waiting('c')], new Map([['b', header('b')]]), 2);
  expect(rows.map(({ uniqueId, header: known }) => [uniqueId, known !== null])).toEqual([
    ['c', false],
    ['b', true],
  ]);
});

test('headers are asked for where the server can give them, or the message is here', () => {
  const rows = rowsOf([waiting('a'), waiting('b', 'whole')], new Map(), 10);
  expect(wantedHeaders(rows, true)).toEqual(['b', 'a']);
  expect(wantedHeaders(rows, false)).toEqual(['b']);
  const many = rowsOf(
    Array.from({ length: 120 }, (_, at) => waiting(String(at))),
    new Map(),
    200,
  );
  expect(wantedHeaders(many, true)).toHaveLength(50);
});

test('what would be lost is what is not here whole; what went meanwhile is not chosen any more', () => {
  const messages = [waiting('a', 'whole'), waiting('b', 'beginning'), waiting('c', 'removed'), waiting('d')];
  expect(chosenOf(messages, new Set(['a', 'gone']))).toEqual({ uniqueIds: ['a'], octets: 100, lost: 0 });
  expect(chosenOf(messages, new Set(['a', 'b', 'c', 'd']))).toMatchObject({ octets: 400, lost: 3 });
});
