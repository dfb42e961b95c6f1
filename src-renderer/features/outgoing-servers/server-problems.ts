import { SenderPattern } from '#shared/mail/outgoing-server.ts';
import { type EndpointProblem, problemsOfEndpoint } from '../../ui/endpoints/endpoint-form.ts';
import { type KickProblem, problemsOfKick } from './kick-form.ts';
import { megabyte, type ServerForm, type TimeoutName, timeoutNames } from './server-form.ts';

export type TimeoutProblem = `timeout-${TimeoutName}-wrong`;

/** What is wrong with a field; each stands at its field. */
export type ServerProblem =
  | EndpointProblem
  | KickProblem
  | TimeoutProblem
  | 'label-missing'
  | 'user-missing'
  | 'token-url-wrong'
  | 'client-id-missing'
  | 'sender-wrong'
  | 'location-missing'
  | 'size-wrong'
  | 'per-hour-wrong'
  | 'per-day-wrong'
  | 'max-recipients-wrong'
  | 'ehlo-wrong'
  | 'ehlo-missing'
  | 'proxy-host-wrong'
  | 'proxy-port-wrong'
  | 'proxy-direct';

/** The folded parts of the editor. */
export const serverParts = ['use', 'limits', 'reports', 'proxy', 'timeouts', 'kick'] as const;
export type ServerPart = (typeof serverParts)[number];

/** Everything that keeps the form from being saved. */
export function problemsOfServerForm(form: ServerForm): ServerProblem[] {
  return [
    ...problemsOfConnection(form),
    ...problemsOfUse(form),
    ...problemsOfTimeouts(form),
    ...problemsOfProxy(form),
    ...problemsOfKick(form.kick),
  ];
}

function problemsOfConnection(form: ServerForm): ServerProblem[] {
  const problems: ServerProblem[] = [];
  if (form.label.trim() === '') problems.push('label-missing');
  const ehloName = form.ehloName.trim();
  if (/\s/u.test(ehloName)) problems.push('ehlo-wrong');
  if (form.kind === 'direct-mx') {
    // RFC 5321 §4.1.1.1 asks for a name that can be looked up; receiving servers insist, relays do not.
    if (ehloName === '') problems.push('ehlo-missing');
    return problems;
  }
  problems.push(...form.endpoints.flatMap(problemsOfEndpoint));
  if (form.endpoints.length === 0) problems.push('host-missing');
  if (form.method !== 'none' && form.user.trim() === '') problems.push('user-missing');
  if (form.method === 'xoauth2' && isOAuthGiven(form)) {
    if (!URL.canParse(form.oauth.tokenUrl.trim())) problems.push('token-url-wrong');
    if (form.oauth.clientId.trim() === '') problems.push('client-id-missing');
  }
  return problems;
}

function problemsOfUse(form: ServerForm): ServerProblem[] {
  const problems: ServerProblem[] = [];
  if (patternsIn(form.senders).some((pattern) => !SenderPattern.safeParse(pattern).success))
    problems.push('sender-wrong');
  if (form.networkRule !== 'any' && form.locations.length === 0) problems.push('location-missing');
  if (isFilled(form.sizeLimitMb) && octetsIn(form.sizeLimitMb) === null) problems.push('size-wrong');
  if (isFilled(form.perHour) && countIn(form.perHour) === null) problems.push('per-hour-wrong');
  if (isFilled(form.perDay) && countIn(form.perDay) === null) problems.push('per-day-wrong');
  if (isFilled(form.maxRecipients) && countIn(form.maxRecipients) === null) problems.push('max-recipients-wrong');
  return problems;
}

function problemsOfTimeouts({ timeouts }: ServerForm): TimeoutProblem[] {
  return timeoutNames
    .filter((name) => isFilled(timeouts[name]) && millisecondsIn(timeouts[name]) === null)
    .map((name): TimeoutProblem => `timeout-${name}-wrong`);
}

function problemsOfProxy({ proxy, kind }: ServerForm): ServerProblem[] {
  if (!proxy.isUsed) return [];
  const problems: ServerProblem[] = [];
  if (kind === 'direct-mx') problems.push('proxy-direct');
  if (!/^[^\s/@\\]+$/u.test(proxy.host.trim())) problems.push('proxy-host-wrong');
  if (portIn(proxy.port) === null) problems.push('proxy-port-wrong');
  return problems;
}

/** The folded part a problem is in; null: it stands in the open. */
export function partOf(problem: ServerProblem, { kind }: Pick<ServerForm, 'kind'>): ServerPart | null {
  if (problem.startsWith('kick-')) return 'kick';
  if (problem.startsWith('proxy-')) return 'proxy';
  if (problem.startsWith('timeout-')) return 'timeouts';
  switch (problem) {
    case 'ehlo-wrong':
      return kind === 'direct-mx' ? null : 'timeouts';
    case 'sender-wrong':
    case 'location-missing':
      return 'use';
    case 'size-wrong':
    case 'per-hour-wrong':
    case 'per-day-wrong':
    case 'max-recipients-wrong':
      return 'limits';
    default:
      return null;
  }
}

/** Whether more than a ready access token was given. */
export function isOAuthGiven({ oauth }: ServerForm): boolean {
  return [oauth.clientId, oauth.tokenUrl, oauth.scopes].some(isFilled);
}

export function patternsIn(senders: string): string[] {
  return senders.split(/[\s,;]+/u).filter((pattern) => pattern !== '');
}

export function octetsIn(megabytes: string): number | null {
  const octets = Math.round(Number(megabytes.trim().replace(',', '.')) * megabyte);
  return Number.isFinite(octets) && octets > 0 ? octets : null;
}

export function countIn(text: string): number | null {
  return /^[1-9]\d{0,8}$/u.test(text.trim()) ? Number(text) : null;
}

/** Seconds as they are typed, in milliseconds. */
export function millisecondsIn(seconds: string): number | null {
  const ms = Math.round(Number(seconds.trim().replace(',', '.')) * 1000);
  return isFilled(seconds) && Number.isFinite(ms) && ms > 0 && ms <= dayMs ? ms : null;
}

const dayMs = 86_400_000;

export function portIn(text: string): number | null {
  const port = /^\d{1,5}$/u.test(text.trim()) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

function isFilled(text: string): boolean {
  return text.trim() !== '';
}
