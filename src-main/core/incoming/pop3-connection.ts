import type { Socket } from 'node:net';
import { MailError } from '#shared/mail-error.ts';
import { dial, type PlainReader } from './dial.ts';
import { closedError, socketError, timeoutError } from './pop3-errors.ts';
import { createReplyFramer, type Pop3Reply, type ReplyFramer, type ReplyShape } from './pop3-framing.ts';
import { type ConnectOptions, encrypt, reasonOf, settled } from './pop3-reach.ts';
import type { CertificateFacts } from './pop3-trust.ts';

export interface Command {
  /** Without CRLF. */
  readonly line: string;
  /** How the line stands in the transcript and in errors, for lines that hold a secret. */
  readonly shownAs?: string;
  readonly shape?: ReplyShape;
  readonly sizeHintOctets?: number;
  readonly maxOctets?: number;
  /** Told of octets as they come in while this is the reply that is due. */
  readonly onOctets?: (octets: number) => void;
}

export interface Pop3Connection {
  readonly isEncrypted: boolean;
  readonly certificate: CertificateFacts | null;
  /** Waits for the reply to come that nobody asked for: the greeting. */
  greeting(): Promise<Pop3Reply>;
  /** Asks what the server offers, unless that went out as soon as it greeted. */
  capabilities(): Promise<Pop3Reply>;
  /** Sends a command when its turn comes; replies come in the order of the commands. */
  send(command: Command): Promise<Pop3Reply>;
  /** What became of commands that were sent before the one ahead of them was answered. Said once the connection is over. */
  lostTogether(): LostTogether;
  /** How many commands, and how many octets of announced replies, may be under way at once. */
  setWindow(window: Window): void;
  /** The handshake after a `+OK` to STLS (RFC 2595 §4). */
  startTls(): Promise<void>;
  /** Hangs up at once; whatever is under way fails with `reason`, or with ECANCELLED. */
  close(reason?: MailError): void;
}

/**
 * `all`: of the commands sent together none was answered, but perhaps the first; `some`: the others were not answered in
 * time. `nothing`: none was due, or the connection ended while answers were coming, which it may for any reason.
 */
export type LostTogether = 'nothing' | 'all' | 'some';

export interface Window {
  readonly commands: number;
  readonly octets: number;
}

interface Waiting {
  readonly command: Command;
  /** It went out before this was asked for. */
  readonly isOut: boolean;
  /** Sent before the one ahead of it was answered. */
  isTogether?: boolean;
  readonly resolve: (reply: Pop3Reply) => void;
  readonly reject: (error: MailError) => void;
}

/** RFC 2449 §6.8: a pipelining client must not fill the server's receive window; commands are short, this is far below it. */
const oneAtATime: Window = { commands: 1, octets: Number.POSITIVE_INFINITY };

const capabilitiesCommand: Command = { line: 'CAPA', shape: 'multi' };

/**
 * Until one of the commands sent together was answered, the next reply is due this soon after the first. A server that is
 * slower is asked again one by one, with all the patience there is.
 */
const nextReplyMs = 20_000;

/** Connects (with TLS from the first octet where the endpoint says so). Throws `MailError`. */
export async function connectPop3(options: ConnectOptions): Promise<Pop3Connection> {
  options.signal.throwIfAborted();
  const { socket: tcp, plain } = options.dialled?.take(options.endpoint) ?? dial(options.endpoint);
  if (tcp.connecting) await settled(tcp, 'connect', 'connect', options.timeouts.connectMs, options);
  options.onStage?.('connected');
  if (plain !== null) return createConnection(tcp, null, plain, options);
  const { socket, certificate } = await encrypt(tcp, options);
  options.onStage?.('encrypted');
  return createConnection(socket, certificate, null, options);
}

/** Owns the socket: the queue of commands, their deadlines, and the framing of what comes back. */
function createConnection(
  first: Socket,
  facts: CertificateFacts | null,
  clear: PlainReader | null,
  options: ConnectOptions,
): Pop3Connection {
  const { endpoint, clock, signal, timeouts } = options;
  let socket = first;
  /** Until the connection is encrypted. */
  let plain = clear;
  let certificate = facts;
  let isEncrypted = facts !== null || endpoint.security === 'tls';
  let framer: ReplyFramer = createReplyFramer(takeReply);
  let window = oneAtATime;
  let failure: MailError | null = null;
  let willDrain = false;
  const queued: Waiting[] = [];
  const sent: Waiting[] = [];
  let octetsUnderWay = 0;
  let cancelDeadline: (() => void) | null = null;
  let hasProgressed = false;
  /** Since nothing was due, an answer has come or begun to a command sent before the one ahead of it was answered. */
  let isAnsweringTogether = false;
  let lost: LostTogether = 'nothing';
  let askedAhead: Promise<Pop3Reply> | null = null;

  function takeReply(reply: Pop3Reply): void {
    const waiting = sent.shift();
    if (waiting === undefined) return;
    octetsUnderWay -= waiting.command.sizeHintOctets ?? 0;
    options.onLine?.(`S: ${shownReply(reply)}`);
    hasProgressed = true;
    isAnsweringTogether = sent.length > 0 && (isAnsweringTogether || waiting.isTogether === true);
    if (sent.length === 0) stopDeadline();
    else if (!isAnsweringTogether && sent[0]?.isTogether === true) {
      stopDeadline();
      startDeadline(Math.min(timeouts.commandMs, nextReplyMs));
    }
    waiting.resolve(reply);
    drainSoon();
  }

  function fail(error: MailError): void {
    if (failure !== null) return;
    failure = error;
    lost = howLost(error);
    stopDeadline();
    signal.removeEventListener('abort', abort);
    socket.destroy();
    for (const waiting of [...sent.splice(0), ...queued.splice(0)]) waiting.reject(error);
  }

  function howLost({ code }: MailError): LostTogether {
    const isLoss = code === 'ETIMEOUT' || code === 'ECLOSED';
    if (!isLoss || !sent.some(({ isTogether }) => isTogether === true)) return 'nothing';
    if (!isAnsweringTogether) return 'all';
    return code === 'ETIMEOUT' ? 'some' : 'nothing';
  }

  function abort(): void {
    fail(reasonOf(signal));
  }

  function stopDeadline(): void {
    cancelDeadline?.();
    cancelDeadline = null;
  }

  /** One timer for the reply that is due; whatever arrives while it runs grants it a full time again. */
  function startDeadline(timeoutMs: number): void {
    hasProgressed = false;
    cancelDeadline = clock.after(timeoutMs, () => {
      cancelDeadline = null;
      if (sent.length === 0) return;
      if (hasProgressed) startDeadline(timeoutMs);
      else fail(timeoutError(endpoint, verbOf(sent[0]?.command)));
    });
  }

  function drain(): void {
    if (failure !== null) return;
    let lines = '';
    for (let next = queued[0]; next !== undefined && fits(next.command); next = queued[0]) {
      queued.shift();
      lines += underWay(next);
    }
    if (lines !== '') socket.write(lines);
  }

  /** Commands given in one go leave in one packet. */
  function drainSoon(): void {
    if (willDrain) return;
    willDrain = true;
    queueMicrotask(() => {
      willDrain = false;
      drain();
    });
  }

  function fits(command: Command): boolean {
    if (sent.length === 0) return true;
    return sent.length < window.commands && octetsUnderWay + (command.sizeHintOctets ?? 0) <= window.octets;
  }

  function underWay(waiting: Waiting): string {
    const { command } = waiting;
    waiting.isTogether = sent.length > 0;
    sent.push(waiting);
    octetsUnderWay += command.sizeHintOctets ?? 0;
    framer.expect({
      shape: command.shape ?? 'single',
      sizeHintOctets: command.sizeHintOctets,
      maxOctets: command.maxOctets,
    });
    if (cancelDeadline === null) startDeadline(timeouts.commandMs);
    options.onLine?.(`C: ${command.shownAs ?? command.line}`);
    return waiting.isOut ? '' : `${command.line}\r\n`;
  }

  function takeChunk(chunk: Buffer): void {
    // A body that keeps coming is progress; a single line that trickles in is not.
    const due = sent[0]?.command;
    if (due?.shape === 'multi') hasProgressed = true;
    due?.onOctets?.(chunk.length);
    try {
      framer.push(chunk);
      isAnsweringTogether ||= sent[0]?.isTogether === true && framer.isInsideReply();
    } catch (error) {
      fail(error instanceof MailError ? error : socketError(error, endpoint));
    }
  }

  const takeOwnChunk = (chunk: Buffer): void => {
    takeChunk(chunk);
    letGo(chunk);
  };

  const takeError = (error: Error) => fail(socketError(error, endpoint));
  const takeEnd = () => fail(closedError(endpoint, verbOf(sent[0]?.command)));

  function attach(): void {
    if (plain === null) socket.on('data', takeOwnChunk);
    else plain.listen(takeChunk);
    socket.on('error', takeError);
    socket.on('end', takeEnd);
    socket.on('close', takeEnd);
  }

  function detach(): void {
    socket.off('data', takeOwnChunk);
    plain?.listen(null);
    socket.off('error', takeError);
    socket.off('end', takeEnd);
    socket.off('close', takeEnd);
  }

  function enqueue(command: Command, isOut = false): Promise<Pop3Reply> {
    return new Promise((resolve, reject) => {
      if (failure !== null) return reject(failure);
      if (/[\r\n\0]/.test(command.line))
        return reject(new MailError('EINVALID', 'User names and passwords cannot hold line breaks.'));
      queued.push({ command, isOut, resolve, reject });
      drainSoon();
    });
  }

  /** The answer may lie right behind the greeting. */
  function expectAsked(): void {
    if (plain?.takeAsked() !== true) return;
    askedAhead = enqueue(capabilitiesCommand, true);
    // Told to whoever asks.
    askedAhead.catch(() => undefined);
    drain();
  }

  signal.addEventListener('abort', abort, { once: true });
  attach();
  return {
    get isEncrypted() {
      return isEncrypted;
    },
    get certificate() {
      return certificate;
    },
    greeting() {
      return new Promise((resolve, reject) => {
        if (failure !== null) return reject(failure);
        const greeted = (reply: Pop3Reply): void => {
          expectAsked();
          resolve(reply);
        };
        sent.push({ command: { line: 'greeting' }, isOut: true, resolve: greeted, reject });
        framer.expect({ shape: 'single' });
        startDeadline(timeouts.greetingMs);
      });
    },
    capabilities() {
      const asked = askedAhead ?? enqueue(capabilitiesCommand);
      askedAhead = null;
      return asked;
    },
    send: (command) => enqueue(command),
    lostTogether: () => lost,
    setWindow(next) {
      window = next;
      drain();
    },
    async startTls() {
      if (failure !== null) throw failure;
      detach();
      // Nothing received before TLS is parsed after it: what stood behind the `+OK` was refused by the framer, and a
      // half reply in it makes this a failure too.
      if (framer.isInsideReply())
        throw new MailError('EPROTOCOL', 'The server sent more than it should before the encryption began.');
      try {
        const secured = await encrypt(socket, options);
        socket = secured.socket;
        plain = null;
        certificate = secured.certificate;
        isEncrypted = true;
        framer = createReplyFramer(takeReply);
        attach();
        options.onStage?.('encrypted');
      } catch (error) {
        const problem = socketError(error, endpoint);
        fail(problem);
        throw problem;
      }
    },
    close(reason) {
      fail(reason ?? new MailError('ECANCELLED', 'The connection was closed.'));
    },
  };
}

/**
 * Frees what was read at once: the collector of garbage counts such memory and would run a hundred times a gigabyte. Only
 * what is a buffer of its own; a part of Node's pool is somebody else's too.
 */
function letGo(chunk: Buffer): void {
  const { buffer } = chunk;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.length) buffer.transfer(0);
}

function verbOf(command: Command | undefined): string {
  return (command?.line ?? '').split(' ', 1)[0] ?? '';
}

function shownReply(reply: Pop3Reply): string {
  const word = reply.status === 'ok' ? '+OK' : reply.status === 'err' ? '-ERR' : '+';
  const size = reply.body.length > 0 ? ` (${reply.body.length} octets)` : '';
  return `${word} ${reply.text}`.trimEnd() + size;
}
