import { createServer, type Server, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { converse, type Remembered } from './scripted-dialogue.ts';

/** Raw octets, and then the connection ends: in order, by a reset, or not at all and nothing more is said. */
export interface Torn {
  readonly torn: string;
  readonly end: 'drop' | 'reset' | 'silence';
}

/** What a scripted server says at a step: a reply (lines without CRLF), or a fault. */
export type Line = string | readonly string[] | 'drop' | 'silence' | 'half' | Torn;

/** What the server says at each step; everything left out is polite. */
export interface Script {
  greeting?: Line;
  ehlo?: Line;
  /** As to EHLO unless said otherwise. */
  helo?: Line;
  /** To AUTH CRAM-MD5, in place of a challenge. */
  challenge?: Line;
  /** Extensions announced by a polite EHLO. */
  offers?: readonly string[];
  starttls?: Line;
  /** Octets sent in clear right behind the reply to STARTTLS. */
  injectAfterStartTls?: string;
  auth?: Line;
  mail?: Line | ((reversePath: string) => Line);
  /** By mailbox, or for all. */
  rcpt?: string | readonly string[] | Record<string, Line> | ((mailbox: string) => Line);
  data?: Line | ((envelope: Omit<TakenMessage, 'bytes'>) => Line);
  /** Once the whole message is in. */
  finalDot?: Line | ((message: TakenMessage) => Line);
  /** How long it thinks about a whole message. */
  finalDotDelayMs?: () => number;
  /** It answers a whole message when this is over. */
  finalDotAfter?: Promise<void>;
  /** After this many octets of the message, before the final dot. */
  duringData?: { octets: number; say: Line };
  rset?: Line;
  /** Of commands that come in one piece only so many are read and the rest is lost; or the connection ends at once. */
  takesTogether?: number | 'drop';
  /** Present: TLS from the first octet, or by STARTTLS when `offers` has it. */
  secureContext?: SecureContext;
  implicitTls?: boolean;
}

export interface TakenMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly bytes: Buffer;
}

/** A mail server on loopback that follows a script and remembers everything. */
export interface ScriptedSmtp {
  readonly port: number;
  /** Change it between connections or in the middle. */
  script: Script;
  /** Whole messages received up to the final dot, whatever was answered then. */
  readonly messages: TakenMessage[];
  /** Those answered with 2yz. */
  readonly accepted: TakenMessage[];
  /** Every command line of every connection. */
  readonly commands: string[];
  /** Every octet that came in clear. */
  readonly clear: Buffer[];
  readonly connections: number;
  /** Resolves when the condition holds; looked at after every event here. */
  until(condition: () => boolean): Promise<void>;
  /** Breaks every open connection. */
  dropAll(): void;
  close(): Promise<void>;
}

/** Starts one; close it in the end. */
export async function startScriptedSmtp(script: Script = {}): Promise<ScriptedSmtp> {
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  const state: Remembered & { connections: number } = {
    script,
    messages: [],
    accepted: [],
    commands: [],
    clear: [],
    connections: 0,
  };
  const tell = (): void => {
    for (const look of [...waiting]) look();
  };
  const server: Server = createServer({ noDelay: true }, (socket) => {
    state.connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      tell();
    });
    converse(socket, state, tell);
    tell();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The scripted server has no port.');
  const { port } = address;
  return {
    port,
    get script() {
      return state.script;
    },
    set script(next) {
      state.script = next;
    },
    messages: state.messages,
    accepted: state.accepted,
    commands: state.commands,
    clear: state.clear,
    get connections() {
      return state.connections;
    },
    until(condition) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (): void => {
        if (!condition()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      return promise;
    },
    dropAll() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
