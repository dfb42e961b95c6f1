import { residentMb, startHost } from './large-profile.ts';
import { median } from './measure.ts';

/** The row “open a profile of 100,000 messages to a usable list”: a process that starts, and the first page of its Inbox. */
export async function benchOpen(profileDir: string, rounds: number): Promise<string> {
  const opened: number[] = [];
  const again: number[] = [];
  const last: number[] = [];
  const memory: number[] = [];
  let total = 0;
  for (let round = 0; round < rounds; round += 1) {
    const begin = performance.now();
    const host = await startHost(profileDir);
    try {
      const page = await host.api.call('message.list', { folder: 'Inbox', offset: 0, limit: 200 });
      opened.push((performance.now() - begin) / 1000);
      total = page.total;
      again.push(await timed(() => host.api.call('message.list', { folder: 'Inbox', offset: 0, limit: 200 })));
      last.push(await timed(() => host.api.call('message.list', { folder: 'Inbox', offset: total - 200, limit: 200 })));
      memory.push(await residentMb(host.child.pid));
    } finally {
      await host.stop();
    }
  }
  const row = (what: string, values: readonly number[], unit: string, digits: number): string =>
    `  ${what.padEnd(44)} ${median(values).toFixed(digits).padStart(8)} ${unit}  (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`;
  return [
    `Open a profile of ${total} messages in one folder (median of ${rounds}; aim: under 1 s, main process under 250 MB)`,
    row('from the start of the process to the list', opened, 's', 2),
    row('the first page once more', again, 'ms', 1),
    row('the last page', last, 'ms', 1),
    row('memory of the main process then', memory, 'MB', 0),
  ].join('\n');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
