import { connect, createServer, type Socket } from 'node:net';

/** What a scripted proxy does; everything left out is polite. */
export interface SocksScript {
  /** Asks for this user name and password (RFC 1929). */
  signIn?: { user: string; password: string };
  /** The method it chooses whatever was offered. */
  method?: number;
  /** The reply to every request, instead of connecting. */
  reply?: number;
  /** Where names lead that only the proxy knows. */
  hosts?: Record<string, number>;
  /** The answer comes together with the greeting of the endpoint. */
  inOnePacket?: boolean;
  /** Each octet in a packet of its own. */
  dribble?: boolean;
  /** The type of its own address in the reply. */
  boundAs?: 'ipv4' | 'ipv6' | 'name';
  /** Says this at once, and nothing else. */
  instead?: Buffer;
  /** Goes away, or goes quiet, when this many octets of ours have come. */
  after?: { octets: number; do: 'drop' | 'silence' };
}

/** A SOCKS5 proxy on loopback that follows a script and remembers what it was asked. */
export interface ScriptedSocks {
  readonly port: number;
  readonly script: SocksScript;
  /** `TYPE host:port` of every request, TYPE being `name`, `ipv4` or `ipv6`. */
  readonly requests: string[];
  readonly signIns: string[];
  readonly connections: number;
  close(): Promise<void>;
}

const bound = {
  ipv4: Buffer.from([1, 127, 0, 0, 1, 0, 9]),
  ipv6: Buffer.from([4, ...new Array<number>(15).fill(0), 1, 0, 9]),
  name: Buffer.from([3, 5, ...Buffer.from('proxy'), 0, 9]),
} as const;

export async function startScriptedSocks(script: SocksScript = {}): Promise<ScriptedSocks> {
  const requests: string[] = [];
  const signIns: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    keep(socket, sockets);
    serve(socket, script, { requests, signIns, sockets }).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The scripted proxy has no port.');
  return {
    port: address.port,
    script,
    requests,
    signIns,
    get connections() {
      return connections;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Told {
  readonly requests: string[];
  readonly signIns: string[];
  readonly sockets: Set<Socket>;
}

function keep(socket: Socket, sockets: Set<Socket>): void {
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.once('close', () => sockets.delete(socket));
}

async function serve(socket: Socket, script: SocksScript, told: Told): Promise<void> {
  if (script.instead !== undefined) {
    socket.write(script.instead);
    return;
  }
  const take = reading(socket, script);
  const say = (octets: Uint8Array): void => {
    if (script.dribble === true) for (const octet of octets) socket.write(Buffer.from([octet]));
    else socket.write(octets);
  };
  const [, count = 0] = await take(2);
  const offered = [...(await take(count))];
  const method = script.method ?? (script.signIn === undefined ? 0 : offered.includes(2) ? 2 : 0xff);
  say(Buffer.from([5, method]));
  if (method === 0xff) return;
  if (method === 2 && !(await signIn(take, say, script, told))) {
    socket.end();
    return;
  }
  const { type, host, port } = await readRequest(take);
  told.requests.push(`${type} ${host}:${port}`);
  if (script.reply !== undefined && script.reply !== 0) {
    say(Buffer.concat([Buffer.from([5, script.reply, 0]), bound.ipv4]));
    socket.end();
    return;
  }
  const target = connect(script.hosts?.[host] ?? port, '127.0.0.1');
  keep(target, told.sockets);
  target.once('connect', () => {
    const answer = Buffer.concat([Buffer.from([5, 0, 0]), bound[script.boundAs ?? 'ipv4']]);
    const join = (greeting: Buffer): void => {
      say(Buffer.concat([answer, greeting]));
      target.pipe(socket);
      socket.pipe(target);
    };
    if (script.inOnePacket === true) target.once('data', join);
    else join(Buffer.alloc(0));
  });
  target.once('error', () => socket.end(Buffer.concat([Buffer.from([5, 5, 0]), bound.ipv4])));
}

type Take = (count: number) => Promise<Buffer>;

async function signIn(take: Take, say: (octets: Uint8Array) => void, script: SocksScript, told: Told) {
  const user = String(await take((await take(2))[1] ?? 0));
  const password = String(await take((await take(1))[0] ?? 0));
  told.signIns.push(`${user}:${password}`);
  const isRight = user === script.signIn?.user && password === script.signIn.password;
  say(Buffer.from([1, isRight ? 0 : 1]));
  return isRight;
}

async function readRequest(take: Take): Promise<{ type: string; host: string; port: number }> {
  const [, , , kind] = await take(4);
  const type = kind === 3 ? 'name' : kind === 4 ? 'ipv6' : 'ipv4';
  const octets = await take(kind === 3 ? ((await take(1))[0] ?? 0) : kind === 4 ? 16 : 4);
  const host = kind === 3 ? octets.toString() : kind === 4 ? octets.toString('hex') : [...octets].join('.');
  return { type, host, port: (await take(2)).readUInt16BE() };
}

/** Takes octets as they are wanted; what is left stays in the socket. */
function reading(socket: Socket, script: SocksScript): Take {
  let octets = 0;
  return async (count) => {
    for (;;) {
      const ready: unknown = count === 0 ? Buffer.alloc(0) : socket.read(count);
      if (Buffer.isBuffer(ready)) {
        octets += count;
        if (script.after !== undefined && octets >= script.after.octets) {
          if (script.after.do === 'drop') socket.destroy();
          await new Promise<never>(() => undefined);
        }
        return ready;
      }
      await new Promise<void>((resolve) => socket.once('readable', resolve));
    }
  };
}
