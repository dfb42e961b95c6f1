import type { Endpoint } from '#shared/mail/endpoint.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import { MailError } from '#shared/mail-error.ts';
import { type AttemptLog, createAttemptLog } from '../attempt-log.ts';
import { classifyFailure } from '../classify-reply.ts';
import { type Met, meeting } from '../diagnosis/place-guard.ts';
import { ehloNameFor } from '../ehlo-name.ts';
import { greet } from '../greet.ts';
import { reachEndpoint } from '../reach-endpoint.ts';
import type { Credentials } from '../sign-in.ts';
import type { SmtpReply } from '../smtp-reply.ts';
import { noReply, StageFailure, stopped } from '../stage-failure.ts';
import { effectiveTimeouts, tlsHandshakeMs } from '../timeouts.ts';
import { beginDialogue, createDialogue, type Dialogue } from './dialogue.ts';
import { createWire } from './wire.ts';

/** What every kick is given. */
export interface KickContext {
  readonly server: OutgoingServer;
  /** Looks at who answers before anything is said to it. Throws `StageFailure` (EINTERCEPTED) to leave. */
  meet(endpoint: Endpoint, met: Met): Promise<string | undefined>;
  /** Throws `StageFailure` at `auth` when they are missing. */
  credentials(): Promise<Credentials>;
  now(): number;
  readonly signal: AbortSignal;
  report(phase: string, done?: number): void;
  /** What was said so far, at this endpoint and at those before it. */
  readonly transcript: string[];
}

/** A server that is ready for the command: greeted, as secure as declared, signed in. */
export interface Asked {
  readonly dialogue: Dialogue;
  readonly endpoint: Endpoint;
  readonly ehloName: string;
  readonly log: AttemptLog;
  /** The roles have turned: it is no longer for us to say QUIT. */
  turn(): void;
}

/** RFC 1985, RFC 2645: not known here; another port of the same server may know it. */
const unknownCommand: ReadonlySet<number> = new Set([421, 500, 502]);

/**
 * Gives a command to the first endpoint that can be reached and knows it, and answers the reply. `onReply` goes on with
 * the open connection before it is closed. Throws `StageFailure`, or `MailError` when the dialogue breaks off.
 */
export async function askServer(
  context: KickContext,
  chosen: Endpoint | undefined,
  command: string,
  onReply: (reply: SmtpReply, asked: Asked) => Promise<void> = async () => undefined,
): Promise<SmtpReply> {
  const { server, signal } = context;
  const endpoints = chosen === undefined ? server.endpoints : [chosen];
  if (endpoints.length === 0) {
    throw new MailError('EINVALID', `${server.label} has no host and port to ask. Add them, or another kind of kick.`);
  }
  for (const [index, endpoint] of endpoints.entries()) {
    const isLast = index === endpoints.length - 1;
    const log = createAttemptLog({ server, endpoint, startedAt: context.now() });
    try {
      const reply = await askEndpoint(context, endpoint, log, command, onReply);
      if (isLast || !unknownCommand.has(reply.replyCode)) return reply;
    } catch (error) {
      if (signal.aborted) throw stopped(log.stage, signal);
      if (isLast || !mayTryNext(error)) throw error;
    } finally {
      context.transcript.push(...log.transcript());
    }
  }
  throw noReply('connect', 'EUNREACHABLE', `${server.label} could not be reached.`);
}

/** The reply table decides: never the password a second time, nothing more where it was not secure. */
function mayTryNext(error: unknown): boolean {
  if (error instanceof StageFailure) {
    return classifyFailure(error.stage, error.failure, false).next === 'next-endpoint';
  }
  return false;
}

async function askEndpoint(
  { server, credentials, meet, signal, report }: KickContext,
  endpoint: Endpoint,
  log: AttemptLog,
  command: string,
  onReply: (reply: SmtpReply, asked: Asked) => Promise<void>,
): Promise<SmtpReply> {
  const timeouts = effectiveTimeouts(server.timeouts, true);
  report('connecting');
  const socket = await reachEndpoint(server, endpoint, { timeoutMs: timeouts.connectMs, signal, log });
  const ehloName = ehloNameFor(server, socket);
  const tlsMs = Math.min(tlsHandshakeMs, timeouts.commandMs);
  const greeted = await greet(socket, endpoint, { ...timeouts, tlsMs, ehloName, log, signal });
  const wire = createWire(greeted.socket, endpoint.host, signal);
  let isTurned = false;
  const turn = (): void => {
    isTurned = true;
  };
  try {
    const dialogue = createDialogue(wire, endpoint.host, log, timeouts.commandMs);
    const kept = await credentials();
    const remoteAddress = server.proxy === undefined ? socket.remoteAddress : undefined;
    await beginDialogue(dialogue, {
      ehloName,
      host: endpoint.host,
      credentials: kept,
      log,
      signal,
      meet: (capabilities) => meet(endpoint, meeting(greeted, capabilities, remoteAddress, signal)),
    });
    log.enter('mail');
    report('asking');
    const reply = await dialogue.say(command);
    await onReply(reply, { dialogue, endpoint, ehloName, log, turn });
    return reply;
  } finally {
    // A courtesy: nobody waits for the answer.
    if (!isTurned) wire.write('QUIT\r\n');
    wire.end();
    setTimeout(() => wire.destroy(), goodbyeMs).unref();
  }
}

const goodbyeMs = 1000;
