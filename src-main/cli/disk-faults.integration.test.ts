import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { badIn } from './testing/disk-faults.ts';
import { collectOnFailingDisk } from './testing/disk-faults-collecting.ts';
import { fileOnFailingDisk } from './testing/disk-faults-filing.ts';
import { sendOnFailingDisk } from './testing/disk-faults-sending.ts';
import { buildFaultLibrary } from './testing/fault-library.ts';
import { filingScenarios } from './testing/filing-scenarios.ts';
import { sourcePrograms } from './testing/kill-runs.ts';

// A seeded sample; `npm run test:kill -- --disk-faults 500` meets every change.

const folder = await mkdtemp(join(tmpdir(), 'postrider-faults-'));
const library = await buildFaultLibrary(folder);
afterAll(() => rm(folder, { recursive: true, force: true }));

const sample = { first: 300, seed: 20_261_122, lanes: 2, program: sourcePrograms.command } as const;

test.skipIf(library === null)(
  'the disk is full, or fails, while collecting: nothing is deleted that is not safe, the words help, all is there once after',
  async () => {
    const report = await collectOnFailingDisk({ ...sample, sample: 4, library: library ?? '' });
    expect(report.findings).toEqual([]);
    expect(badIn(report)).toBe(0);
    expect(report.faults).toBeGreaterThan(0);
  },
);

test.skipIf(library === null)(
  'the disk is full, or fails, while queueing and sending: what is queued goes out once, what is refused does not',
  async () => {
    const report = await sendOnFailingDisk({ ...sample, first: 60, sample: 3, library: library ?? '' });
    expect(report.findings).toEqual([]);
    expect(badIn(report)).toBe(0);
    expect(report.faults).toBeGreaterThan(0);
  },
);

test.skipIf(library === null)(
  'the disk is full, or fails, on the way by a beginning, Quarantine and rules: all is where it belongs after, once',
  async () => {
    const scenario = filingScenarios['large, scanned and sorted'];
    const report = await fileOnFailingDisk({ ...sample, first: 100, sample: 1, scenario, library: library ?? '' });
    expect(report.findings).toEqual([]);
    expect(badIn(report)).toBe(0);
    expect(report.faults).toBeGreaterThan(0);
  },
);
