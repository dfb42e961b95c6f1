import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Timeouts } from '#shared/mail/outgoing-server.ts';
import { blackHole, closeAll, closeLater, harness, message, start } from './testing/delivery-harness.ts';
import type { Script } from './testing/scripted-smtp.ts';
import { serverAt } from './testing/servers.ts';
import { effectiveTimeouts } from './timeouts.ts';

afterEach(closeAll);

/** Every other limit is far away: only the one under test can end the wait. */
const far: Required<Timeouts> = {
  connectMs: 60_000,
  greetingMs: 60_000,
  commandMs: 60_000,
  dataMs: 60_000,
  finalDotMs: 60_000,
};
const shortMs = 250;

async function attemptAt(
  endpoint: number | { host?: string; port: number; security: string },
  field: keyof Timeouts,
  more: { bytes?: Buffer; server?: Record<string, unknown>; attempts?: number } = {},
) {
  const { run, attempts, recipients } = harness({ one: 'secret' });
  const timeouts = { ...far, [field]: shortMs };
  const began = performance.now();
  const end = await run([serverAt('one', [endpoint], { timeouts, ...more.server })], ['b@b.example'], more);
  const elapsedMs = performance.now() - began;
  expect(elapsedMs).toBeGreaterThanOrEqual(shortMs - 5);
  expect(elapsedMs).toBeLessThan(10_000);
  expect(attempts).toHaveLength(more.attempts ?? 1);
  return { attempt: attempts[0], recipient: recipients.get('b@b.example'), end };
}

describe('every limit that is set is kept', () => {
  it('connectMs', async () => {
    const { host, port } = await blackHole();
    const { attempt } = await attemptAt({ host, port, security: 'none' }, 'connectMs');
    expect(attempt).toMatchObject({ stage: 'connect', outcome: 'unreachable' });
    expect(attempt?.text).toContain('did not answer in time');
  });

  const waits: [field: keyof Timeouts, stage: string, script: Script, server?: Record<string, unknown>][] = [
    ['greetingMs', 'greeting', { greeting: 'silence' }],
    ['commandMs', 'ehlo', { ehlo: 'silence' }],
    ['commandMs', 'auth', { offers: ['AUTH PLAIN'], auth: 'silence' }, { auth: { method: 'plain', user: 'me' } }],
    ['commandMs', 'mail', { mail: 'silence' }],
    ['commandMs', 'rcpt', { rcpt: 'silence' }],
    ['dataMs', 'data', { data: 'silence' }],
  ];
  it.each(waits)('%s, waiting at %s', async (field, stage, script, server = {}) => {
    const { port } = await start(script);
    const { attempt, end } = await attemptAt(port, field, { server });
    expect(attempt).toMatchObject({ stage, outcome: 'unreachable' });
    expect(end.pending).toEqual(['b@b.example']);
  });

  it('commandMs, waiting at rcpt with all commands out, and once more one by one', async () => {
    const { port } = await start({ rcpt: 'silence', offers: ['PIPELINING'] });
    const { attempt, end } = await attemptAt(port, 'commandMs', { attempts: 2 });
    expect(attempt).toMatchObject({ stage: 'rcpt', outcome: 'unreachable' });
    expect(end.pending).toEqual(['b@b.example']);
  });

  it('commandMs, for a TLS handshake that does not come to pass', async () => {
    const { port } = await start({ greeting: 'silence' });
    const { attempt } = await attemptAt({ port, security: 'tls' }, 'commandMs');
    expect(attempt).toMatchObject({ stage: 'tls' });
    expect(attempt?.outcome).not.toBe('accepted');
  });

  it('dataMs, for a server that takes no more of the message', async () => {
    const { port } = await startStopping();
    const bytes = Buffer.concat([message, Buffer.alloc(40_000_000, 'x\r\n')]);
    const { attempt, recipient } = await attemptAt(port, 'dataMs', { bytes });
    expect(attempt).toMatchObject({ stage: 'data', outcome: 'unreachable' });
    // The end of it never left: nothing is uncertain.
    expect(recipient?.state).toBe('pending');
  });

  it('finalDotMs: then nobody knows', async () => {
    const { port } = await start({ finalDot: 'silence' });
    const { attempt, recipient } = await attemptAt(port, 'finalDotMs');
    expect(attempt).toMatchObject({ stage: 'final-dot', outcome: 'uncertain' });
    expect(recipient?.state).toBe('uncertain');
  });
});

/** Says yes to everything up to DATA, and reads nothing after that. */
async function startStopping(): Promise<{ port: number }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write('220 stopping.example\r\n');
    socket.on('data', (chunk) => {
      if (chunk.includes('DATA\r\n')) {
        socket.pause();
        socket.write('354 go on\r\n');
      } else socket.write('250 fine\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closeLater(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port };
}

describe('limits that are not set', () => {
  const minute = 60_000;

  it('are what RFC 5321 §4.5.3.2 asks for where no other server could take the message', () => {
    expect(effectiveTimeouts(undefined, false)).toEqual({
      connectMs: 10_000,
      greetingMs: 5 * minute,
      commandMs: 5 * minute,
      dataMs: 3 * minute,
      finalDotMs: 10 * minute,
    });
  });

  it('are shorter where one could, but never for the final dot', () => {
    const timeouts = effectiveTimeouts({ commandMs: 7 }, true);
    expect(timeouts).toMatchObject({ greetingMs: 8000, commandMs: 7, finalDotMs: 10 * minute });
  });
});
