import { endpointName } from '#shared/mail/endpoint.ts';
import type { Kick } from '#shared/mail/outgoing-server.ts';
import { MailError } from '#shared/mail-error.ts';
import { createAttemptLog } from '../attempt-log.ts';
import { reachEndpoint } from '../reach-endpoint.ts';
import { effectiveTimeouts } from '../timeouts.ts';
import type { KickContext } from './ask-server.ts';
import { done, type KickEnd } from './kick-end.ts';
import { createWire } from './wire.ts';

const answerMs = 10_000;
const answerOctets = 4096;

/**
 * Connects to a port that starts something there, and says one line, as finger does (RFC 1288). No answer is an answer.
 * Throws `StageFailure` when nobody is there.
 */
export async function pullTrigger(
  kick: Extract<Kick, { kind: 'trigger-port' }>,
  context: KickContext,
  options: { answerMs: number } = { answerMs },
): Promise<KickEnd> {
  const { server, signal, report, transcript } = context;
  const host = kick.host ?? server.endpoints[0]?.host;
  if (host === undefined) throw new MailError('EINVALID', `${server.label} has no host. Enter the one to connect to.`);
  const place = { host, port: kick.port };
  const name = endpointName(place);
  const log = createAttemptLog({ server, endpoint: place, startedAt: context.now() });
  report('connecting');
  const { connectMs } = effectiveTimeouts(server.timeouts, false);
  const socket = await reachEndpoint(server, place, { timeoutMs: connectMs, signal, log });
  const wire = createWire(socket, name, signal);
  try {
    wire.write(`${kick.line}\r\n`);
    transcript.push(`C: ${kick.line}`);
    report('waiting for an answer');
    const answer = await readAnswer(wire.takeSome, options.answerMs);
    signal.throwIfAborted();
    for (const line of answer.split(/\r\n|\r|\n/)) if (line !== '') transcript.push(`S: ${line}`);
    const words = answer.replace(/\s+/g, ' ').trim().slice(0, 200);
    return done(words === '' ? `${name} was reached; it said nothing.` : `${name} was reached. It said: ${words}`);
  } finally {
    wire.destroy();
  }
}

async function readAnswer(takeSome: (timeoutMs: number) => Promise<Buffer | null>, mostMs: number): Promise<string> {
  const deadline = performance.now() + mostMs;
  const parts: Buffer[] = [];
  for (let octets = 0; octets < answerOctets; ) {
    // Silence and a broken connection end it: what was wanted is done by then.
    const part = await takeSome(deadline - performance.now()).catch(() => null);
    if (part === null) break;
    octets += part.length;
    parts.push(part);
  }
  const answer = Buffer.concat(parts).subarray(0, answerOctets).toString('utf8');
  return answer.replace(/[^\P{Cc}\r\n\t]/gu, '·');
}
