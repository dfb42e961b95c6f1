import { expect, it } from 'vitest';
import { dropAfterFinalDot } from './testing/drop-campaign.ts';

// A seeded sample; `npm run test:kill -- --drops 1000` runs the number that means something.

it('a connection lost after the final dot: nothing lost, nothing sent again, shown as uncertain through restart and flush', async () => {
  const drops = 60;
  const report = await dropAfterFinalDot(drops, { seed: 20_261_121 });
  expect(report).toMatchObject({
    drops,
    lost: 0,
    sentAgain: 0,
    uncertain: drops,
    uncertainAfterRestart: drops,
    uncertainAfterFlush: drops,
  });
  expect(Object.keys(report.byMoment).length, 'many moments').toBeGreaterThan(10);
  expect(report.onPooledSession).toBeGreaterThan(0);
  expect(report.undisturbed).toBeGreaterThan(0);
}, 60_000);
