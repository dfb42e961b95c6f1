import { connect, createServer, type Socket } from 'node:net';

/** A box in the middle of the way to a server of this machine. */
export interface LosingBox {
  readonly port: number;
  readonly connections: number;
  /** The longest row of commands that came in one piece, in the newest connection. */
  readonly mostTogether: number;
  close(): Promise<void>;
}

/** Of commands that come in one piece it hands on so many and loses the rest, or ends the connection. */
export async function startLosingBox(
  to: number,
  loses: { after: number; by: 'silence' | 'hanging-up' },
): Promise<LosingBox> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let mostTogether = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer({ noDelay: true }, (client) => {
    connections += 1;
    mostTogether = 0;
    const inner = connect({ host: '127.0.0.1', port: to, noDelay: true });
    keep(client);
    keep(inner);
    inner.pipe(client);
    client.on('close', () => inner.destroy());
    client.on('data', (chunk: Buffer) => {
      const lines = chunk.toString('latin1').split('\r\n').slice(0, -1);
      mostTogether = Math.max(mostTogether, lines.length);
      if (lines.length <= Math.max(1, loses.after)) inner.write(chunk);
      else if (loses.by === 'hanging-up') client.destroy();
      else
        inner.write(
          lines
            .slice(0, loses.after)
            .map((line) => `${line}\r\n`)
            .join(''),
        );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The box has no port.');
  return {
    port: address.port,
    get connections() {
      return connections;
    },
    get mostTogether() {
      return mostTogether;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
