import { createServer, type Server, type Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/** Octets in pieces, each in a segment of its own. */
export type Pieces = string | readonly string[];

/** What the server, or somebody in its place or on the way, does; everything left out is as it should be. */
export interface Trick {
  readonly greeting?: Pieces;
  readonly ehlo?: Pieces;
  readonly startTls?: Pieces;
  /** After the reply to STARTTLS, or at once on a port with TLS from the start. */
  readonly next?: 'tls' | 'clear' | 'drop' | 'reset' | 'silence' | { readonly octets: Buffer };
  readonly context?: SecureContext;
  /** The reply inside TLS to the first command that begins so is torn off in the middle. */
  readonly tornAt?: string;
  /** How TLS ends then: in order (close_notify), or the connection just breaks. */
  readonly tornBy?: 'close-notify' | 'reset';
  /** What EHLO answers inside TLS. */
  readonly inside?: string;
}

/** A server on loopback that does a trick and keeps every octet that came to it in clear, and every line inside TLS. */
export interface HostileSmtp {
  readonly port: number;
  readonly clear: () => Buffer;
  readonly inside: string[];
  close(): Promise<void>;
}

export const politeEhlo = '250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n';
/** Nothing of what is offered in clear is offered here. */
const insideEhlo = '250-mail.example\r\n250-SIZE 1000000\r\n250 AUTH LOGIN\r\n';

export async function startHostileSmtp(trick: Trick, security: 'tls' | 'starttls'): Promise<HostileSmtp> {
  const sockets = new Set<Socket>();
  const heard: Heard = { clear: [], inside: [], isImplicit: security === 'tls' };
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    if (!heard.isImplicit) converseInClear(socket, trick, heard);
    else say(socket, trick.greeting ?? [], () => follow(socket, trick, heard));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The hostile server has no port.');
  return {
    port: address.port,
    clear: () => Buffer.concat(heard.clear),
    inside: heard.inside,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Heard {
  readonly clear: Buffer[];
  readonly inside: string[];
  readonly isImplicit: boolean;
}

/** Each piece is on its way before the next is begun. */
function say(socket: Socket, pieces: Pieces, done: () => void = () => undefined): void {
  const [first, ...rest] = typeof pieces === 'string' ? [pieces] : pieces;
  if (first === undefined) done();
  else socket.write(Buffer.from(first, 'latin1'), () => setImmediate(() => say(socket, rest, done)));
}

function converseInClear(socket: Socket, trick: Trick, heard: Heard): void {
  let received = '';
  let isTempting = false;
  const onData = (chunk: Buffer): void => {
    heard.clear.push(chunk);
    received += chunk.toString('latin1');
    for (let end = received.indexOf('\n'); end >= 0; end = received.indexOf('\n')) {
      const line = received.slice(0, end).trim();
      received = received.slice(end + 1);
      if (/^EHLO/i.test(line)) say(socket, trick.ehlo ?? politeEhlo);
      else if (/^STARTTLS/i.test(line) && !isTempting) {
        isTempting = true;
        if (trick.next !== 'clear') socket.off('data', onData);
        say(socket, trick.startTls ?? '220 2.0.0 go ahead\r\n', () => {
          if (!isRefusal(trick.startTls)) follow(socket, trick, heard);
          else socket.on('data', onData);
        });
      } else say(socket, tempting(line));
    }
  };
  socket.on('data', onData);
  say(socket, trick.greeting ?? '220 mail.example ESMTP\r\n');
}

function isRefusal(startTls: Pieces | undefined): boolean {
  const text = typeof startTls === 'string' ? startTls : (startTls ?? []).join('');
  return startTls !== undefined && !text.startsWith('2');
}

/** Everything is welcome, in clear. */
function tempting(line: string): string {
  if (/^DATA/i.test(line)) return '354 go on\r\n';
  return /^AUTH/i.test(line) ? '235 2.7.0 welcome\r\n' : '250 2.0.0 fine\r\n';
}

function follow(socket: Socket, trick: Trick, heard: Heard): void {
  const { next = 'tls' } = trick;
  if (typeof next === 'object') {
    socket.on('data', (chunk: Buffer) => heard.clear.push(chunk));
    socket.write(next.octets);
    return;
  }
  switch (next) {
    case 'tls':
      speakInside(socket, trick, heard);
      break;
    case 'drop':
      socket.end();
      break;
    case 'reset':
      socket.resetAndDestroy();
      break;
    default:
      // In clear the listener goes on tempting; in silence whatever comes is only kept.
      if (next === 'silence') socket.on('data', (chunk: Buffer) => heard.clear.push(chunk));
  }
}

function speakInside(plain: Socket, trick: Trick, heard: Heard): void {
  const { context: secureContext } = trick;
  const secure = new TLSSocket(plain, { isServer: true, ...(secureContext === undefined ? {} : { secureContext }) });
  secure.on('error', () => undefined);
  let received = '';
  let mode: 'command' | 'user' | 'password' | 'data' = 'command';
  const answer = (line: string, reply: string): void => {
    if (trick.tornAt === undefined || !line.startsWith(trick.tornAt)) {
      secure.write(reply);
      return;
    }
    secure.write(reply.slice(0, 6), () => {
      if (trick.tornBy === 'reset') plain.resetAndDestroy();
      else secure.end();
    });
  };
  secure.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    for (let end = received.indexOf('\r\n'); end >= 0; end = received.indexOf('\r\n')) {
      const line = received.slice(0, end);
      received = received.slice(end + 2);
      heard.inside.push(line);
      if (mode === 'data') {
        if (line === '.') {
          mode = 'command';
          answer('DOT', '250 2.0.0 taken\r\n');
        }
      } else if (mode === 'user') {
        mode = 'password';
        secure.write('334 UGFzc3dvcmQ6\r\n');
      } else if (mode === 'password') {
        mode = 'command';
        answer('PASSWORD', '235 2.7.0 welcome\r\n');
      } else if (line.startsWith('AUTH')) {
        mode = 'user';
        answer('AUTH', '334 VXNlcm5hbWU6\r\n');
      } else if (line.startsWith('DATA')) {
        mode = 'data';
        answer(line, '354 go on\r\n');
      } else answer(line, line.startsWith('EHLO') ? (trick.inside ?? insideEhlo) : '250 2.0.0 fine\r\n');
    }
  });
  if (heard.isImplicit) answer('GREETING', '220 mail.example ESMTP\r\n');
}
