import type { NetworkRule, OutgoingServerView, SubmissionAuthMethod, Timeouts } from '#shared/mail/outgoing-server.ts';
import { type EndpointForm, emptyEndpoint, toEndpointForm } from '../../ui/endpoints/endpoint-form.ts';
import { type KickForm, noKick, toKickForm } from './kick-form.ts';

export type TimeoutName = keyof Timeouts;
type DsnOptions = NonNullable<OutgoingServerView['dsn']>;
export type DsnNotice = DsnOptions['notify'][number];

/** In the order of the dialogue. */
export const timeoutNames = ['connectMs', 'greetingMs', 'commandMs', 'dataMs', 'finalDotMs'] as const;

export interface ProxyForm {
  readonly isUsed: boolean;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  /** A new one; '' leaves the stored one as it is. */
  readonly password: string;
}

/** With the refresh token, which stands in `password`, what is needed to get an access token. All '': it is one itself. */
export interface OAuthForm {
  readonly clientId: string;
  readonly tokenUrl: string;
  readonly scopes: string;
}

/** An outgoing server while it is edited: everything as text, nothing lost while it is half typed. */
export interface ServerForm {
  readonly label: string;
  readonly kind: OutgoingServerView['kind'];
  /** Kept while direct delivery is chosen, which has none. */
  readonly endpoints: readonly EndpointForm[];
  readonly method: SubmissionAuthMethod;
  readonly user: string;
  /** A new password or token; '' leaves the stored one as it is. */
  readonly password: string;
  readonly oauth: OAuthForm;
  /** Patterns parted by commas, spaces or lines; '' for every sender. */
  readonly senders: string;
  readonly networkRule: NetworkRule['rule'];
  readonly locations: readonly string[];
  /** Megabytes; '' for no limit of one's own. */
  readonly sizeLimitMb: string;
  readonly perHour: string;
  readonly perDay: string;
  readonly maxRecipients: string;
  readonly ehloName: string;
  /** Seconds; '' for the usual. */
  readonly timeouts: Readonly<Record<TimeoutName, string>>;
  readonly proxy: ProxyForm;
  readonly dsnNotify: readonly DsnNotice[];
  readonly dsnRet: DsnOptions['ret'];
  readonly kick: KickForm;
  readonly enabled: boolean;
}

export const megabyte = 1024 * 1024;
const usualProxyPort = 1080;
const noTimeouts = { connectMs: '', greetingMs: '', commandMs: '', dataMs: '', finalDotMs: '' } as const;
const noProxy: ProxyForm = { isUsed: false, host: '', port: String(usualProxyPort), user: '', password: '' };
const noOAuth: OAuthForm = { clientId: '', tokenUrl: '', scopes: '' };

export function emptyServerForm(): ServerForm {
  return {
    label: '',
    kind: 'relay',
    endpoints: [emptyEndpoint('submission')],
    method: 'auto',
    user: '',
    password: '',
    oauth: noOAuth,
    senders: '',
    networkRule: 'any',
    locations: [],
    sizeLimitMb: '',
    perHour: '',
    perDay: '',
    maxRecipients: '',
    ehloName: '',
    timeouts: noTimeouts,
    proxy: noProxy,
    dsnNotify: [],
    dsnRet: 'hdrs',
    kick: noKick,
    enabled: true,
  };
}

export function toServerForm(server: OutgoingServerView): ServerForm {
  const { sizeLimitOctets, proxy } = server;
  return {
    ...emptyServerForm(),
    label: server.label,
    kind: server.kind,
    endpoints: server.endpoints.length === 0 ? [emptyEndpoint('submission')] : server.endpoints.map(toEndpointForm),
    method: server.auth.method,
    user: server.auth.user ?? '',
    senders: (server.senders ?? []).join(', '),
    networkRule: server.networks?.rule ?? 'any',
    locations: server.networks?.locations ?? [],
    // Seven digits give every octet back.
    sizeLimitMb: sizeLimitOctets === undefined ? '' : String(Number((sizeLimitOctets / megabyte).toFixed(7))),
    perHour: textOf(server.rate?.perHour),
    perDay: textOf(server.rate?.perDay),
    maxRecipients: textOf(server.maxRecipients),
    ehloName: server.ehloName ?? '',
    timeouts: {
      connectMs: secondsOf(server.timeouts?.connectMs),
      greetingMs: secondsOf(server.timeouts?.greetingMs),
      commandMs: secondsOf(server.timeouts?.commandMs),
      dataMs: secondsOf(server.timeouts?.dataMs),
      finalDotMs: secondsOf(server.timeouts?.finalDotMs),
    },
    proxy:
      proxy === undefined
        ? noProxy
        : {
            isUsed: true,
            host: proxy.host,
            port: String(proxy.port),
            user: proxy.user ?? '',
            password: '',
          },
    dsnNotify: server.dsn?.notify ?? [],
    dsnRet: server.dsn?.ret ?? 'hdrs',
    kick: toKickForm(server.kick),
    enabled: server.enabled,
  };
}

/** Whether two forms say the same, whatever their rows are called. */
export function isSameForm(one: ServerForm, other: ServerForm): boolean {
  return plain(one) === plain(other);
}

function plain(form: ServerForm): string {
  return JSON.stringify(form, (name, value: unknown) => (name === 'rowId' ? undefined : value));
}

function textOf(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

function secondsOf(ms: number | undefined): string {
  return ms === undefined ? '' : String(ms / 1000);
}
