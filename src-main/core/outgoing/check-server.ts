import { ServerId } from '#shared/ids.ts';
import type { CheckedEndpoint, CheckReport, CheckStep } from '#shared/job.ts';
import { type Endpoint, endpointName, type Secret } from '#shared/mail/endpoint.ts';
import type { ServerInput } from '#shared/mail/outgoing-server.ts';
import type { MailErrorCode, MailErrorData } from '#shared/mail-error.ts';
import type { OnCheckProgress, TokenSourceFor } from '../services.ts';
import { type AttemptLog, createAttemptLog } from './attempt-log.ts';
import { greet } from './greet.ts';
import { reachEndpoint } from './reach-endpoint.ts';
import type { CertificateSeen } from './secure-socket.ts';
import { makeCredentials } from './sign-in.ts';
import { openSession } from './smtp-session.ts';
import { StageFailure } from './stage-failure.ts';
import { effectiveTimeouts, tlsHandshakeMs } from './timeouts.ts';

export interface CheckServerOptions {
  readonly server: ServerInput;
  readonly secret: Secret | undefined;
  readonly signal: AbortSignal;
  readonly tokenSourceFor: TokenSourceFor;
  readonly onProgress: OnCheckProgress;
}

/** A person waits: shorter than when delivering. */
const checkTimeouts = { connectMs: 8000, greetingMs: 15_000, commandMs: 20_000 } as const;
const adviceTimeouts = { connectMs: 4000, greetingMs: 8000, commandMs: 8000 } as const;
const testerId = ServerId.parse('test');

/**
 * Tests every endpoint of a server live, step by step, without sending a message; nothing is remembered. Where one fails,
 * the usual other ports of the host are looked at, never with less security. Throws only when it is called off.
 */
export async function checkServer(options: CheckServerOptions): Promise<CheckReport> {
  const { server, signal, onProgress } = options;
  const endpoints: CheckedEndpoint[] = [];
  for (const endpoint of server.endpoints) {
    const checked = await checkEndpoint(endpoint, options, checkTimeouts, onProgress, true);
    signal.throwIfAborted();
    endpoints.push(checked);
  }
  const failed = endpoints.filter(({ error }) => error !== undefined);
  const advice = failed.length === 0 ? [] : await findAdvice(failed, options);
  signal.throwIfAborted();
  const ok = endpoints.length > 0 && failed.length < endpoints.length;
  return {
    kind: 'check',
    ok,
    endpoints,
    verdictKind: ok ? 'works' : 'other',
    verdict: verdictFor(endpoints, advice),
    advice,
  };
}

type CheckStage = CheckStep['stage'];

/** The steps as the screen shows them: `ehlo` is called `capabilities` there. */
async function checkEndpoint(
  endpoint: Endpoint,
  options: CheckServerOptions,
  timeouts: { connectMs: number; greetingMs: number; commandMs: number },
  onProgress: OnCheckProgress,
  withSignIn: boolean,
): Promise<CheckedEndpoint> {
  const { server, secret, signal } = options;
  const inner = createAttemptLog({ server: { id: testerId, label: server.label }, endpoint, startedAt: Date.now() });
  const seen: CertificateSeen = {};
  const steps: CheckStep[] = [];
  let failure: StageFailure | undefined;
  const tell = (): void => {
    onProgress(checkedSoFar(endpoint, steps, seen, inner, failure));
  };
  const log = followSteps(inner, steps, tell);
  try {
    const limits = effectiveTimeouts({ ...timeouts, ...server.timeouts }, true);
    const socket = await reachEndpoint(server, endpoint, { timeoutMs: limits.connectMs, signal, log });
    const ehloName = server.ehloName ?? '[127.0.0.1]';
    const tlsMs = Math.min(tlsHandshakeMs, timeouts.commandMs);
    const greeted = await greet(socket, endpoint, { ...limits, tlsMs, ehloName, log, signal, seen });
    const credentials = withSignIn
      ? makeCredentials(server.auth, secret, (oauth) => {
          const source = options.tokenSourceFor(oauth, async () => undefined);
          return (wanted) => source.get(wanted);
        })
      : ({ kind: 'none' } as const);
    const session = await openSession(greeted, { endpoint, ehloName, credentials, timeouts: limits, log, signal });
    session.quit();
  } catch (error) {
    if (!(error instanceof StageFailure)) throw error;
    failure = error;
    log.enter(error.stage);
    log.fail(error.message);
  }
  finishSteps(steps, failure);
  tell();
  return checkedSoFar(endpoint, steps, seen, inner, failure);
}

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

function checkedSoFar(
  endpoint: Endpoint,
  steps: readonly CheckStep[],
  seen: CertificateSeen,
  log: AttemptLog,
  failure: StageFailure | undefined,
): CheckedEndpoint {
  const { host, port, security } = endpoint;
  return {
    endpoint: { host, port, security },
    steps: [...steps],
    ...(failure === undefined ? {} : { error: errorOf(failure, endpoint) }),
    ...(seen.certificate === undefined ? {} : { certificate: seen.certificate }),
    transcript: log.transcript(),
  };
}

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

const strength: Record<Endpoint['security'], number> = { none: 0, starttls: 1, tls: 1 };
const usual: readonly Pick<Endpoint, 'port' | 'security'>[] = [
  { port: 465, security: 'tls' },
  { port: 587, security: 'starttls' },
  { port: 2525, security: 'starttls' },
  { port: 25, security: 'starttls' },
  { port: 587, security: 'none' },
  { port: 25, security: 'none' },
];

/** Other ports of the same hosts that do answer; never less secure than what was asked for, and without signing in. */
async function findAdvice(
  failed: readonly CheckedEndpoint[],
  options: CheckServerOptions,
): Promise<CheckReport['advice']> {
  const advice: CheckReport['advice'] = [];
  const hosts = new Map(
    failed.filter(({ error }) => isWorthLooking(error?.code)).map(({ endpoint }) => [endpoint.host, endpoint]),
  );
  for (const [host, wanted] of hosts) {
    const known = options.server.endpoints.filter((endpoint) => endpoint.host === host);
    const others = usual.filter(
      ({ port, security }) =>
        strength[security] >= strength[wanted.security] &&
        !known.some((endpoint) => endpoint.port === port && endpoint.security === security),
    );
    const checked = await Promise.all(
      others.map((other) => checkEndpoint({ host, ...other }, options, adviceTimeouts, () => undefined, false)),
    );
    for (const { endpoint, error } of checked) {
      if (error === undefined) advice.push({ kind: 'use-endpoint', endpoint, text: adviceWords(endpoint) });
    }
  }
  return advice;
}

function isWorthLooking(code: MailErrorCode | undefined): boolean {
  return code !== 'EUNKNOWNHOST' && code !== 'EAUTH' && code !== 'ENEEDS_PASSWORD' && code !== 'ECANCELLED';
}

function adviceWords({ port, security }: { port: number; security: Endpoint['security'] }): string {
  const how = { tls: 'with TLS', starttls: 'with STARTTLS', none: 'in clear' }[security];
  return `Port ${port} ${how} answers.`;
}

function verdictFor(endpoints: readonly CheckedEndpoint[], advice: CheckReport['advice']): string {
  if (endpoints.length === 0) return 'There is nothing to test: the server has no host and port yet.';
  const failed = endpoints.filter(({ error }) => error !== undefined);
  const first = failed[0];
  if (first?.error === undefined) return endpoints.length === 1 ? 'It works.' : 'Every port works.';
  const where = endpointName(first.endpoint);
  const works = advice[0];
  const isBlocked25 =
    first.endpoint.port === 25 &&
    (first.error.code === 'ETIMEOUT' || first.error.code === 'EREFUSED') &&
    works !== undefined;
  if (isBlocked25) return `Port 25 seems to be blocked on this network; port ${works.endpoint.port} works.`;
  const rest = works === undefined ? '' : ` ${works.text}`;
  if (failed.length < endpoints.length) return `${where} does not work, another port does: ${first.error.message}`;
  const said = first.error.message.includes(where) ? first.error.message : `${where}: ${first.error.message}`;
  return said + rest;
}
