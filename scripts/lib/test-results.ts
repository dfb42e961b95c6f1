import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** How many tests passed and failed; a test that is left out on purpose is neither. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const count = z.number().int().min(0);
const VitestReport = z.object({
  numPassedTests: count,
  numFailedTests: count,
  numFailedTestSuites: count,
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});
const PlaywrightReport = z.object({
  stats: z.object({ expected: count, unexpected: count, flaky: count }),
  errors: z.array(z.unknown()).default([]),
});

/** Reads Vitest's JSON report; null when there is none to read. A file that failed before its first test counts as one failure. */
export function readVitestReport(path: string): Counts | null {
  const report = VitestReport.safeParse(readJson(path));
  if (!report.success) return null;
  const { numPassedTests, numFailedTests, testResults } = report.data;
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return { passed: numPassedTests, failed: numFailedTests + broken.length };
}

/** Reads Playwright's JSON report; null when there is none to read. A test that passed only when repeated counts as failed. */
export function readPlaywrightReport(path: string): Counts | null {
  const report = PlaywrightReport.safeParse(readJson(path));
  if (!report.success) return null;
  const { expected, unexpected, flaky } = report.data.stats;
  return { passed: expected, failed: unexpected + flaky + report.data.errors.length };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
