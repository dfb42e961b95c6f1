import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Attempt, OutboxRecipient } from '#shared/mail/outbox.ts';
import { type DeliveryPorts, deliver, type Lesson } from '../deliver.ts';
import { createSessionPool } from '../session-pool.ts';
import { makeCredentials } from '../sign-in.ts';
import { type Script, type ScriptedSmtp, startScriptedSmtp } from './scripted-smtp.ts';
import { here, type serverAt } from './servers.ts';

const open: (() => Promise<void>)[] = [];

/** For `afterEach`: closes what the test opened. */
export async function closeAll(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}

/** For what a test opens besides. */
export function closeLater(close: () => Promise<void>): void {
  open.push(close);
}

export async function start(script: Script = {}): Promise<ScriptedSmtp> {
  const server = await startScriptedSmtp(script);
  open.push(() => server.close());
  return server;
}

/** A port nothing listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export const message = Buffer.from('From: a@a.example\r\nSubject: hi\r\n\r\nline\r\n.dot\r\n');

export function harness(secrets: Record<string, string> = {}) {
  const pool = createSessionPool();
  open.push(async () => pool.hangUp());
  const recipients = new Map<string, OutboxRecipient>();
  const lessons: Lesson[] = [];
  const attempts: Attempt[] = [];
  const dots: string[][] = [];
  const ports: { -readonly [K in keyof DeliveryPorts]: DeliveryPorts[K] } = {
    now: () => Date.now(),
    pool,
    ehloName: () => 'client.example',
    credentialsFor: async (server) =>
      makeCredentials(server.auth, secrets[server.id], () => () => Promise.resolve('token')),
    claim: () => true,
    beforeLastOctets: async (_server, mailboxes) => {
      dots.push([...mailboxes]);
    },
    settled: async (settled) => {
      for (const recipient of settled) recipients.set(recipient.mailbox, recipient);
    },
    attempted: (attempt) => attempts.push(attempt),
    learn: (lesson) => lessons.push(lesson),
  };
  const run = (
    servers: ReturnType<typeof serverAt>[],
    to: string[] = ['b@b.example'],
    more: { signal?: AbortSignal; bytes?: Buffer; isEightBit?: boolean } = {},
  ) =>
    deliver(
      {
        reversePath: 'a@a.example',
        recipients: to,
        bytes: more.bytes ?? message,
        isEightBit: more.isEightBit ?? false,
        envelopeId: 'x',
        plan: servers.flatMap((server) => server.endpoints.map((endpoint) => ({ server, endpoint, why: '' }))),
        locationId: here,
        signal: more.signal ?? new AbortController().signal,
      },
      ports,
    );
  return { run, recipients, lessons, attempts, dots, ports };
}

/**
 * An endpoint whose connections are never answered, like behind a firewall that drops: its backlog is full and nobody
 * accepts. Linux then ignores further SYNs.
 */
export async function blackHole(): Promise<{ host: string; port: number }> {
  const script =
    'import socket,sys,time\ns=socket.socket();s.bind(("127.0.0.1",0));s.listen(0)\nq=[]\n' +
    'for _ in range(4):\n c=socket.socket();c.setblocking(False)\n try:c.connect(s.getsockname())\n except BlockingIOError:pass\n q.append(c)\n' +
    'time.sleep(.05);print(s.getsockname()[1],flush=True);sys.stdin.read()';
  const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  closeLater(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const [line] = await once(child.stdout, 'data');
  return { host: '127.0.0.1', port: Number(String(line).trim()) };
}
