import { type ChildProcess, spawn } from 'node:child_process';
import { listening } from './ground.ts';

/** Postfix's own sink: it takes whatever comes and keeps nothing. */
export async function startSink(): Promise<{ port: number; stop(): void }> {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child: ChildProcess = spawn('/usr/sbin/smtp-sink', [...user, `127.0.0.1:${port}`, '200'], { stdio: 'ignore' });
  await listening(port);
  return { port, stop: () => child.kill() };
}
