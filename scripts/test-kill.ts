// What must survive: the command and the app killed (-9) while collecting, queueing and sending, a disk that fails,
// connections lost after the final dot, random partial refusals. Counts what was lost, doubled, damaged or hidden. Without
// arguments everything, in full; with some, only those.
// npm run test:kill [-- --collecting 10000 --dovecot 200 --filing 400 --filing-faults 200 --disk-faults 500
//   --sending 1000 --drops 1000 --refusals 500]
// --filing, --filing-faults: so many on each way to a folder: large messages, Quarantine, sorting, and all of them;
// --seed 1; --lanes 2: so many profiles side by side; --tally FILE: collecting goes on from there and adds to it;
// --sample 40: so many of the disk faults, drawn by the seed.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { badIn } from '../src-main/cli/testing/disk-faults.ts';
import { collectOnFailingDisk } from '../src-main/cli/testing/disk-faults-collecting.ts';
import { fileOnFailingDisk } from '../src-main/cli/testing/disk-faults-filing.ts';
import { sendOnFailingDisk } from '../src-main/cli/testing/disk-faults-sending.ts';
import { buildFaultLibrary } from '../src-main/cli/testing/fault-library.ts';
import { sumOfFiling } from '../src-main/cli/testing/filing-audit.ts';
import { filingScenarioNames, filingScenarios } from '../src-main/cli/testing/filing-scenarios.ts';
import { type FrozenProgram, freezeProgram } from '../src-main/cli/testing/frozen-program.ts';
import { hasStrace } from '../src-main/cli/testing/has-strace.ts';
import { sumOf } from '../src-main/cli/testing/kill-audit.ts';
import { runCollectingCampaign } from '../src-main/cli/testing/kill-campaign.ts';
import { runFilingCampaign } from '../src-main/cli/testing/kill-filing.ts';
import { builtPrograms } from '../src-main/cli/testing/kill-runs.ts';
import { killWhileSending } from '../src-main/cli/testing/kill-sending.ts';
import { dropAfterFinalDot } from '../src-main/core/outgoing/testing/drop-campaign.ts';
import { refuseAtRandom } from '../src-main/core/outgoing/testing/refusal-campaign.ts';
import { buildIfStale } from './build.ts';

const full = {
  collecting: 10_000,
  dovecot: 200,
  filing: 400,
  filingFaults: 200,
  diskFaults: 500,
  sending: 1000,
  drops: 1000,
  refusals: 500,
} as const;

const { values } = parseArgs({
  options: {
    collecting: { type: 'string' },
    dovecot: { type: 'string' },
    filing: { type: 'string' },
    'filing-faults': { type: 'string' },
    'disk-faults': { type: 'string' },
    sample: { type: 'string' },
    lanes: { type: 'string', default: '2' },
    tally: { type: 'string' },
    sending: { type: 'string' },
    drops: { type: 'string' },
    refusals: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const {
  collecting,
  dovecot,
  filing,
  'filing-faults': filingFaults,
  'disk-faults': diskFaults,
  sample,
  sending,
  drops,
  refusals,
  seed: givenSeed,
} = values;
const isAll = [collecting, dovecot, filing, filingFaults, diskFaults, sending, drops, refusals].every(
  (given) => given === undefined,
);
const seed = wholeNumber(givenSeed);
const failures: string[] = [];

function wholeNumber(given: string): number {
  const number = Number(given);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error('Only --tally takes a name; everything else takes a whole number.');
  process.exit(64);
}

function wanted(what: keyof typeof full, given: string | undefined): number {
  if (given !== undefined) return wholeNumber(given);
  return isAll ? full[what] : 0;
}

function progress(what: string, whole: number): (done: number) => void {
  let told = 0;
  return (done) => {
    if (done - told < Math.min(100, whole / 4) && (done < whole || told === whole)) return;
    told = done;
    console.log(`${new Date().toISOString().slice(11, 19)} ${what}: ${done} of ${whole}`);
  };
}

function judge(what: string, report: object, bad: number): void {
  console.log(`${what}: ${JSON.stringify(report)}`);
  if (bad > 0) failures.push(what);
}

interface Prepared {
  readonly program: FrozenProgram;
  readonly library: string | null;
}

/** A copy of the program as it is built now, and the library that meets it at its changes of files. */
async function withProgram(work: (prepared: Prepared) => Promise<void>): Promise<void> {
  await buildIfStale({ only: 'main', isQuiet: true });
  const program = await freezeProgram();
  try {
    const library = await buildFaultLibrary(program.folder);
    if (library === null) console.log('gcc is not here, or this is no Linux: nothing is met at a change of a file.');
    await work({ program, library });
  } finally {
    await program.remove();
  }
}

const lanes = wholeNumber(values.lanes);

function collect(kills: number, server: 'practice' | 'dovecot'): Promise<void> {
  return withProgram(async ({ program, library }) => {
    if (library === null && server === 'dovecot') return;
    const what = `collecting from ${server}`;
    const report = await runCollectingCampaign({
      kills,
      seed,
      server,
      library,
      lanes,
      program: program.command,
      env: program.env,
      tally: server === 'practice' ? values.tally : undefined,
      commit: execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim(),
      onProgress: progress(what, kills),
    });
    judge(what, report, sumOf(report));
  });
}

/** So many kills on each way mail may take to its folder. */
function file(kills: number): Promise<void> {
  return withProgram(async ({ program, library }) => {
    if (library === null) return;
    for (const name of filingScenarioNames) {
      const report = await runFilingCampaign({
        kills,
        seed,
        lanes,
        scenario: filingScenarios[name],
        library,
        program: program.command,
        env: program.env,
        onProgress: progress(`filing, ${name}`, kills),
      });
      judge(`filing, ${name}`, report, sumOfFiling(report));
    }
  });
}

/** Collecting eight messages by way of a scanner and rules makes about so many, fetching one fewer. */
const filingChanges = 300;

/** So many disk faults, drawn by the seed, on each way mail may take to its folder. */
function failDiskFiling(sampled: number): Promise<void> {
  return withProgram(async ({ program, library }) => {
    if (library === null) return;
    for (const name of filingScenarioNames) {
      const what = `filing on a disk that fails, ${name}`;
      const report = await fileOnFailingDisk({
        scenario: filingScenarios[name],
        first: filingChanges,
        sample: sampled,
        seed,
        lanes,
        library,
        program: program.command,
        env: program.env,
        onProgress: progress(what, sampled),
      });
      judge(what, report, badIn(report));
    }
  });
}

/** Queueing and sending one message makes fewer. */
const sendingChanges = 200;

function failDisk(first: number): Promise<void> {
  return withProgram(async ({ program, library }) => {
    if (library === null) return;
    const drawn = sample === undefined ? undefined : wholeNumber(sample);
    for (const [what, run, most] of [
      ['collecting on a disk that fails', collectOnFailingDisk, first],
      ['sending on a disk that fails', sendOnFailingDisk, Math.min(first, sendingChanges)],
    ] as const) {
      const report = await run({
        first: most,
        sample: drawn,
        seed,
        lanes,
        library,
        program: program.command,
        env: program.env,
        onProgress: progress(what, drawn ?? most * 2),
      });
      judge(what, report, badIn(report));
    }
  });
}

async function send(kills: number): Promise<void> {
  // What a user runs; and starting it takes half as long as starting the sources.
  await buildIfStale({ only: 'main', isQuiet: true });
  const onProgress = progress('sending', kills);
  const isTraced = await hasStrace();
  if (!isTraced) console.log('strace is not here: nothing is killed at a system call of its choice.');
  const report = await killWhileSending({ kills, seed, onProgress, programs: builtPrograms, hasStrace: isTraced });
  judge('sending', report, report.lost + report.doubled + report.misplaced);
}

async function drop(count: number): Promise<void> {
  const report = await dropAfterFinalDot(count, { seed, onProgress: progress('drops', count) });
  const seen = Math.min(report.uncertain, report.uncertainAfterRestart, report.uncertainAfterFlush);
  judge('drops', report, report.lost + report.sentAgain + (count - seen));
}

async function refuse(messages: number): Promise<void> {
  const report = await refuseAtRandom(messages, { seed, onProgress: progress('refusals', messages) });
  const { mailedTwice, askedAgain, hidden, unexplained, wrongState, noticesMissing } = report;
  judge('refusals', report, mailedTwice + askedAgain + hidden + unexplained + wrongState + noticesMissing);
}

const counts = {
  collecting: wanted('collecting', collecting),
  dovecot: wanted('dovecot', dovecot),
  filing: wanted('filing', filing),
  filingFaults: wanted('filingFaults', filingFaults),
  diskFaults: wanted('diskFaults', diskFaults),
  sending: wanted('sending', sending),
  drops: wanted('drops', drops),
  refusals: wanted('refusals', refusals),
};
if (counts.drops > 0) await drop(counts.drops);
if (counts.refusals > 0) await refuse(counts.refusals);
if (counts.diskFaults > 0) await failDisk(counts.diskFaults);
if (counts.collecting > 0) await collect(counts.collecting, 'practice');
if (counts.dovecot > 0) await collect(counts.dovecot, 'dovecot');
if (counts.filing > 0) await file(counts.filing);
if (counts.filingFaults > 0) await failDiskFiling(counts.filingFaults);
if (counts.sending > 0) await send(counts.sending);

if (failures.length === 0) console.log('Nothing lost, nothing doubled, nothing hidden.');
else console.log(`Failed (seed ${seed}): ${failures.join('; ')}.`);
process.exitCode = failures.length === 0 ? 0 : 1;
