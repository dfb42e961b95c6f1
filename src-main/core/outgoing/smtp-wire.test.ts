import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createReplyReader, takeOver } from './smtp-wire.ts';

function read(chunks: readonly (string | Buffer)[]): { replies: string[]; isTooLong: boolean } {
  const replies: string[] = [];
  let isTooLong = false;
  const take = createReplyReader(
    (raw) => replies.push(raw),
    () => {
      isTooLong = true;
    },
  );
  for (const chunk of chunks) take(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return { replies, isTooLong };
}

/** A connection whose other end reads nothing, taken over when the library has done its part. */
async function connected() {
  const server = createServer((socket) => socket.on('error', () => undefined).pause()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  const socket = connect(address.port, '127.0.0.1');
  const [, taken] = await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
  const peer: unknown = taken[0];
  if (!(peer instanceof Socket)) throw new Error('Nobody came.');
  const destroyed: string[] = [];
  const destroy = (): void => {
    destroyed.push('by the guard');
    socket.destroy();
  };
  const guard = { name: 'a', isAlive: true, ended: undefined, extend() {}, ignoreAbort() {}, destroy };
  const wire = takeOver(socket, { ...guard, during: () => Promise.reject(new Error('It is over.')) });
  const close = (): void => {
    socket.destroy();
    peer.destroy();
    server.close();
  };
  return { wire, socket, peer, destroyed, close };
}

describe('a full connection', () => {
  it('has room again when the other end reads on', async () => {
    const { wire, peer, close } = await connected();
    while (wire.write(Buffer.alloc(1024 * 1024)));
    const drained = wire.drained();
    peer.resume();
    await drained;
    close();
  });

  it('is not waited for once it is gone, before or while', async () => {
    const { wire, socket, close } = await connected();
    while (wire.write(Buffer.alloc(1024 * 1024)));
    const waiting = wire.drained();
    socket.destroy();
    await waiting;
    // Asked only now: nothing will ever happen on it again.
    await wire.drained();
    expect([socket.listenerCount('drain'), socket.listenerCount('close')]).toEqual([0, 0]);
    close();
  });
});

describe('what nobody waits for', () => {
  it('ends the connection', async () => {
    const { wire, socket, peer, destroyed, close } = await connected();
    wire.onReply = undefined;
    peer.write('250 unasked\r\n');
    await once(socket, 'close');
    expect(destroyed).toEqual(['by the guard']);
    close();
  });
});

describe('replies', () => {
  it('are the same however they are cut', () => {
    const said = '250-first\r\n250 last\r\n354 go on\r\n\r\n421\r\n250 bare\n550 5.1.1 nobody\r\n';
    const replies = ['250-first\n250 last', '354 go on', '421', '250 bare', '550 5.1.1 nobody'];
    for (let octets = 1; octets <= said.length; octets += 1) {
      const chunks = said.match(new RegExp(`[^]{1,${octets}}`, 'g')) ?? [];
      expect(read(chunks)).toEqual({ replies, isTooLong: false });
    }
  });

  it('are none before their last line has ended', () => {
    expect(read(['250-first\r\n250 la']).replies).toEqual([]);
    expect(read(['250 take']).replies).toEqual([]);
  });

  it('are UTF-8, and otherwise octet by octet', () => {
    const word = Buffer.from('550 für\r\n');
    expect(read([word.subarray(0, 6), word.subarray(6)]).replies).toEqual(['550 für']);
    expect(read([Buffer.from('550 f\xfcr\r\n', 'latin1')]).replies).toEqual(['550 für']);
  });

  it('without an end are given up, in one line or many', () => {
    expect(read(Array.from({ length: 70 }, () => 'x'.repeat(1000))).isTooLong).toBe(true);
    expect(read(Array.from({ length: 7000 }, () => '250-more\r\n')).isTooLong).toBe(true);
    // Many short ones are no long one.
    expect(read(Array.from({ length: 7000 }, () => '250 more\r\n'))).toMatchObject({ isTooLong: false });
  });
});
