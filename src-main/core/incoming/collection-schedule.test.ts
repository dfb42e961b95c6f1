import { expect, test } from 'vitest';
import { defaultSettings } from '../settings/settings-file.ts';
import { createSchedule, waitAfter } from './collection-schedule.ts';
import { handClock } from './testing/hand-clock.ts';
import { accountAt } from './testing/maildrops.ts';

const minute = 60_000;

test.each([
  ['all went well', undefined, 1, {}, 10],
  ['in use: soon again, then as usual', 'EIN_USE', 1, {}, 1],
  ['in use the third time', 'EIN_USE', 3, {}, 5],
  ['in use the ninth time', 'EIN_USE', 9, {}, 10],
  ['a pause is wanted, nobody says how long', 'ELOGIN_DELAY', 1, {}, 15],
  ['a pause of half an hour is wanted', 'ELOGIN_DELAY', 1, { loginDelaySeconds: 1800 }, 30],
  ['a pause is known before it is broken', undefined, 1, { loginDelaySeconds: 1800 }, 30],
  ['in use, and the server wants its pause', 'EIN_USE', 1, { loginDelaySeconds: 240 }, 4],
  ['in trouble', 'EAUTH_TEMPORARY', 1, {}, 10],
  ['in trouble for the third time', 'EAUTH_TEMPORARY', 3, {}, 40],
  ['in trouble for ever', 'ETRANSIENT', 50, {}, 60],
  ['not reached', 'EUNREACHABLE', 4, {}, 10],
] as const)('%s', (_, code, failures, delay, minutes) => {
  expect(waitAfter(code, 10 * minute, { failures, ...delay }) / minute).toBe(minutes);
});

test('an account that is looked at less often than hourly is not looked at more often for its trouble', () => {
  expect(waitAfter('ETRANSIENT', 240 * minute, { failures: 2 }) / minute).toBe(240);
});

test('the clock is put back by a day: the next visit is as far off as before', () => {
  const hand = handClock();
  let isWrongByMs = 0;
  const clock = { now: () => hand.clock.now() + isWrongByMs, after: hand.clock.after };
  const account = accountAt(110, { checkEveryMinutes: 10 });
  const settings = { current: () => ({ ...defaultSettings(), accounts: [account] }), onChanged: () => () => undefined };
  const visits: number[] = [];
  const schedule = createSchedule({ clock, settings, start: () => void visits.push(hand.clock.now()) });
  schedule.begin();
  visits.splice(0);
  const begun = hand.clock.now();
  isWrongByMs = -24 * 60 * minute;
  while (hand.clock.now() - begun <= 11 * minute) hand.advance(15_000);
  const [first = 0] = visits;
  expect(Math.round((first - begun) / minute)).toBe(10);
  schedule.close();
});
