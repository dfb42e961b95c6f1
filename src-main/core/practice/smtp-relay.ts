import { createServer, type Server, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerAddress, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { PracticeFaults } from '#shared/mail/setup.ts';
import type { Log } from '../ports.ts';

export type RelayFault = PracticeFaults['first'];

export interface RelayedMessage {
  readonly reversePath: string;
  readonly forwardPaths: string[];
  readonly bytes: Uint8Array;
}

export interface PracticeRelay {
  readonly port: number;
  fault(): RelayFault;
  setFault(fault: RelayFault): Promise<void>;
  close(): Promise<void>;
}

export interface RelayOptions {
  readonly name: string;
  /** 0: any free one. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly fault: RelayFault;
  readonly log: Log;
  readonly onMessage: (message: RelayedMessage) => Promise<void>;
}

const host = '127.0.0.1';
const slowReplyMs = 1500;
const sizeLimitOctets = 10_000;

interface Running {
  readonly server: Server;
  close(): Promise<void>;
}

/** An outgoing server on loopback by `smtp-server`, with faults to switch on. A new fault takes a new server on the same port. */
export async function createPracticeRelay(options: RelayOptions): Promise<PracticeRelay> {
  let fault = options.fault;
  let port = options.port;
  let running: Running | null = null;
  let change: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    // A port that must stay shut is found all the same, by opening it for a moment.
    const next = fault === 'black-hole' || fault === 'port-closed' ? createBlackHole() : createRelay(options, fault);
    port = await listenOn(next.server, port);
    running = next;
    if (fault !== 'port-closed') return;
    await next.close();
    running = null;
  }

  await run();
  return {
    get port() {
      return port;
    },
    fault: () => fault,
    setFault(next) {
      change = change.then(async () => {
        if (next === fault) return;
        await running?.close();
        running = null;
        fault = next;
        await run();
      });
      return change;
    },
    async close() {
      await change;
      await running?.close();
      running = null;
    },
  };
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(address === null || typeof address === 'string' ? port : address.port);
    });
  });
}

function createBlackHole(): Running {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  return { server, close: () => stop(server, sockets) };
}

function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function createRelay(options: RelayOptions, fault: RelayFault): Running {
  const sockets = new Set<Socket>();
  const wait = (then: () => void) => {
    if (fault === 'slow') setTimeout(then, slowReplyMs).unref();
    else then();
  };
  const hangUp = ({ remotePort }: SMTPServerSession) => {
    for (const socket of sockets) if (socket.remotePort === remotePort) socket.destroy();
  };
  const smtp = new SMTPServer({
    name: 'practice.postrider.test',
    banner: options.name,
    logger: false,
    disableReverseLookup: true,
    authOptional: true,
    allowInsecureAuth: true,
    authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5'],
    hidePIPELINING: false,
    disabledCommands: fault === 'starttls-missing' ? ['STARTTLS'] : [],
    size: fault === 'size-limit' ? sizeLimitOctets : 50_000_000,
    closeTimeout: 100,
    onConnect: (_session, callback) =>
      wait(() => callback(fault === 'busy-421' ? reply(421, '4.3.2 Too busy just now, try again later') : null)),
    onAuth(auth, _session, callback) {
      const isRight =
        auth.username === options.user &&
        (auth.method === 'PLAIN' || auth.method === 'LOGIN'
          ? auth.password === options.password
          : auth.validatePassword(options.password));
      if (isRight && fault !== 'wrong-password') return callback(null, { user: options.user });
      callback(reply(535, '5.7.8 Authentication failed: wrong user name or password'));
    },
    onMailFrom: (address, session, callback) => wait(() => callback(objection(fault, address, session))),
    onRcptTo: (_address, _session, callback) => wait(() => callback(null)),
    onData(stream, session, callback) {
      takeData(stream, session, options).then(
        () => {
          // The message was taken; only the answer never comes. What the client knows is that it does not know.
          if (fault === 'drops-after-final-dot') hangUp(session);
          else callback(null, '2.0.0 Accepted for practice');
        },
        (error: unknown) => callback(error instanceof Error ? error : reply(451, '4.3.0 The practice server failed')),
      );
    },
  });
  smtp.on('error', (error) => options.log.warn('A practice relay lost a connection.', { reason: error.message }));
  smtp.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return { server: smtp.server, close: () => stop(smtp.server, sockets) };
}

function objection(fault: RelayFault, { address }: SMTPServerAddress, session: SMTPServerSession): Error | null {
  if (fault === 'refuses-sender') return reply(550, `5.7.1 relaying denied for <${address}> from this network`);
  if (fault === 'wrong-password' && session.user === undefined) return reply(530, '5.7.0 Authentication required');
  return null;
}

async function takeData(
  stream: SMTPServerDataStream,
  { envelope }: SMTPServerSession,
  options: RelayOptions,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of stream) if (Buffer.isBuffer(part)) parts.push(part);
  if (stream.sizeExceeded) throw reply(552, `5.3.4 Message is larger than ${sizeLimitOctets} octets`);
  await options.onMessage({
    reversePath: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
    forwardPaths: envelope.rcptTo.map(({ address }) => address),
    bytes: new Uint8Array(Buffer.concat(parts)),
  });
}

function reply(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
