import { lookup } from 'node:dns/promises';
import type { AccountId, JobId } from '#shared/ids.ts';
import type { CheckAdvice, CheckedEndpoint, CheckReport, CheckStep, CheckVerdict } from '#shared/job.ts';
import type { Endpoint } from '#shared/mail/endpoint.ts';
import type { AccountInput } from '#shared/mail/incoming-account.ts';
import { MailError, type MailErrorCode, toErrorData } from '#shared/mail-error.ts';
import type { Clock } from '../ports.ts';
import type { Rooms } from '../services.ts';
import { credentialsOf } from './account-credentials.ts';
import type { Credentials } from './pop3-auth.ts';
import { readCapabilities } from './pop3-capabilities.ts';
import { connectPop3 } from './pop3-connection.ts';
import { socketError, timeoutError } from './pop3-errors.ts';
import { openPop3Session, type SessionStage } from './pop3-session.ts';

export type CheckRooms = Pick<Rooms, 'clock' | 'log' | 'emit' | 'settings' | 'jobs' | 'tokenSourceFor'>;

/** A person is waiting: shorter than when collecting by itself. */
const timeouts = { connectMs: 10_000, tlsMs: 10_000, greetingMs: 20_000, commandMs: 30_000 };
const probeTimeouts = { connectMs: 4_000, tlsMs: 4_000, greetingMs: 4_000, commandMs: 4_000 };

/** Tests an account live and tells every step; nothing is stored and no message is touched. */
export function startAccountCheck(rooms: CheckRooms, account: AccountInput, accountId?: AccountId): JobId {
  const { clock, emit, jobs, settings, tokenSourceFor } = rooms;
  return jobs.start({
    jobKind: 'check',
    label: account.label,
    work: async ({ jobId, signal }) => {
      const stored = accountId === undefined ? undefined : await settings.accountSecret(accountId);
      return checkAccount({
        endpoint: { ...account },
        credentials: () =>
          credentialsOf(account, account.secret ?? stored, tokenSourceFor, async (secret) => {
            if (accountId !== undefined) await settings.setAccount(accountId, { secret });
          }),
        clock,
        signal,
        onProgress: (endpoint) => emit('check.progress', { jobId, endpoint }),
      });
    },
  });
}

export interface CheckOptions {
  readonly endpoint: Endpoint;
  /** Throws ENEEDS_PASSWORD where there is none; asked for only when it is needed. */
  readonly credentials: () => Credentials;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (endpoint: CheckedEndpoint) => void;
}

/** The same as a report. Throws only when it was cancelled. */
export async function checkAccount(options: CheckOptions): Promise<CheckReport> {
  const { endpoint, signal } = options;
  const run = createCheckRun(options);
  let count = { messages: 0, octets: 0 };
  try {
    await run.step('resolve', `Looking up ${endpoint.host}.`, async () => {
      const addresses = await resolve(options);
      return `${endpoint.host} is ${addresses.join(', ')}.`;
    });
    count = await signIn(options, run);
  } catch (error) {
    if (signal.aborted) throw error;
    run.fail(error);
  }
  const { checked } = run;
  const advice = checked.error === undefined ? [] : await adviceFor(options, checked.error.code);
  const verdict = checked.error === undefined ? `It works. ${inWords(count)}` : checked.error.message;
  const verdictKind = verdictOf(checked.error?.code);
  return { kind: 'check', ok: checked.error === undefined, endpoints: [checked], verdictKind, verdict, advice };
}

function verdictOf(code: MailErrorCode | undefined): CheckVerdict {
  switch (code) {
    case undefined:
      return 'works';
    case 'EAUTH':
      return 'wrong-password';
    case 'EUNKNOWNHOST':
      return 'unknown-host';
    case 'ECERT_EXPIRED':
    case 'ECERT_SELFSIGNED':
    case 'ECERT_HOST':
    case 'ECERT_UNTRUSTED':
    case 'ECERT_CHANGED':
      return 'wrong-certificate';
    case 'ETIMEOUT':
    case 'EREFUSED':
      return 'server-down';
    default:
      return 'other';
  }
}

async function signIn(options: CheckOptions, run: CheckRun): Promise<{ messages: number; octets: number }> {
  const { endpoint, clock, signal } = options;
  const session = await openPop3Session({
    endpoint,
    credentials: options.credentials(),
    clock,
    signal,
    timeouts,
    onLine: run.line,
    onCertificate: run.certificate,
    onStage: run.stage,
  });
  try {
    const count = await session.stat();
    await session.quit();
    run.finish('The server told what waits there.');
    return count;
  } finally {
    session.close();
  }
}

type CheckRun = ReturnType<typeof createCheckRun>;

const beginnings: Record<SessionStage, { stage: CheckStep['stage']; text: string; done: string }> = {
  connect: { stage: 'connect', text: 'Connecting.', done: 'The server answers.' },
  tls: {
    stage: 'tls',
    text: 'Encrypting the connection.',
    done: 'The connection is encrypted and the certificate is valid.',
  },
  greeting: { stage: 'greeting', text: 'Waiting for the greeting.', done: 'The server speaks POP3.' },
  capabilities: {
    stage: 'capabilities',
    text: 'Asking what the server can do.',
    done: 'The server told what it can do.',
  },
  auth: { stage: 'auth', text: 'Signing in.', done: 'The user name and the password are right.' },
  ready: { stage: 'maildrop', text: 'Looking at the mailbox.', done: '' },
};

/** Keeps the steps; the last one is under way until the next begins or the check ends. */
function createCheckRun({ endpoint, clock, onProgress }: CheckOptions) {
  const { host, port, security } = endpoint;
  const checked: CheckedEndpoint = { endpoint: { host, port, security }, steps: [], transcript: [] };
  let startedAt = 0;
  let done = '';

  const tell = () => onProgress(structuredClone(checked));

  function begin(stage: CheckStep['stage'], text: string): void {
    startedAt = clock.now();
    checked.steps.push({ stage, outcome: 'running', text, durationMs: 0 });
    tell();
  }

  function end(outcome: CheckStep['outcome'], text: string, server?: string): void {
    const step = checked.steps.at(-1);
    if (step === undefined || step.outcome !== 'running') return;
    Object.assign(step, { outcome, text, durationMs: clock.now() - startedAt });
    if (server !== undefined && server !== '') step.server = server;
    tell();
  }

  return {
    checked,
    async step(stage: CheckStep['stage'], text: string, work: () => Promise<string>): Promise<void> {
      begin(stage, text);
      end('ok', await work());
    },
    stage(stage: SessionStage, words?: string): void {
      end('ok', done, words);
      const beginning = beginnings[stage];
      done = beginning.done;
      begin(beginning.stage, beginning.text);
    },
    line: (line: string) => {
      checked.transcript.push(line);
    },
    certificate: (facts: NonNullable<CheckedEndpoint['certificate']>) => {
      checked.certificate = facts;
    },
    finish: (text: string) => end('ok', text),
    fail(error: unknown): void {
      checked.error = toErrorData(error);
      // Nothing was under way: there was no password to go on with.
      if (checked.steps.at(-1)?.outcome !== 'running') begin('auth', 'Signing in.');
      end('failed', checked.error.message, checked.error.server);
      tell();
    },
  };
}

async function resolve({ endpoint, clock, signal }: CheckOptions): Promise<string[]> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(timeouts.connectMs, () => reject(timeoutError(endpoint, 'resolve')));
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    const found = await Promise.race([lookup(endpoint.host, { all: true }), promise]);
    return found.map(({ address }) => address);
  } catch (error) {
    throw socketError(error, endpoint);
  } finally {
    cancel();
    signal.removeEventListener('abort', abort);
  }
}

/** What another port may cure; a bad certificate or a wrong password it does not. */
const curableByPort: ReadonlySet<MailErrorCode> = new Set([
  'EREFUSED',
  'ETIMEOUT',
  'ECLOSED',
  'EPROTOCOL',
  'ETLS',
  'ENOSTARTTLS',
]);

/** Tries the usual ports without a password. Only encrypted ones with a valid certificate: advice is never weaker. */
async function adviceFor(options: CheckOptions, code: MailErrorCode): Promise<CheckAdvice[]> {
  if (!curableByPort.has(code)) return [];
  const { host, port, security } = options.endpoint;
  const others: Endpoint[] = [
    { host, port: 995, security: 'tls' },
    { host, port: 110, security: 'starttls' },
  ];
  const tried = others.filter((other) => other.port !== port || other.security !== security);
  const works = await Promise.all(tried.map((other) => answersSecurely(other, options)));
  return tried
    .filter((_other, index) => works[index])
    .map((endpoint) => ({
      kind: 'use-endpoint' as const,
      endpoint,
      text: `Port ${endpoint.port} with ${endpoint.security === 'tls' ? 'TLS' : 'STARTTLS'} works on this server.`,
    }));
}

async function answersSecurely(endpoint: Endpoint, { clock, signal }: CheckOptions): Promise<boolean> {
  try {
    const connection = await connectPop3({ endpoint, clock, signal, timeouts: probeTimeouts });
    try {
      const greeting = await connection.greeting();
      if (greeting.status !== 'ok' || endpoint.security === 'tls') return greeting.status === 'ok';
      const { isKnown, stls } = readCapabilities(await connection.send({ line: 'CAPA', shape: 'multi' }));
      if (isKnown && !stls) return false;
      if ((await connection.send({ line: 'STLS' })).status !== 'ok') return false;
      await connection.startTls();
      return true;
    } finally {
      connection.close();
    }
  } catch (error) {
    if (error instanceof MailError && !signal.aborted) return false;
    throw error;
  }
}

function inWords({ messages, octets }: { messages: number; octets: number }): string {
  if (messages === 0) return 'The mailbox is empty.';
  const count = messages === 1 ? '1 message' : `${messages} messages`;
  return `${count} on the server, ${sizeInWords(octets)}.`;
}

function sizeInWords(octets: number): string {
  if (octets < 1000) return `${octets} bytes`;
  if (octets < 1_000_000) return `${Math.round(octets / 1000)} kB`;
  return `${(octets / 1_000_000).toFixed(octets < 10_000_000 ? 1 : 0)} MB`;
}
