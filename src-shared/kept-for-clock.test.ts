import { expect, test } from 'vitest';
import { keptForClockWords } from './kept-for-clock.ts';

const dayMs = 24 * 60 * 60 * 1000;

test('how far ahead, how many, and for how long they stay', () => {
  expect(keptForClockWords({ messages: 3, aheadMs: 3652 * dayMs, days: 14 })).toBe(
    'The clock of this computer is 10 years further than at the last visit. 3 messages are due to be deleted on the server by that clock. They stay there for 14 more days. Check the date of this computer.',
  );
  expect(keptForClockWords({ messages: 1, aheadMs: 150 * dayMs, days: 1 })).toBe(
    'The clock of this computer is 5 months further than at the last visit. 1 message is due to be deleted on the server by that clock. It stays there for 1 more day. Check the date of this computer.',
  );
});
