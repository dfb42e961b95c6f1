import { expect, test } from 'vitest';
import { hasStrace } from './testing/has-strace.ts';
import { killWhileCollecting } from './testing/kill-collecting.ts';
import { sourcePrograms } from './testing/kill-runs.ts';
import { killWhileSending } from './testing/kill-sending.ts';

// A seeded sample; `npm run test:kill` runs the numbers that mean something.

test.each(['delete', 'leave'] as const)(
  'the command killed (-9) while collecting, retention %s: nothing lost, doubled or half-written',
  async (retention) => {
    const report = await killWhileCollecting({ kills: 4, seed: retention.length }, retention);
    expect(report).toMatchObject({ kills: 4, lost: 0, doubled: 0, damaged: 0, wrongOnServer: 0 });
  },
);

test('the command and the app killed (-9) while queueing and sending: nothing lost, nothing sent twice', async () => {
  const report = await killWhileSending({
    kills: 8,
    seed: 20_261_121,
    programs: sourcePrograms,
    hasStrace: await hasStrace(),
  });
  expect(report).toMatchObject({ lost: 0, doubled: 0, misplaced: 0 });
  expect(report.kills).toBeGreaterThanOrEqual(8);
  expect(report.acknowledged).toBeGreaterThan(0);
}, 300_000);
