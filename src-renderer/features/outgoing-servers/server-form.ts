import type {
  NetworkRule,
  OutgoingServerView,
  ServerInput,
  SubmissionAuthMethod,
} from '#shared/mail/outgoing-server.ts';
import { SenderPattern } from '#shared/mail/outgoing-server.ts';
import {
  type EndpointForm,
  type EndpointProblem,
  emptyEndpoint,
  fromEndpointForm,
  problemsOfEndpoint,
  toEndpointForm,
} from '../../ui/endpoints/endpoint-form.ts';

/** An outgoing server while it is edited: everything as text, nothing lost while it is half typed. */
export interface ServerForm {
  readonly label: string;
  readonly kind: OutgoingServerView['kind'];
  readonly endpoints: readonly EndpointForm[];
  readonly method: SubmissionAuthMethod;
  readonly user: string;
  /** A new password; '' leaves the stored one as it is. */
  readonly password: string;
  /** Patterns parted by commas, spaces or lines; '' for every sender. */
  readonly senders: string;
  readonly networkRule: NetworkRule['rule'];
  readonly locations: readonly string[];
  /** Megabytes; '' for no limit of one's own. */
  readonly sizeLimitMb: string;
  readonly perHour: string;
  readonly perDay: string;
  readonly ehloName: string;
  readonly enabled: boolean;
}

export type ServerProblem =
  | EndpointProblem
  | 'label-missing'
  | 'user-missing'
  | 'sender-wrong'
  | 'location-missing'
  | 'size-wrong'
  | 'rate-wrong'
  | 'ehlo-wrong';

export function emptyServerForm(): ServerForm {
  return {
    label: '',
    kind: 'relay',
    endpoints: [emptyEndpoint('submission')],
    method: 'auto',
    user: '',
    password: '',
    senders: '',
    networkRule: 'any',
    locations: [],
    sizeLimitMb: '',
    perHour: '',
    perDay: '',
    ehloName: '',
    enabled: true,
  };
}

export function toServerForm(server: OutgoingServerView): ServerForm {
  const text = (value: number | undefined): string => (value === undefined ? '' : String(value));
  const { sizeLimitOctets } = server;
  return {
    label: server.label,
    kind: server.kind,
    endpoints: server.endpoints.map(toEndpointForm),
    method: server.auth.method,
    user: server.auth.user ?? '',
    password: '',
    senders: (server.senders ?? []).join(', '),
    networkRule: server.networks?.rule ?? 'any',
    locations: server.networks?.locations ?? [],
    sizeLimitMb: sizeLimitOctets === undefined ? '' : String(Number((sizeLimitOctets / megabyte).toFixed(3))),
    perHour: text(server.rate?.perHour),
    perDay: text(server.rate?.perDay),
    ehloName: server.ehloName ?? '',
    enabled: server.enabled,
  };
}

const megabyte = 1024 * 1024;

export function problemsOfServerForm(form: ServerForm): ServerProblem[] {
  const problems: ServerProblem[] = form.endpoints.flatMap(problemsOfEndpoint);
  if (form.label.trim() === '') problems.push('label-missing');
  if (form.kind === 'relay' && form.endpoints.length === 0) problems.push('host-missing');
  if (form.method !== 'none' && form.user.trim() === '') problems.push('user-missing');
  if (patternsIn(form.senders).some((pattern) => !SenderPattern.safeParse(pattern).success))
    problems.push('sender-wrong');
  if (form.networkRule !== 'any' && form.locations.length === 0) problems.push('location-missing');
  if (form.sizeLimitMb.trim() !== '' && octetsIn(form.sizeLimitMb) === null) problems.push('size-wrong');
  if ([form.perHour, form.perDay].some((text) => text.trim() !== '' && countIn(text) === null))
    problems.push('rate-wrong');
  if (/\s/u.test(form.ehloName.trim())) problems.push('ehlo-wrong');
  return problems;
}

export function patternsIn(senders: string): string[] {
  return senders.split(/[\s,;]+/u).filter((pattern) => pattern !== '');
}

function octetsIn(megabytes: string): number | null {
  const octets = Math.round(Number(megabytes.trim().replace(',', '.')) * megabyte);
  return Number.isFinite(octets) && octets > 0 ? octets : null;
}

function countIn(text: string): number | null {
  return /^[1-9]\d{0,8}$/u.test(text.trim()) ? Number(text) : null;
}

/** What `server.add` and `check.server` take; null while something is missing or wrong. */
export function serverInputOf(form: ServerForm): ServerInput | null {
  if (problemsOfServerForm(form).length > 0) return null;
  return { ...requiredFields(form), ...definedOf(optionalFields(form)) };
}

/** What `server.set` takes: every field of the form, `null` for those emptied. */
export function serverPatchOf(form: ServerForm): Record<string, unknown> | null {
  if (problemsOfServerForm(form).length > 0) return null;
  const removed = Object.entries(optionalFields(form)).map(([field, value]) => [field, value ?? null]);
  const { auth, ...fields } = requiredFields(form);
  const authPatch = auth.method === 'none' ? { method: auth.method, user: null } : auth;
  return { ...fields, auth: authPatch, ...Object.fromEntries(removed) };
}

function requiredFields(form: ServerForm): ServerInput {
  const endpoints = form.endpoints.map(fromEndpointForm).filter((endpoint) => endpoint !== null);
  const secret = form.password === '' ? {} : { secret: form.password };
  const auth =
    form.method === 'none' ? { method: form.method } : { method: form.method, user: form.user.trim(), ...secret };
  return { label: form.label.trim(), kind: form.kind, endpoints, enabled: form.enabled, auth };
}

type OptionalFields = Pick<ServerInput, 'senders' | 'networks' | 'sizeLimitOctets' | 'rate' | 'ehloName'>;

function optionalFields(form: ServerForm): OptionalFields {
  const senders = patternsIn(form.senders);
  const perHour = countIn(form.perHour) ?? undefined;
  const perDay = countIn(form.perDay) ?? undefined;
  return {
    senders: senders.length === 0 ? undefined : senders,
    networks: form.networkRule === 'any' ? undefined : { rule: form.networkRule, locations: [...form.locations] },
    sizeLimitOctets: octetsIn(form.sizeLimitMb) ?? undefined,
    rate: perHour === undefined && perDay === undefined ? undefined : { perHour, perDay },
    ehloName: form.ehloName.trim() === '' ? undefined : form.ehloName.trim(),
  };
}

function definedOf(fields: OptionalFields): OptionalFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
