import { expect, it } from 'vitest';
import { fromLocalInput, sendTimes, toLocalInput } from './send-times.ts';

const ids = (date: Date): string[] => sendTimes(date).map(({ id }) => id);

it('offers moments that are still ahead', () => {
  const wednesday = new Date(2026, 2, 4, 10, 0);
  expect(ids(wednesday)).toEqual(['in-an-hour', 'this-evening', 'tomorrow-morning', 'monday-morning']);
  expect(ids(new Date(2026, 2, 4, 17, 0))).toEqual(['in-an-hour', 'tomorrow-morning', 'monday-morning']);
  for (const { at } of sendTimes(wednesday)) expect(at).toBeGreaterThan(wednesday.getTime());
});

it('does not offer Monday twice on a Sunday, and means the next one on a Monday', () => {
  expect(ids(new Date(2026, 2, 8, 10, 0))).toEqual(['in-an-hour', 'this-evening', 'tomorrow-morning']);
  const monday = sendTimes(new Date(2026, 2, 9, 10, 0)).find(({ id }) => id === 'monday-morning');
  expect(new Date(monday?.at ?? 0)).toEqual(new Date(2026, 2, 16, 8, 0));
});

it('reads and writes the value of a date field in local time', () => {
  const date = new Date(2026, 2, 4, 8, 5);
  expect(toLocalInput(date)).toBe('2026-03-04T08:05');
  expect(fromLocalInput('2026-03-04T08:05', new Date(2026, 2, 4, 8, 0))).toBe(date.getTime());
  expect(fromLocalInput('2026-03-04T08:05', new Date(2026, 2, 4, 9, 0))).toBeNull();
  expect(fromLocalInput('', date)).toBeNull();
  expect(fromLocalInput('soon', date)).toBeNull();
});
