import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { listening } from './ground.ts';
import { type Contender, race, table } from './measure.ts';
import { smallMessage } from './small-message.ts';

const run = promisify(execFile);

/** Postfix's own sink: it takes whatever comes and keeps nothing. */
async function startSink(): Promise<{ port: number; stop(): void }> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child: ChildProcess = spawn('/usr/sbin/smtp-sink', [...user, `127.0.0.1:${port}`, '200'], { stdio: 'ignore' });
  await listening(port);
  return { port, stop: () => child.kill() };
}

function nodemailerPool(port: number, count: number): Contender {
  return {
    name: 'nodemailer pool of 5, no queue',
    async run() {
      const transport = createTransport({
        host: '127.0.0.1',
        port,
        pool: true,
        maxConnections: 5,
        maxMessages: Infinity,
        ignoreTLS: true,
      });
      await Promise.all(
        Array.from({ length: count }, (_, index) =>
          transport.sendMail({
            envelope: { from: 'bench@example.org', to: ['sink@example.net'] },
            raw: smallMessage(index),
          }),
        ),
      );
      transport.close();
      return { did: `${count} sent` };
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

/** Ours: a whole core; every message is durably in the Outbox and the ledger before its first byte leaves. */
function postrider(port: number, count: number): Contender {
  return {
    name: 'postrider, each durably queued first',
    async run() {
      const profileDir = await mkdtemp(join(tmpdir(), 'postrider-bench-'));
      const script = join(import.meta.dirname, 'send-with-postrider.ts');
      const { stdout } = await run(process.execPath, [script, profileDir, String(port), String(count)]);
      await rm(profileDir, { recursive: true, force: true });
      const seconds = Number(stdout.trim());
      return { did: `${count} sent`, seconds };
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
  try {
    const contenders = [nodemailerPool(sink.port, count), postrider(sink.port, count), smtpSource(sink.port, count)];
    const timings = await race(contenders, rounds);
    if (withMsmtp) timings.push(...(await race([msmtp(sink.port, count)], 1)));
    return table(`Send ${count} small messages to a sink`, timings);
  } finally {
    sink.stop();
  }
}
