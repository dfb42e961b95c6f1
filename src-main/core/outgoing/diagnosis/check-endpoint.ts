import { ServerId } from '#shared/ids.ts';
import type { CheckedEndpoint, CheckStep } from '#shared/job.ts';
import { type Endpoint, endpointName, type Secret } from '#shared/mail/endpoint.ts';
import type { ServerInput } from '#shared/mail/outgoing-server.ts';
import type { MailErrorCode, MailErrorData } from '#shared/mail-error.ts';
import type { OnCheckProgress, TokenSourceFor } from '../../services.ts';
import { type AttemptLog, createAttemptLog } from '../attempt-log.ts';
import { ehloNameFor } from '../ehlo-name.ts';
import { greet } from '../greet.ts';
import { reachEndpoint } from '../reach-endpoint.ts';
import type { CertificateSeen, Secured } from '../secure-socket.ts';
import { makeCredentials } from '../sign-in.ts';
import type { Capabilities } from '../smtp-session.ts';
import { StageFailure } from '../stage-failure.ts';
import { effectiveTimeouts, tlsHandshakeMs } from '../timeouts.ts';
import { type Met, meeting } from './place-guard.ts';

/** What a test of endpoints needs to know. */
export interface CheckContext {
  readonly server: Pick<ServerInput, 'label' | 'kind' | 'auth' | 'ehloName' | 'proxy' | 'timeouts'>;
  readonly secret: Secret | undefined;
  readonly signal: AbortSignal;
  readonly tokenSourceFor: TokenSourceFor;
  readonly onProgress: OnCheckProgress;
  /** Of a saved server: who was seen at its endpoints before. */
  readonly guard?: {
    meet(endpoint: Endpoint, met: Met): Promise<string | undefined>;
    suspect(endpoint: Endpoint, failure: StageFailure): StageFailure;
  };
  /** How endpoints are connected to, if not as everywhere. */
  readonly reach?: typeof reachEndpoint;
}

export interface CheckManner {
  readonly timeouts: { readonly connectMs: number; readonly greetingMs: number; readonly commandMs: number };
  readonly signsIn: boolean;
  /** Encrypted where that is offered, with whatever certificate, as between servers (RFC 7435). */
  readonly isOpportunistic?: boolean;
}

/** A person waits: shorter than when delivering. */
export const checkTimeouts = { connectMs: 8000, greetingMs: 15_000, commandMs: 20_000 } as const;
/** For a look at another port beside it. */
export const lookTimeouts = { connectMs: 4000, greetingMs: 8000, commandMs: 8000 } as const;
const testerId = ServerId.parse('test');

/** What was found at one endpoint so far. */
interface Found {
  readonly steps: CheckStep[];
  readonly certificate: CertificateSeen;
  secured?: Secured | undefined;
  capabilities?: Capabilities;
  failure?: StageFailure;
  /** It was well here before, so that somebody else may be meant by it. */
  isSuspect?: boolean;
}

/**
 * Tests one endpoint live, step by step, without sending a message. What fails is in the answer; throws only what is no
 * failure of the endpoint.
 */
export async function checkEndpoint(
  endpoint: Endpoint,
  context: CheckContext,
  manner: CheckManner,
): Promise<CheckedEndpoint> {
  const { server } = context;
  const inner = createAttemptLog({ server: { id: testerId, label: server.label }, endpoint, startedAt: Date.now() });
  const found: Found = { steps: [], certificate: {} };
  const tell = (): void => context.onProgress(checkedSoFar(endpoint, found, inner));
  const log = followSteps(inner, found.steps, tell);
  try {
    await converse(endpoint, context, manner, log, found);
  } catch (error) {
    if (!(error instanceof StageFailure)) throw error;
    found.failure = context.guard?.suspect(endpoint, error) ?? error;
    found.isSuspect = found.failure !== error;
    log.enter(error.stage);
    log.fail(found.failure.message);
  }
  finishSteps(found.steps, found.failure);
  tell();
  return checkedSoFar(endpoint, found, inner);
}

async function converse(
  endpoint: Endpoint,
  context: CheckContext,
  { timeouts, signsIn, isOpportunistic }: CheckManner,
  log: AttemptLog,
  found: Found,
): Promise<void> {
  const { server, secret, signal, guard } = context;
  const limits = effectiveTimeouts({ ...timeouts, ...server.timeouts }, true);
  const reach = context.reach ?? reachEndpoint;
  const socket = await reach(server, endpoint, { timeoutMs: limits.connectMs, signal, log });
  const remoteAddress = server.proxy === undefined ? socket.remoteAddress : undefined;
  const ehloName = ehloNameFor(server, socket);
  const tlsMs = Math.min(tlsHandshakeMs, timeouts.commandMs);
  const options = { ...limits, tlsMs, ehloName, log, signal, seen: found.certificate };
  const greeted = await greet(socket, endpoint, { ...options, isOpportunistic: isOpportunistic === true });
  found.secured = greeted.secured;
  const credentials = signsIn
    ? makeCredentials(server.auth, secret, (oauth) => {
        const source = context.tokenSourceFor(oauth, async () => undefined);
        return (wanted) => source.get(wanted);
      })
    : ({ kind: 'none' } as const);
  const meet = (capabilities: Capabilities): Promise<string | undefined> => {
    found.capabilities = capabilities;
    return guard?.meet(endpoint, meeting(greeted, capabilities, remoteAddress, signal)) ?? Promise.resolve(undefined);
  };
  const { openSession } = await import('../smtp-session.ts');
  const session = await openSession(greeted, { endpoint, ehloName, credentials, timeouts: limits, log, signal, meet });
  session.quit();
}

/** `ehlo` is called `capabilities` on the screen. */
type CheckStage = CheckStep['stage'];

/** The same log, which also keeps the steps and tells of them. */
function followSteps(inner: AttemptLog, steps: CheckStep[], tell: () => void): AttemptLog {
  let began = performance.now();
  const elapsed = (): number => Math.round(performance.now() - began);
  const close = (): void => {
    const last = steps.at(-1);
    if (last?.outcome !== 'running') return;
    steps[steps.length - 1] = { ...last, outcome: 'ok', text: doneWords[last.stage], durationMs: elapsed() };
  };
  return {
    get stage() {
      return inner.stage;
    },
    enter(stage) {
      const shown = shownAs[stage];
      if (shown !== undefined && steps.at(-1)?.stage !== shown) {
        close();
        began = performance.now();
        steps.push({ stage: shown, outcome: 'running', text: runningWords[shown], durationMs: 0 });
        tell();
      }
      inner.enter(stage);
    },
    note(text) {
      const last = steps.at(-1);
      if (last !== undefined) steps[steps.length - 1] = { ...last, server: text };
      inner.note(text);
    },
    fail(text) {
      const last = steps.at(-1);
      if (last !== undefined) {
        steps[steps.length - 1] = { ...last, outcome: 'failed', text, durationMs: elapsed() };
      }
      inner.fail(text);
    },
    client: inner.client,
    server: inner.server,
    transcript: inner.transcript,
    snapshot: inner.snapshot,
  };
}

const shownAs: Partial<Record<AttemptLog['stage'], CheckStage>> = {
  resolve: 'resolve',
  connect: 'connect',
  tls: 'tls',
  greeting: 'greeting',
  ehlo: 'capabilities',
  auth: 'auth',
};

const runningWords: Record<CheckStage, string> = {
  resolve: 'Looking up the name.',
  connect: 'Connecting.',
  tls: 'Making the connection secure.',
  greeting: 'Waiting for the greeting.',
  capabilities: 'Asking what the server offers.',
  auth: 'Signing in.',
  maildrop: '',
  mail: '',
};

const doneWords: Record<CheckStage, string> = {
  resolve: 'The name is known.',
  connect: 'The server answers.',
  tls: 'The connection is secure.',
  greeting: 'It is a mail server.',
  capabilities: 'It said what it offers.',
  auth: 'The sign-in was accepted.',
  maildrop: '',
  mail: '',
};

function finishSteps(steps: CheckStep[], failure: StageFailure | undefined): void {
  const last = steps.at(-1);
  if (last?.outcome === 'running' && failure === undefined) {
    steps[steps.length - 1] = { ...last, outcome: 'ok', text: doneWords[last.stage] };
  }
}

function checkedSoFar(endpoint: Endpoint, found: Found, log: AttemptLog): CheckedEndpoint {
  const { host, port, security } = endpoint;
  const { steps, certificate, secured, capabilities, failure } = found;
  return {
    endpoint: { host, port, security },
    steps: [...steps],
    ...(failure === undefined
      ? {}
      : { error: { ...errorOf(failure, endpoint), ...(found.isSuspect === true ? intercepted : {}) } }),
    ...(certificate.certificate === undefined ? {} : { certificate: certificate.certificate }),
    ...(secured === undefined ? {} : { tls: { protocol: secured.protocol, cipher: secured.cipher } }),
    ...(capabilities === undefined
      ? {}
      : {
          capabilities: capabilities.lines.map((line) => line.trim().toUpperCase()),
          authMethods: [...capabilities.mechanisms],
        }),
    transcript: log.transcript(),
  };
}

const intercepted = { code: 'EINTERCEPTED' } as const;

function errorOf(error: StageFailure, endpoint: Endpoint): MailErrorData {
  const { failure, stage } = error;
  if (failure.kind === 'no-reply') return { code: failure.code, message: failure.text, server: endpointName(endpoint) };
  const { reply } = failure;
  return {
    code: replyError(stage, reply.replyCode, reply.enhancedStatusCode),
    message: stage === 'auth' ? 'The server did not accept the user name or password.' : 'The server refused to go on.',
    replyCode: reply.replyCode,
    ...(reply.enhancedStatusCode === undefined ? {} : { enhancedStatusCode: reply.enhancedStatusCode }),
    server: reply.text,
  };
}

function replyError(stage: AttemptLog['stage'], replyCode: number, status: string | undefined): MailErrorCode {
  if (stage === 'auth') {
    if (replyCode === 535 && status !== '4.7.0') return 'EAUTH';
    return replyCode < 500 || status === '4.7.0' ? 'EAUTH_TEMPORARY' : 'EAUTH_SETUP';
  }
  return replyCode < 500 ? 'ETRANSIENT' : 'EREJECTED';
}
