import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Attempt, OutboxRecipient } from '#shared/mail/outbox.ts';
import { type DeliveryPorts, deliver, type Lesson } from './deliver.ts';
import { createSessionPool } from './session-pool.ts';
import { makeCredentials } from './sign-in.ts';
import { type Script, type ScriptedSmtp, startScriptedSmtp } from './testing/scripted-smtp.ts';
import { here, serverAt } from './testing/servers.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function start(script: Script = {}): Promise<ScriptedSmtp> {
  const server = await startScriptedSmtp(script);
  open.push(() => server.close());
  return server;
}

/** A port nothing listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const message = Buffer.from('From: a@a.example\r\nSubject: hi\r\n\r\nline\r\n.dot\r\n');

function harness(secrets: Record<string, string> = {}) {
  const pool = createSessionPool();
  open.push(async () => pool.hangUp());
  const recipients = new Map<string, OutboxRecipient>();
  const lessons: Lesson[] = [];
  const attempts: Attempt[] = [];
  const dots: string[][] = [];
  const ports: DeliveryPorts = {
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

describe('deliver', () => {
  it('hands a message to the first server, byte for byte', async () => {
    const server = await start({ offers: ['PIPELINING', '8BITMIME'] });
    const { run, recipients, attempts, dots } = harness();
    await run([serverAt('one', [server.port])]);
    expect(server.accepted.map(({ from, to, bytes }) => ({ from, to, text: bytes.toString() }))).toEqual([
      { from: 'a@a.example', to: ['b@b.example'], text: message.toString() },
    ]);
    expect(recipients.get('b@b.example')).toMatchObject({ state: 'accepted', replyCode: 250, serverId: 'one' });
    expect(dots).toEqual([['b@b.example']]);
    expect(attempts).toHaveLength(1);
    expect(attempts[0]).toMatchObject({ outcome: 'accepted', stage: 'final-dot', replyCode: 250 });
    expect(attempts[0]?.stages.map(({ stage, ok }) => `${stage} ${ok}`)).toEqual([
      'resolve true',
      'connect true',
      'greeting true',
      'ehlo true',
      'mail true',
      'rcpt true',
      'data true',
      'final-dot true',
    ]);
    expect(attempts[0]?.transcript).toContain('S: 220 scripted.example ESMTP');
    expect(attempts[0]?.transcript.join('\n')).not.toContain('220 ready');
  });

  it('goes on to the next server when nothing listens on the first', async () => {
    const server = await start();
    const { run, attempts, lessons } = harness();
    await run([serverAt('dead', [await closedPort()]), serverAt('good', [server.port])]);
    expect(attempts.map(({ serverId, outcome, stage }) => [serverId, outcome, stage])).toEqual([
      ['dead', 'unreachable', 'connect'],
      ['good', 'accepted', 'final-dot'],
    ]);
    expect(attempts[0]?.meaning).toBe('The server could not be reached; the next server is tried.');
    expect(lessons[0]).toMatchObject({ kind: 'refusal', remember: 'cool-down' });
  });
});
void connect;
