import { describe, expect, test } from 'vitest';
import type { Clock } from '../ports.ts';
import { readCapabilities } from './pop3-capabilities.ts';
import { createServerMemory } from './server-memory.ts';
import { createCertificate } from './testing/certificates.ts';
import { collectOnce } from './testing/collect-once.ts';
import { accountAt, createMaildrop, message, realClock } from './testing/maildrops.ts';
import { createMemoryStore } from './testing/memory-store.ts';
import { scriptedServer } from './testing/scripted-server.ts';
import { serve } from './testing/served-maildrop.ts';

const hour = 60 * 60 * 1000;

describe('a poll asks what a server offers only now and then', () => {
  async function polled(options: Parameters<typeof serve>[1] = {}) {
    const server = await serve(createMaildrop([message('a')]), options);
    const [store, memory, begin] = [createMemoryStore(), createServerMemory(), Date.now()];
    return {
      server,
      /** How often CAPA was sent in a visit so much later. */
      async asked(laterMs: number, patch: Record<string, unknown> = {}): Promise<number> {
        const clock: Clock = { ...realClock, now: () => begin + laterMs };
        expect(await collectOnce(server, store, patch, { clock, memory })).toMatchObject({ left: 1, failed: [] });
        return server.sessions.at(-1)?.commands.filter((line) => line === 'CAPA').length ?? 0;
      },
    };
  }

  test('in clear: once a day, and when the clock was put back', async () => {
    const { asked } = await polled();
    expect(await asked(0)).toBe(1);
    expect(await asked(hour)).toBe(0);
    expect(await asked(23 * hour)).toBe(0);
    expect(await asked(24 * hour)).toBe(1);
    expect(await asked(47 * hour)).toBe(0);
    expect(await asked(0)).toBe(1);
  });

  test('with an APOP timestamp in the greeting, which is another one each time', async () => {
    const { asked } = await polled({ apop: true });
    expect(await asked(0)).toBe(1);
    expect(await asked(hour)).toBe(0);
  });

  test('what is offered only after signing in is remembered as well', async () => {
    const { asked } = await polled({ pipelining: false });
    expect(await asked(0)).toBe(2);
    expect(await asked(hour)).toBe(0);
  });

  test('after a failure it is asked anew', async () => {
    const { asked, server } = await polled();
    await asked(0);
    const memory = createServerMemory();
    const store = createMemoryStore();
    await collectOnce(server, store, {}, { memory });
    await server.setFault('wrong-password');
    expect(await collectOnce(server, store, {}, { memory })).toMatchObject({ error: { code: 'EAUTH' } });
    await server.setFault('none');
    await collectOnce(server, store, {}, { memory });
    expect(server.sessions.at(-1)?.commands).toContain('CAPA');
  });

  test('behind STARTTLS: before the handshake each time, after it once', async () => {
    const certificate = await createCertificate({ commonName: 'localhost', altNames: ['IP:127.0.0.1'] });
    const pinned = { security: 'starttls', pinnedCertificateSha256: certificate.sha256 };
    const { asked } = await polled({ stls: certificate });
    expect(await asked(0, pinned)).toBe(2);
    expect(await asked(hour, pinned)).toBe(1);
  });
});

const nothing = readCapabilities({ status: 'err', text: '', body: new Uint8Array() });
const offered = { before: nothing, after: nothing };

test('another certificate, or none, is another server', () => {
  const memory = createServerMemory();
  const at = accountAt(110);
  memory.note(at, { greeting: 'one', certificateSha256: 'aa' }, offered, 0);
  expect(memory.recall(at, { greeting: 'one', certificateSha256: 'aa' }, 1)).toBe(offered);
  expect(memory.recall(at, { greeting: 'one', certificateSha256: 'bb' }, 1)).toBeNull();
  expect(memory.recall(at, { greeting: 'one', certificateSha256: null }, 1)).toBeNull();
});

test.each([
  ['+OK one\r\n', false],
  ['+OK two\r\n', true],
])('known by the words “one”, a server that greets by %s: asked, %s', async (greeting, isAsked) => {
  const memory = createServerMemory();
  const server = await scriptedServer(greeting, (line) =>
    ['CAPA', 'LIST', 'UIDL'].includes(line) ? '+OK\r\n.\r\n' : '+OK\r\n',
  );
  memory.note(accountAt(server.port), { greeting: 'one', certificateSha256: null }, offered, Date.now());
  expect((await collectOnce(server, createMemoryStore(), {}, { memory })).error).toBeUndefined();
  expect(server.heard.includes('CAPA')).toBe(isAsked);
  await server.close();
});

describe('a sign-in that is refused where the server was not asked', () => {
  test.each([
    ['PLAIN', 'EAUTH'],
    ['XOAUTH2', 'ETRANSIENT'],
  ])('it offers %s now: told as %s, and the password went once', async (mechanism, code) => {
    const memory = createServerMemory();
    const capabilities = (offers: string): string => `+OK\r\nUIDL\r\nTOP\r\nPIPELINING\r\nSASL ${offers}\r\n.\r\n`;
    let [offers, isRefused] = ['PLAIN', false];
    const server = await scriptedServer('+OK one\r\n', (line) => {
      if (line === 'CAPA') return capabilities(offers);
      if (line.startsWith('AUTH')) return isRefused ? '-ERR\r\n' : '+OK\r\n';
      return ['LIST', 'UIDL'].includes(line) ? '+OK\r\n.\r\n' : '+OK\r\n';
    });
    const visit = () => collectOnce(server, createMemoryStore(), {}, { memory });
    expect((await visit()).error).toBeUndefined();
    [offers, isRefused] = [mechanism, true];
    server.heard.length = 0;
    expect((await visit()).error).toMatchObject({ code });
    expect(server.heard.map((line) => line.slice(0, 10))).toEqual(['AUTH PLAIN', 'CAPA']);
    await server.close();
  });
});
