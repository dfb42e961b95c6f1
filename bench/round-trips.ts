import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Dovecot, startDovecot } from '../src-main/core/incoming/testing/dovecot.ts';
import { freshFolder, type Maildrop, mpop, postrider, removeLeftovers } from './collectors.ts';
import { type Contender, race, table } from './measure.ts';
import { realisticMessage } from './realistic-mail.ts';
import { smallMessage } from './small-message.ts';

const run = promisify(execFile);
const hasMpop = existsSync('/usr/bin/mpop');

/** A script of this folder that goes on and speaks in lines. */
interface Companion {
  readonly child: ChildProcess;
  line(): Promise<string>;
  stop(): Promise<void>;
}

function companion(script: string, args: readonly (string | number)[]): Companion {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: Interface = createInterface({ input: child.stdout });
  const incoming = lines[Symbol.asyncIterator]();
  return {
    child,
    async line() {
      const { value, done } = await incoming.next();
      if (done === true) throw new Error(`${script} ended.`);
      return value;
    },
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** The maildrop, so far away. */
async function farAway(dovecot: Dovecot, roundTripMs: number): Promise<{ maildrop: Maildrop; stop(): Promise<void> }> {
  if (roundTripMs === 0) return { maildrop: dovecot, stop: async () => undefined };
  const proxy = companion('delaying-proxy.ts', [dovecot.port, roundTripMs]);
  return { maildrop: { host: '127.0.0.1', port: Number(await proxy.line()) }, stop: proxy.stop };
}

async function fill(dovecot: Dovecot, count: number, make: (index: number) => Uint8Array): Promise<number> {
  let octets = 0;
  for (let index = 0; index < count; index += 1) {
    const bytes = make(index);
    octets += bytes.length;
    await dovecot.deliver('anna', bytes, `${1_600_000_000 + index}.bench${index}.host`);
  }
  return octets;
}

/** The row “1,000 messages, 20 ms round trip”: the whole command of each. */
export async function benchRoundTrips(options: { rounds: number; count: number }): Promise<string> {
  const { rounds, count } = options;
  const dovecot = await startDovecot();
  const far = await farAway(dovecot, 20);
  try {
    const octets = await fill(dovecot, count, realisticMessage);
    const contenders: Contender[] = [postrider(far.maildrop, count)];
    if (hasMpop) contenders.push(mpop(far.maildrop, count));
    await race(contenders.slice(-1), 1);
    const timings = await race(contenders, rounds);
    return table(`Collect ${count} messages (${(octets / 1e6).toFixed(0)} MB) at 20 ms round trip`, timings);
  } finally {
    await far.stop();
    await dovecot.stop();
    await removeLeftovers();
  }
}

const Polled = z.object({ seconds: z.number(), came: z.literal(0), cpuSeconds: z.number() });

/** Inside an app that is running: its start is no part of the poll. */
async function runningApp(maildrop: Maildrop, count: number): Promise<{ contender: Contender; stop(): Promise<void> }> {
  const profileDir = await freshFolder('postrider-bench-');
  const app = companion('poll-with-postrider.ts', [profileDir, maildrop.port, count]);
  await app.line();
  const contender: Contender = {
    name: 'postrider, inside the running app',
    async run() {
      app.child.stdin?.write('poll\n');
      const { seconds, cpuSeconds } = Polled.parse(JSON.parse(await app.line()));
      return { seconds, did: `nothing new, ${(cpuSeconds * 1000).toFixed(0)} ms of processor` };
    },
  };
  return { contender, stop: app.stop };
}

/** mpop has fetched everything once; then each run finds nothing new. */
async function knowingMpop(maildrop: Maildrop, count: number): Promise<Contender> {
  const theirs = mpop(maildrop, count);
  await theirs.prepare?.();
  await theirs.run();
  return {
    name: 'mpop, its own process',
    async run() {
      await run('/usr/bin/mpop', ['-q', '-C', join(theirs.home(), 'mpoprc')]);
      return { did: 'nothing new' };
    },
  };
}

/** The row “poll with 10,000 known and nothing new”. */
export async function benchPoll(options: { rounds: number; count: number }): Promise<string> {
  const { rounds, count } = options;
  const dovecot = await startDovecot();
  const tables: string[] = [];
  try {
    await fill(dovecot, count, (index) => Buffer.from(smallMessage(index)));
    for (const roundTripMs of [0, 20]) {
      const far = await farAway(dovecot, roundTripMs);
      const app = await runningApp(far.maildrop, count);
      try {
        const contenders = [app.contender, ...(hasMpop ? [await knowingMpop(far.maildrop, count)] : [])];
        // The first poll of each warms it.
        await race(contenders, 1);
        const title = `Poll with ${count} known and nothing new, ${roundTripMs} ms round trip`;
        tables.push(table(title, await race(contenders, rounds)));
      } finally {
        await app.stop();
        await far.stop();
      }
    }
    return tables.join('\n');
  } finally {
    await dovecot.stop();
    await removeLeftovers();
  }
}
