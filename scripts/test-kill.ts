// Kills the command (-9) at random moments of collecting and of sending, many times over, and counts what was lost,
// doubled or damaged. npm run test:kill [-- --collecting 10000 --sending 1000 --seed 1]
import { parseArgs } from 'node:util';
import { killWhileCollecting } from '../src-main/cli/testing/kill-collecting.ts';
import { killWhileSending } from '../src-main/cli/testing/kill-sending.ts';

const { values } = parseArgs({
  options: {
    collecting: { type: 'string', default: '500' },
    sending: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
});
const [collecting, sending, seed] = [values.collecting, values.sending, values.seed].map(Number);
if (
  collecting === undefined ||
  sending === undefined ||
  seed === undefined ||
  [collecting, sending, seed].some(isBad)
) {
  console.error('--collecting, --sending and --seed take whole numbers.');
  process.exit(64);
}

function isBad(number: number): boolean {
  return !Number.isSafeInteger(number) || number < 0;
}

function progress(what: string, kills: number): (done: number) => void {
  return (done) => {
    if (done % 50 === 0 || done === kills) console.log(`${what}: ${done} of ${kills}`);
  };
}

const half = Math.ceil(collecting / 2);
const failures: string[] = [];
function judge(what: string, report: object, bad: number): void {
  console.log(`${what}: ${JSON.stringify(report)}`);
  if (bad > 0) failures.push(what);
}

for (const [retention, kills] of [
  ['delete', half],
  ['leave', collecting - half],
] as const) {
  const what = `collecting, ${retention}`;
  const report = await killWhileCollecting({ kills, seed, onProgress: progress(what, kills) }, retention);
  judge(what, report, report.lost + report.doubled + report.damaged + report.wrongOnServer);
}
const sent = await killWhileSending({ kills: sending, seed, onProgress: progress('sending', sending) });
judge('sending', sent, sent.lost + sent.doubled + sent.misplaced);

if (failures.length === 0) console.log('Nothing lost, nothing doubled.');
else console.log(`Failed (seed ${seed}): ${failures.join('; ')}.`);
process.exitCode = failures.length === 0 ? 0 : 1;
