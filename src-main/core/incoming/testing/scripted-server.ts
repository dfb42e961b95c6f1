import { createServer, type Server, type Socket } from 'node:net';

export interface ScriptedServer {
  readonly port: number;
  /** Everything clients sent, in order. */
  readonly heard: string[];
  close(): Promise<void>;
}

/** A server that says `greeting` on connecting and answers each line by `answer`; a null answer hangs up. `onClient`: told of each. */
export async function scriptedServer(
  greeting: string | null,
  answer: (line: string, socket: Socket) => string | null = () => '',
  onClient: () => void = () => undefined,
): Promise<ScriptedServer> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    onClient();
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    if (greeting === null) {
      socket.end();
      return;
    }
    if (greeting !== '') socket.write(Buffer.from(greeting, 'latin1'));
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        heard.push(line);
        const reply = answer(line, socket);
        if (reply === null) socket.end();
        else if (reply !== '' && socket.writable) socket.write(Buffer.from(reply, 'latin1'));
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: address === null || typeof address === 'string' ? 0 : address.port,
    heard,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
