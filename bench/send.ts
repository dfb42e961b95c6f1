import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { blackHole, refusingPort } from './dead-servers.ts';
import { type Contender, median, race, type Timing, table } from './measure.ts';
import { startSink } from './sink.ts';
import { smallMessage } from './small-message.ts';

const run = promisify(execFile);

const Printed = z.object({ seconds: z.number(), firstSeconds: z.number().optional() });

/**
 * A script of this folder in a process of its own, which times itself: starting it is no part of the work. What Node
 * compiled in an earlier run is kept in COMPILED for the next, as the app and the command keep theirs in the profile.
 */
async function timed(compiled: string, script: string, ...args: (string | number)[]): Promise<z.infer<typeof Printed>> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, script), ...args.map(String)], {
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  return Printed.parse(JSON.parse(stdout));
}

function nodemailerPool(port: number, count: number, { compiled }: Folders): Contender {
  return {
    name: 'nodemailer pool of 5, no queue',
    async run() {
      return { did: `${count} sent`, ...(await timed(compiled, 'send-with-nodemailer.ts', port, count)) };
    },
  };
}

function smtpSource(port: number, count: number): Contender {
  return {
    name: 'smtp-source, 5 sessions (the limit)',
    async run() {
      await run('/usr/sbin/smtp-source', ['-s', '5', '-m', String(count), '-d', `127.0.0.1:${port}`]);
      return { did: `${count} sent` };
    },
  };
}

function msmtp(port: number, count: number): Contender {
  return {
    name: 'msmtp, one process each',
    async run() {
      for (let index = 0; index < count; index += 1) {
        const args = [
          '--host=127.0.0.1',
          `--port=${port}`,
          '--tls=off',
          '--auth=off',
          '--from=bench@example.org',
          'sink@example.net',
        ];
        const child = run('/usr/bin/msmtp', args);
        child.child.stdin?.end(smallMessage(index));
        await child;
      }
      return { did: `${count} sent` };
    },
  };
}

interface Folders {
  /** Of compiled code. */
  readonly compiled: string;
  makeProfile(): Promise<string>;
  removeAll(): Promise<void>;
}

/** All are removed in the end: a file system goes slower for a while where many files were removed. */
async function makeFolders(): Promise<Folders> {
  const made: string[] = [];
  const make = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'postrider-bench-'));
    made.push(folder);
    return folder;
  };
  return {
    compiled: await make(),
    makeProfile: make,
    async removeAll() {
      for (const folder of made) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Once around uncounted, for the compiled code; then the race. */
async function raceCompiled(contenders: readonly Contender[], rounds: number): Promise<Timing[]> {
  await race(contenders, 1);
  return race(contenders, rounds);
}

/** Ours: a whole core; every message is durably in the Outbox and the ledger before its first byte leaves, and in Sent in the end. */
function postrider(port: number, count: number, folders: Folders): Contender {
  return {
    name: 'postrider, each durably queued first',
    async run() {
      const profile = await folders.makeProfile();
      return {
        did: `${count} sent`,
        ...(await timed(folders.compiled, 'send-with-postrider.ts', profile, port, count)),
      };
    },
  };
}

/** The promises alone, in one thread, with no mail client around them: what is left for the rest is the difference to ours. */
function bare(port: number, count: number, folders: Folders): Contender {
  return {
    name: 'a bare script that writes, syncs and records as much',
    async run() {
      const profile = await folders.makeProfile();
      return { did: `${count} sent`, ...(await timed(folders.compiled, 'send-bare.ts', profile, port, count)) };
    },
  };
}

/** The row “send 1,000 small messages to a sink”. */
export async function benchSend({
  rounds,
  count,
  withMsmtp,
}: {
  rounds: number;
  count: number;
  withMsmtp: boolean;
}): Promise<string> {
  const sink = await startSink();
  const own = await makeFolders();
  try {
    const contenders = [
      nodemailerPool(sink.port, count, own),
      postrider(sink.port, count, own),
      bare(sink.port, count, own),
      smtpSource(sink.port, count),
    ];
    const timings = await raceCompiled(contenders, rounds);
    if (withMsmtp) timings.push(...(await race([msmtp(sink.port, count)], 1)));
    return table(`Send ${count} small messages to a sink, each peer in a process of its own`, timings);
  } finally {
    sink.stop();
    await own.removeAll();
  }
}

/**
 * The row “1,000 messages with two dead servers ahead of the good one”: one refuses connections, one never answers. Whole
 * and first message, each as a ratio or difference to the good server alone in the same round.
 */
export async function benchSendDead({ rounds, count }: { rounds: number; count: number }): Promise<string> {
  const sink = await startSink();
  const hole = await blackHole();
  const own = await makeFolders();
  const first: { alone: number[]; behind: number[] } = { alone: [], behind: [] };
  try {
    const contender = (name: string, dead: readonly number[], firsts: number[]): Contender => ({
      name,
      async run() {
        const profile = await own.makeProfile();
        const printed = await timed(own.compiled, 'send-with-postrider.ts', profile, sink.port, count, ...dead);
        firsts.push(printed.firstSeconds ?? Number.NaN);
        return { did: `${count} sent`, seconds: printed.seconds };
      },
    });
    const timings = await raceCompiled(
      [
        contender('the good server alone', [], first.alone),
        contender('behind a refusing one and a black hole', [await refusingPort(), hole.port], first.behind),
      ],
      rounds,
    );
    // Without the uncounted round.
    const [alone, behind] = [first.alone.slice(1), first.behind.slice(1)];
    const more = behind.map((seconds, round) => seconds - (alone[round] ?? Number.NaN));
    const extra = `  the first message: ${median(alone).toFixed(2)} s alone, ${median(more).toFixed(2)} s more behind the dead ones (aim: at most 1.5; the ratio above: at most 1.1)`;
    return `${table(`Send ${count} small messages with two dead servers ahead of the good one`, timings)}\n${extra}`;
  } finally {
    sink.stop();
    hole.stop();
    await own.removeAll();
  }
}
