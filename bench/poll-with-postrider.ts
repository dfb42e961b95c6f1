// A core on PROFILE that has collected COUNT messages from 127.0.0.1:PORT and stays, as the app does. Prints a line of
// JSON when it is ready and one for every poll, which a line on standard input asks for. Arguments: PROFILE PORT COUNT.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { JobState } from '#shared/job.ts';
import { benchCore } from './core.ts';

const [profileDir = '', port = '', count = ''] = process.argv.slice(2);
const { core, api } = await benchCore(profileDir);
await api.call('account.add', {
  label: 'Bench',
  host: '127.0.0.1',
  port: Number(port),
  security: 'none',
  user: 'anna',
  secret: 'secret',
});

/** Collects and answers how many messages came. */
async function collect(): Promise<number> {
  const ends = new Map<string, JobState>();
  let wake = (): void => {};
  const stop = api.on('job.changed', ({ jobId, state }) => {
    if (state.kind !== 'queued' && state.kind !== 'running') ends.set(jobId, state);
    wake();
  });
  const { jobId } = await api.call('collect.start', {});
  while (!ends.has(jobId)) await new Promise<void>((resolve) => (wake = resolve));
  stop();
  const end = ends.get(jobId);
  if (end?.kind !== 'succeeded' || end.summary.kind !== 'collect') throw new Error(JSON.stringify(end));
  const [account] = end.summary.accounts;
  if (account === undefined || account.error !== undefined) throw new Error(JSON.stringify(account));
  return account.retrieved;
}

const retrieved = await collect();
if (retrieved !== Number(count)) throw new Error(`${retrieved} of ${count} messages came.`);
// What follows a collection (the words of the full text) is over before polls are timed, as it is in an app at rest.
await api.call('message.search', { query: 'nothing-of-this-kind', offset: 0, limit: 1 });
console.log(JSON.stringify({ ready: true }));

const asked = createInterface({ input: process.stdin });
asked.on('line', async () => {
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  const came = await collect();
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  console.log(JSON.stringify({ seconds, came, cpuSeconds: (user + system) / 1e6 }));
});
await once(asked, 'close');
await core.close();
process.exit(0);
