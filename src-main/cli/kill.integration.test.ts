import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildFaultLibrary } from './testing/fault-library.ts';
import { noFilingWrongs } from './testing/filing-audit.ts';
import { filingScenarios } from './testing/filing-scenarios.ts';
import { hasStrace } from './testing/has-strace.ts';
import { noWrongs } from './testing/kill-audit.ts';
import { killWhileCollecting } from './testing/kill-collecting.ts';
import { killWhileFiling } from './testing/kill-filing.ts';
import { sourcePrograms } from './testing/kill-runs.ts';
import { killWhileSending } from './testing/kill-sending.ts';

// A seeded sample; `npm run test:kill` runs the numbers that mean something.

test.each(['delete', 'leave'] as const)(
  'the command killed (-9) while collecting, retention %s: nothing lost, doubled or half-written',
  async (retention) => {
    const folder = await mkdtemp(join(tmpdir(), 'postrider-faults-'));
    try {
      const library = await buildFaultLibrary(folder);
      const { command: program } = sourcePrograms;
      const own = { kills: 6, seed: retention.length, retention, library, program, server: 'practice' } as const;
      const report = await killWhileCollecting(own);
      expect(report).toMatchObject({ ...noWrongs(), kills: 6 });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

test.skipIf(process.platform !== 'linux')(
  'killed (-9) on the way by a beginning, Quarantine and rules: nothing lost, doubled, let through or left over',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postrider-faults-'));
    try {
      const library = await buildFaultLibrary(folder);
      if (library === null) return console.warn('gcc is not here: nothing is met at a change of a file.');
      const scenario = filingScenarios['large, scanned and sorted'];
      const report = await killWhileFiling({ kills: 3, seed: 20_261_122, scenario, library });
      expect(report.findings).toEqual([]);
      expect(report).toMatchObject({ ...noFilingWrongs(), kills: 3 });
      expect(report.messages).toBeGreaterThan(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
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
