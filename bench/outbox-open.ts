import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { median } from './measure.ts';
import { startSink } from './sink.ts';

const run = promisify(execFile);
const Printed = z.object({
  firstSeconds: z.number(),
  listedSeconds: z.number(),
  items: z.number(),
  listOctets: z.number(),
});

/** The row “an outbox of 10,000 queued messages opens and starts sending within 2 s”. */
export async function benchOutboxOpen({ rounds, count }: { rounds: number; count: number }): Promise<string> {
  const sink = await startSink();
  const home = await mkdtemp(join(tmpdir(), 'postrider-bench-'));
  const script = (name: string): string => join(import.meta.dirname, name);
  try {
    const full = join(home, 'full');
    await run(process.execPath, [script('fill-outbox.ts'), full, String(sink.port), String(count)]);
    const printed: z.infer<typeof Printed>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const profileDir = join(home, String(round));
      await cp(full, profileDir, { recursive: true, preserveTimestamps: true });
      const { stdout } = await run(process.execPath, [script('open-outbox.ts'), profileDir]);
      printed.push(Printed.parse(JSON.parse(stdout)));
    }
    const row = (what: string, seconds: readonly number[]): string =>
      `  ${what.padEnd(44)} ${median(seconds).toFixed(2).padStart(8)} s  (${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)})`;
    const [last] = printed.slice(-1);
    return [
      `Open a profile with ${count} queued messages (median of ${rounds}; aim: the first taken within 2 s)`,
      row(
        'the first message taken by the server',
        printed.map(({ firstSeconds }) => firstSeconds),
      ),
      `${row(
        'the outbox listed',
        printed.map(({ listedSeconds }) => listedSeconds),
      )}  ${last?.items} items, ${last?.listOctets} octets`,
    ].join('\n');
  } finally {
    sink.stop();
    await rm(home, { recursive: true, force: true });
  }
}
