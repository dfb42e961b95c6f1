import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MailError } from '#shared/mail-error.ts';
import { seeded } from '../../cli/testing/seeded.ts';
import type { Clock } from '../ports.ts';
import { createReplyFramer, type Pop3Reply } from './pop3-framing.ts';
import { openPop3Session } from './pop3-session.ts';
import { type GeneratedReply, generatedReplies } from './testing/generated-replies.ts';
import { realClock } from './testing/maildrops.ts';
import { type ScriptedServer, scriptedServer } from './testing/scripted-server.ts';

const replies = generatedReplies(200, seeded(1939));

/** What is understood of the octets in these pieces; null unless it is exactly one reply, and nothing after it. */
function understood({ shape, wire }: GeneratedReply, cuts: readonly number[]): Pop3Reply | null {
  const found: Pop3Reply[] = [];
  const framer = createReplyFramer((reply) => found.push(reply));
  framer.expect({ shape });
  let from = 0;
  for (const cut of cuts) {
    if (found.length > 0 && from < wire.length) return null;
    framer.push(wire.subarray(from, cut));
    from = cut;
  }
  framer.push(wire.subarray(from));
  return found.length === 1 && !framer.isInsideReply() ? (found[0] ?? null) : null;
}

function isRight(reply: GeneratedReply, cuts: readonly number[]): boolean {
  const found = understood(reply, cuts);
  return found?.status === reply.status && found.text === reply.text && reply.body.equals(found.body);
}

describe('200 replies', () => {
  test('whole', () => {
    for (const reply of replies) {
      const { status, text, body } = understood(reply, []) ?? { status: null, text: '', body: new Uint8Array(0) };
      expect({ status, text, body: Buffer.from(body) }).toEqual({
        status: reply.status,
        text: reply.text,
        body: reply.body,
      });
    }
  });

  test('in two pieces, at every place, and byte by byte', () => {
    for (const reply of replies) {
      const places = [...reply.wire.keys()];
      for (const first of places) if (!isRight(reply, [first])) expect.unreachable(`${reply.wire} cut at ${first}`);
      if (!isRight(reply, places)) expect.unreachable(`${reply.wire} byte by byte`);
    }
  });

  test('in three pieces, at every two places', { timeout: 60_000 }, () => {
    for (const reply of replies) {
      for (let first = 0; first <= reply.wire.length; first += 1)
        for (let second = first; second <= reply.wire.length; second += 1)
          if (!isRight(reply, [first, second])) expect.unreachable(`${reply.wire} cut at ${first} and ${second}`);
    }
  });

  test('cut off at every octet: nothing is taken as whole', () => {
    for (const reply of replies) {
      for (const end of reply.wire.keys()) {
        const found: Pop3Reply[] = [];
        const framer = createReplyFramer((whole) => found.push(whole));
        framer.expect({ shape: reply.shape });
        framer.push(reply.wire.subarray(0, end));
        expect(found).toEqual([]);
      }
    }
  });
});

// Over real sockets: the message a line was lost in is an error, in time, and never a shorter message.
describe('the line is lost at every octet of a message', () => {
  const messages = replies.filter(({ shape, wire }) => shape === 'multi' && wire.length > 20).slice(0, 10);
  const ends = ['hangs up', 'resets', 'says nothing more'] as const;
  /** Nobody waits longer for a server that says nothing more; for signing in there is time, however busy the machine is. */
  const silentMs = 250;
  let server: ScriptedServer;
  /** How the next connections end: told by the user name they sign in with. */
  const plan = new Map<Socket, { reply: GeneratedReply; octets: number; end: (typeof ends)[number] }>();

  beforeAll(async () => {
    server = await scriptedServer('+OK ready\r\n', (line, socket) => {
      const [, message, octets, end] = /^USER (\d+)\.(\d+)\.(\d)$/.exec(line) ?? [];
      const reply = messages[Number(message)];
      const how = ends[Number(end)];
      if (reply !== undefined && how !== undefined) plan.set(socket, { reply, octets: Number(octets), end: how });
      if (line === 'CAPA') return '-ERR\r\n';
      return line.startsWith('RETR') ? loseLine(socket) : '+OK\r\n';
    });
  });
  afterAll(() => server.close());

  function loseLine(socket: Socket): string {
    const planned = plan.get(socket);
    if (planned === undefined) return '-ERR\r\n';
    const part = planned.reply.wire.subarray(0, planned.octets);
    socket.write(part, () => {
      if (planned.end === 'hangs up') socket.end();
      if (planned.end === 'resets') socket.resetAndDestroy();
    });
    return '';
  }

  async function outcome(message: number, octets: number, end: number): Promise<string> {
    const startedAt = performance.now();
    let isAsked = false;
    const after: Clock['after'] = (ms, run) =>
      realClock.after(isAsked && ends[end] === 'says nothing more' ? silentMs : ms, run);
    const session = await openPop3Session({
      endpoint: { host: '127.0.0.1', port: server.port, security: 'none' },
      credentials: { user: `${message}.${octets}.${end}`, secret: 'x', auth: 'user-pass' },
      clock: { ...realClock, after },
      signal: new AbortController().signal,
      timeouts: { connectMs: 20_000, tlsMs: 1000, greetingMs: 20_000, commandMs: 20_000 },
    });
    isAsked = true;
    try {
      const bytes = await session.retrieve({ messageNumber: 1, octets: 10 });
      return `took ${bytes.length} octets as the message`;
    } catch (error) {
      const isSoon = performance.now() - startedAt < 20_000;
      return `${error instanceof MailError ? error.code : error}${isSoon ? '' : ', too late'}`;
    } finally {
      session.close();
    }
  }

  test.each(
    ends.map((end, index) => ({
      end,
      index,
      codes: end === 'says nothing more' ? ['ETIMEOUT'] : ['ECLOSED', 'EUNREACHABLE'],
    })),
  )('the server $end', { timeout: 120_000 }, async ({ index, codes }) => {
    for (const [number, { wire }] of messages.entries()) {
      const outcomes = await Promise.all([...wire.keys()].map((octets) => outcome(number, octets, index)));
      for (const found of outcomes) expect(codes).toContain(found);
    }
  });
});
