import { describe, expect, it } from 'vitest';
import { createTransportPair, type Transport } from '#shared/rpc/transport.ts';
import { NoSessionError } from './browser-host.ts';
import { createConnection } from './connection.ts';
import type { ConnectionState } from './host.ts';

/** The other side: answers every `job.list` with nothing. */
function serve(transport: Transport): void {
  transport.onMessage((frame) => {
    if (typeof frame === 'object' && frame !== null && 'id' in frame)
      transport.send({ kind: 'result', id: frame.id, result: [] });
  });
}

function openPair(): { near: Transport; far: Transport } {
  const [near, far] = createTransportPair();
  serve(far);
  return { near, far };
}

/** Settles when the connection has come to a state. */
function reached(connection: ReturnType<typeof createConnection>, kind: ConnectionState['kind']): Promise<void> {
  return new Promise((settle) => {
    connection.watch((state) => {
      if (state.kind === kind) settle();
    });
  });
}

describe('createConnection', () => {
  it('lets calls made before it is open wait for it', async () => {
    let open: (transport: Transport) => void = () => undefined;
    const connection = createConnection({ connect: () => new Promise((settle) => (open = settle)) });
    const answer = connection.api.call('job.list', {});
    open(openPair().near);
    expect(await answer).toEqual([]);
    connection.api.close();
  });

  it('comes back after a break and listens to events anew', async () => {
    const pairs: { near: Transport; far: Transport }[] = [];
    const connection = createConnection({
      connect: () => {
        const pair = openPair();
        pairs.push(pair);
        return Promise.resolve(pair.near);
      },
    });
    await connection.api.call('job.list', {});
    const seen: string[] = [];
    const told = new Promise<void>((settle) => {
      connection.api.on('outbox.removed', ({ outboxId }) => {
        seen.push(outboxId);
        settle();
      });
    });
    pairs[0]?.far.close();
    await reached(connection, 'reconnecting');
    connection.retryNow();
    expect(await connection.api.call('job.list', {})).toEqual([]);
    pairs[1]?.far.send({ kind: 'event', name: 'outbox.removed', payload: { outboxId: 'o1' } });
    await told;
    expect(seen).toEqual(['o1']);
    connection.api.close();
  });

  it('gives up when the page has no right to connect, and says so to whoever waits', async () => {
    const connection = createConnection({ connect: () => Promise.reject(new NoSessionError('No session.')) });
    const answer = connection.api.call('job.list', {});
    await expect(answer).rejects.toMatchObject({ code: 'ECLOSED' });
    await reached(connection, 'lost');
    await expect(connection.api.call('job.list', {})).rejects.toMatchObject({ code: 'ECLOSED' });
  });
});
