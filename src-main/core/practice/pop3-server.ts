import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createPop3Dialogue } from './pop3-dialogue.ts';

/** One message lying in a practice maildrop. */
export interface PracticeMessage {
  readonly uniqueId: string;
  readonly bytes: Uint8Array;
  /** What LIST says, for servers that count wrongly. Default: the octets RETR sends. */
  readonly listedOctets?: number;
}

/** Where a practice server takes its mail from. A session sees what `messages` answered when it signed in. */
export interface PracticeMaildrop {
  messages(): readonly PracticeMessage[];
  /** At QUIT, once for a session that marked any: these go. */
  remove(uniqueIds: readonly string[]): void | Promise<void>;
}

/** What one session did; `deleted` is filled at QUIT only. */
export interface PracticeSession {
  readonly commands: string[];
  readonly retrieved: string[];
  readonly deleted: string[];
  hasQuit: boolean;
}

export type Pop3Fault =
  | 'none'
  | 'wrong-password'
  | 'port-closed'
  | 'black-hole'
  | 'stls-missing'
  | 'drops-in-the-middle'
  | 'slow';

export interface Pop3ServerOptions {
  readonly maildrop: PracticeMaildrop;
  readonly user: string;
  readonly password: string;
  /** 0 or missing: any free one. */
  readonly port?: number;
  readonly capa?: boolean;
  readonly uidl?: boolean;
  readonly top?: boolean;
  readonly pipelining?: boolean;
  /** A timestamp in the greeting. */
  readonly apop?: boolean;
  readonly sasl?: readonly string[];
  /** For XOAUTH2: the token that is taken. */
  readonly accessToken?: string;
  /** Offers STLS with this certificate. */
  readonly stls?: { readonly key: string; readonly cert: string };
  /** The round trip: every command is heard this much later. */
  readonly latencyMs?: number;
  /** Largest piece written at once; 0: as it comes. */
  readonly chunkOctets?: number;
  /** Hangs up after this many octets were sent in a session. */
  readonly dropAfterOctets?: number;
  /** Answers in the server's place: a whole reply, or null to let it answer itself. */
  readonly intercept?: (line: string, session: PracticeSession) => string | null;
}

export interface Pop3Server {
  readonly host: string;
  readonly port: number;
  readonly sessions: readonly PracticeSession[];
  fault(): Pop3Fault;
  /** Holds from the next connection on; open ones are cut. */
  setFault(fault: Pop3Fault): Promise<void>;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const slowReplyMs = 700;

/** A POP3 server on loopback for practice, tests and benchmarks, with faults to switch on. */
export async function createPop3Server(options: Pop3ServerOptions): Promise<Pop3Server> {
  const sessions: PracticeSession[] = [];
  const sockets = new Set<Socket>();
  let fault: Pop3Fault = 'none';
  let isLocked = false;
  const server = createServer({ noDelay: true }, welcome);
  await listen(server, options.port ?? 0);
  const port = portOf(server);

  function welcome(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    if (fault === 'black-hole') return;
    const session: PracticeSession = { commands: [], retrieved: [], deleted: [], hasQuit: false };
    sessions.push(session);
    const timestamp = `<${randomBytes(8).toString('hex')}@practice.postrider.test>`;
    let holdsLock = false;
    socket.on('close', () => {
      if (holdsLock) isLocked = false;
    });
    const lock = (): boolean => {
      if (isLocked) return false;
      isLocked = true;
      holdsLock = true;
      return true;
    };
    const delayMs = (options.latencyMs ?? 0) + (fault === 'slow' ? slowReplyMs : 0);
    const out = createOutput(socket, options);
    const dialogue = createPop3Dialogue({
      options,
      session,
      timestamp,
      fault,
      lock,
      write: out.write,
      hangUp: () => out.end(),
      startTls: () => out.secure(speak),
    });
    function speak(on: Socket): void {
      let rest = '';
      on.on('data', (chunk: Buffer) => {
        rest += chunk.toString('latin1');
        const lines = rest.split('\r\n');
        rest = lines.pop() ?? '';
        const answer = async () => {
          for (const line of lines) await dialogue.take(Buffer.from(line, 'latin1').toString('utf8'));
        };
        afterDelay(delayMs, () => out.inOrder(answer));
      });
    }
    speak(socket);
    afterDelay(delayMs, () => out.inOrder(async () => dialogue.greet()));
  }

  return {
    host,
    port,
    sessions,
    fault: () => fault,
    async setFault(next) {
      if (next === fault) return;
      fault = next;
      for (const socket of sockets) socket.destroy();
      if (next === 'port-closed') await stop(server);
      else if (!server.listening) await listen(server, port);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await stop(server);
    },
  };
}

function afterDelay(delayMs: number, run: () => void): void {
  if (delayMs === 0) run();
  else setTimeout(run, delayMs).unref();
}

/** Writes in order, in pieces of the size asked for, and drops the line where it was told to. */
function createOutput(first: Socket, options: Pop3ServerOptions) {
  let socket = first;
  let sentOctets = 0;
  let turn: Promise<void> = Promise.resolve();

  function put(octets: Uint8Array): void {
    if (socket.destroyed) return;
    const allowed = (options.dropAfterOctets ?? Number.POSITIVE_INFINITY) - sentOctets;
    const part = octets.subarray(0, Math.max(0, Math.min(octets.length, allowed)));
    sentOctets += part.length;
    if (part.length > 0) socket.write(part);
    if (octets.length > allowed) socket.end();
  }

  return {
    write(reply: Uint8Array): void {
      const step = options.chunkOctets ?? 0;
      if (step <= 0) put(reply);
      else for (let at = 0; at < reply.length; at += step) put(reply.subarray(at, at + step));
    },
    inOrder(work: () => Promise<void>): void {
      turn = turn.then(work).catch(() => {
        socket.destroy();
      });
    },
    end: () => void socket.end(),
    secure(speak: (on: Socket) => void): void {
      socket.removeAllListeners('data');
      const { TLSSocket } = process.getBuiltinModule('node:tls');
      const secured = new TLSSocket(socket, { isServer: true, key: options.stls?.key, cert: options.stls?.cert });
      secured.on('error', () => secured.destroy());
      socket = secured;
      speak(secured);
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The practice server does not listen.');
  return address.port;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

export function apopDigest(timestamp: string, password: string): string {
  return createHash('md5').update(timestamp).update(password, 'utf8').digest('hex');
}
