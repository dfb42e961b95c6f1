import { createServer, type Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { closeLater } from '../../testing/delivery-harness.ts';

/** The provider's side of one connection, as a dialogue written down in the test. */
export interface Talk {
  /** Lines, each with its CRLF. */
  say(...lines: string[]): void;
  /** Octets as they are. */
  raw(text: string | Buffer): void;
  /** The next line from the other side, without CRLF; null when it has hung up. */
  hear(): Promise<string | null>;
  /** The next reply (all its lines) from the other side, as its code and text. */
  hearReply(): Promise<string>;
  /** From here on encrypted. */
  startTls(context: SecureContext): void;
  hangUp(): void;
}

export interface Provider {
  readonly port: number;
  readonly connections: number;
  /** Every line heard, in order. */
  readonly heard: string[];
  /** What went wrong in the script itself. */
  readonly faults: unknown[];
  /** Resolves when every connection so far has ended. */
  ended(): Promise<void>;
}

/** A server on loopback that follows `script` on every connection. */
export async function startProvider(script: (talk: Talk, connection: number) => Promise<void>): Promise<Provider> {
  const sockets = new Set<Socket>();
  const running: Promise<void>[] = [];
  const state = { connections: 0, heard: [] as string[], faults: [] as unknown[] };
  const server = createServer({ noDelay: true }, (socket) => {
    state.connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const talk = makeTalk(socket, state.heard);
    const end = script(talk, state.connections)
      .catch((error: unknown) => void state.faults.push(error))
      .finally(() => socket.end());
    running.push(end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  closeLater(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return {
    port: address.port,
    get connections() {
      return state.connections;
    },
    heard: state.heard,
    faults: state.faults,
    ended: async () => {
      await Promise.all(running);
    },
  };
}

function makeTalk(plain: Socket, heard: string[]): Talk {
  let stream = plain;
  const lines: string[] = [];
  let rest = '';
  let isOver = false;
  let wake: () => void = () => undefined;
  const over = (): void => {
    isOver = true;
    wake();
  };
  const listen = (socket: Socket): void => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const parts = (rest + chunk.toString('utf8')).split('\r\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
      heard.push(...parts);
      wake();
    });
    socket.on('end', over).on('close', over);
  };
  listen(plain);

  async function hear(): Promise<string | null> {
    for (;;) {
      const line = lines.shift();
      if (line !== undefined) return line;
      if (isOver) return null;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return {
    say: (...said) => void stream.write(said.map((line) => `${line}\r\n`).join('')),
    raw: (text) => void stream.write(text),
    hear,
    async hearReply() {
      const own: string[] = [];
      for (;;) {
        const line = await hear();
        if (line === null) return [...own, '(hung up)'].join('\n');
        own.push(line);
        if (line.charAt(3) !== '-') return own.join('\n');
      }
    },
    startTls(context) {
      plain.removeAllListeners('data');
      stream = new TLSSocket(plain, { isServer: true, secureContext: context });
      listen(stream);
    },
    hangUp() {
      stream.end();
      plain.destroySoon();
    },
  };
}

/** Greets, answers EHLO with these keywords, takes a PLAIN sign-in when it is offered, and answers the command heard. */
export async function greetPolitely(talk: Talk, keywords: readonly string[] = ['AUTH PLAIN']): Promise<string> {
  talk.say('220 provider.example ready');
  await talk.hear();
  const lines = ['provider.example', ...keywords];
  talk.say(...lines.map((line, index) => `250${index === lines.length - 1 ? ' ' : '-'}${line}`));
  for (;;) {
    const line = await talk.hear();
    if (line === null || !line.startsWith('AUTH')) return line ?? '';
    talk.say('235 2.7.0 welcome');
  }
}
