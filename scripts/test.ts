// Everything that has to hold, cheapest first: stops at the first stage that fails and ends with one line of counts.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './lib/run.ts';
import { type Counts, readPlaywrightReport, readVitestReport } from './lib/test-results.ts';
import { prepareMachine } from './prepare-machine.ts';

interface Stage {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Where its counts are read; a stage without tests counts as one failure when it fails and as nothing when it holds. */
  readonly counts?: { readonly file: string; readonly read: (file: string) => Counts | null };
}

const root = join(import.meta.dirname, '..');
const results = join(root, 'test-results');
const node = process.execPath;

/** A stage that hangs is a stage that failed. */
const stageTimeoutMs = 12 * 60_000;

const stages: readonly Stage[] = [
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'types', command: ['npm', 'run', '--silent', 'types'] },
  vitestStage('unit'),
  vitestStage('integration'),
  { name: 'build', command: [node, join(root, 'scripts/build.ts')] },
  {
    name: 'e2e',
    command: [node, join(root, 'scripts/e2e.ts')],
    counts: { file: join(results, 'e2e.json'), read: readPlaywrightReport },
  },
];

function vitestStage(project: string): Stage {
  const file = join(results, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  return {
    name: project,
    command: ['vitest', 'run', '--project', project, ...reporters],
    counts: { file, read: readVitestReport },
  };
}

interface Outcome extends Counts {
  readonly name: string;
  readonly isOk: boolean;
  readonly durationMs: number;
}

async function runStage(stage: Stage): Promise<Outcome> {
  if (stage.counts !== undefined) rmSync(stage.counts.file, { force: true });
  console.log(`\n── ${stage.name} ──`);
  const [command, ...args] = stage.command;
  const { code, durationMs } = await run(command, args, { cwd: root, timeoutMs: stageTimeoutMs });
  const counts = stage.counts?.read(stage.counts.file) ?? { passed: 0, failed: 0 };
  const isOk = code === 0 && counts.failed === 0 && (stage.counts === undefined || counts.passed > 0);
  // A stage that failed without saying which test is one failure.
  return { name: stage.name, isOk, durationMs, ...counts, failed: isOk ? 0 : Math.max(1, counts.failed) };
}

function summarize(outcomes: readonly Outcome[], problems: readonly string[]): void {
  console.log('\n── summary ──');
  for (const { name, isOk, passed, failed, durationMs } of outcomes) {
    const counts = passed + failed > 0 && (passed > 0 || !isOk) ? `${passed} passed, ${failed} failed` : '';
    console.log(
      `${isOk ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${(durationMs / 1000).toFixed(1).padStart(7)} s  ${counts}`,
    );
  }
  const failedStage = outcomes.find(({ isOk }) => !isOk);
  if (failedStage !== undefined) console.log(`Stopped at “${failedStage.name}”.`);
  for (const problem of problems) console.log(problem);
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0) + problems.length;
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

mkdirSync(results, { recursive: true });
const { missing, notes } = await prepareMachine();
for (const note of notes) console.error(note);
const outcomes: Outcome[] = [];
if (missing.length === 0) {
  for (const stage of stages) {
    const outcome = await runStage(stage);
    outcomes.push(outcome);
    if (!outcome.isOk) break;
  }
}
summarize(outcomes, missing);
