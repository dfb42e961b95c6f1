import { expect, it } from 'vitest';
import { refuseAtRandom } from './testing/refusal-campaign.ts';

// A seeded sample; `npm run test:kill -- --refusals 500` runs the number that means something.

it('random partial refusals: nobody mailed twice, no refusal hidden, every state shown as the servers made it', async () => {
  const report = await refuseAtRandom(80, { seed: 20_261_121 });
  expect(report).toMatchObject({
    messages: 80,
    mailedTwice: 0,
    askedAgain: 0,
    hidden: 0,
    unexplained: 0,
    wrongState: 0,
    noticesMissing: 0,
  });
  for (const state of ['accepted', 'refused', 'uncertain', 'pending'] as const)
    expect(report[state]).toBeGreaterThan(0);
}, 60_000);
