// What must survive: the command and the app killed (-9) while collecting, queueing and sending, connections lost after
// the final dot, random partial refusals. Counts what was lost, doubled, damaged or hidden. Without arguments everything,
// in full; with some, only those. npm run test:kill [-- --collecting 10000 --sending 1000 --drops 1000 --refusals 500 --seed 1]
import { parseArgs } from 'node:util';
import { hasStrace } from '../src-main/cli/testing/has-strace.ts';
import { killWhileCollecting } from '../src-main/cli/testing/kill-collecting.ts';
import { builtPrograms } from '../src-main/cli/testing/kill-runs.ts';
import { killWhileSending } from '../src-main/cli/testing/kill-sending.ts';
import { dropAfterFinalDot } from '../src-main/core/outgoing/testing/drop-campaign.ts';
import { refuseAtRandom } from '../src-main/core/outgoing/testing/refusal-campaign.ts';
import { buildIfStale } from './build.ts';

const full = { collecting: 500, sending: 1000, drops: 1000, refusals: 500 } as const;

const { values } = parseArgs({
  options: {
    collecting: { type: 'string' },
    sending: { type: 'string' },
    drops: { type: 'string' },
    refusals: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const { collecting, sending, drops, refusals, seed: givenSeed } = values;
const isAll = [collecting, sending, drops, refusals].every((given) => given === undefined);
const seed = wholeNumber(givenSeed);
const failures: string[] = [];

function wholeNumber(given: string): number {
  const number = Number(given);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error('--collecting, --sending, --drops, --refusals and --seed take whole numbers.');
  process.exit(64);
}

function wanted(what: keyof typeof full, given: string | undefined): number {
  if (given !== undefined) return wholeNumber(given);
  return isAll ? full[what] : 0;
}

function progress(what: string, whole: number): (done: number) => void {
  let told = 0;
  return (done) => {
    if (done - told < 50 && done < whole) return;
    told = done;
    console.log(`${what}: ${done} of ${whole}`);
  };
}

function judge(what: string, report: object, bad: number): void {
  console.log(`${what}: ${JSON.stringify(report)}`);
  if (bad > 0) failures.push(what);
}

async function collect(kills: number): Promise<void> {
  const half = Math.ceil(kills / 2);
  for (const [retention, own] of [
    ['delete', half],
    ['leave', kills - half],
  ] as const) {
    const what = `collecting, ${retention}`;
    const report = await killWhileCollecting({ kills: own, seed, onProgress: progress(what, own) }, retention);
    judge(what, report, report.lost + report.doubled + report.damaged + report.wrongOnServer);
  }
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
  sending: wanted('sending', sending),
  drops: wanted('drops', drops),
  refusals: wanted('refusals', refusals),
};
if (counts.drops > 0) await drop(counts.drops);
if (counts.refusals > 0) await refuse(counts.refusals);
if (counts.collecting > 0) await collect(counts.collecting);
if (counts.sending > 0) await send(counts.sending);

if (failures.length === 0) console.log('Nothing lost, nothing doubled, nothing hidden.');
else console.log(`Failed (seed ${seed}): ${failures.join('; ')}.`);
process.exitCode = failures.length === 0 ? 0 : 1;
