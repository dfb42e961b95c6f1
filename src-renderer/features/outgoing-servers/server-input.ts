import type { Secret } from '#shared/mail/endpoint.ts';
import type { ServerInput, Timeouts } from '#shared/mail/outgoing-server.ts';
import { fromEndpointForm } from '../../ui/endpoints/endpoint-form.ts';
import { kickOf } from './kick-form.ts';
import { type ServerForm, timeoutNames } from './server-form.ts';
import {
  countIn,
  isOAuthGiven,
  millisecondsIn,
  octetsIn,
  patternsIn,
  portIn,
  problemsOfServerForm,
} from './server-problems.ts';

/** What `server.add` and `check.server` take; null while something is missing or wrong. */
export function serverInputOf(form: ServerForm): ServerInput | null {
  if (problemsOfServerForm(form).length > 0) return null;
  return { ...requiredFields(form), ...definedOf(optionalFields(form)) };
}

/** What `server.set` takes: every field of the form, `null` for those emptied. */
export function serverPatchOf(form: ServerForm): Record<string, unknown> | null {
  if (problemsOfServerForm(form).length > 0) return null;
  const { auth, ...fields } = requiredFields(form);
  const { proxy, ...others } = optionalFields(form);
  const emptied = Object.entries(others).map(([field, value]) => [field, value ?? null]);
  return {
    ...fields,
    auth: auth?.method === 'none' ? { method: auth.method, user: null } : auth,
    ...Object.fromEntries(emptied),
    // Of a proxy a patch may give a part; what is left out stays, as a password that is not typed again has to.
    proxy: proxy === undefined ? null : proxy.user === undefined ? { ...proxy, user: null, password: null } : proxy,
  };
}

function requiredFields(form: ServerForm): ServerInput {
  const { kind } = form;
  const isDirect = kind === 'direct-mx';
  const endpoints = isDirect ? [] : form.endpoints.map(fromEndpointForm).filter((endpoint) => endpoint !== null);
  const secret = secretOf(form);
  const auth =
    isDirect || form.method === 'none'
      ? { method: 'none' as const }
      : { method: form.method, user: form.user.trim(), ...(secret === null ? {} : { secret }) };
  return { label: form.label.trim(), kind, endpoints, enabled: form.enabled, auth };
}

/** Null: the stored one stays. */
function secretOf(form: ServerForm): Secret | null {
  if (form.password === '') return null;
  if (form.method !== 'xoauth2' || !isOAuthGiven(form)) return form.password;
  const { clientId, tokenUrl, scopes } = form.oauth;
  return {
    refreshToken: form.password.trim(),
    clientId: clientId.trim(),
    tokenUrl: tokenUrl.trim(),
    scopes: scopes.trim(),
  };
}

type OptionalField = Exclude<keyof ServerInput, 'label' | 'kind' | 'endpoints' | 'enabled' | 'auth'>;
/** All of them named, so that none is forgotten. */
type OptionalFields = { readonly [Field in OptionalField]: ServerInput[Field] | undefined };

function optionalFields(form: ServerForm): OptionalFields {
  const senders = patternsIn(form.senders);
  const perHour = countIn(form.perHour) ?? undefined;
  const perDay = countIn(form.perDay) ?? undefined;
  return {
    senders: senders.length === 0 ? undefined : senders,
    networks: form.networkRule === 'any' ? undefined : { rule: form.networkRule, locations: [...form.locations] },
    sizeLimitOctets: octetsIn(form.sizeLimitMb) ?? undefined,
    rate:
      perHour === undefined && perDay === undefined
        ? undefined
        : { ...(perHour === undefined ? {} : { perHour }), ...(perDay === undefined ? {} : { perDay }) },
    maxRecipients: countIn(form.maxRecipients) ?? undefined,
    ehloName: form.ehloName.trim() === '' ? undefined : form.ehloName.trim(),
    timeouts: timeoutsOf(form),
    proxy: proxyOf(form),
    dsn:
      form.dsnNotify.length === 0 && form.dsnRet === 'hdrs'
        ? undefined
        : { notify: [...form.dsnNotify], ret: form.dsnRet },
    kick: kickOf(form.kick),
  };
}

function timeoutsOf({ timeouts }: ServerForm): Timeouts | undefined {
  const set = timeoutNames.flatMap((name) => {
    const ms = millisecondsIn(timeouts[name]);
    return ms === null ? [] : [[name, ms] as const];
  });
  return set.length === 0 ? undefined : Object.fromEntries(set);
}

function proxyOf({ proxy }: ServerForm): ServerInput['proxy'] {
  const port = portIn(proxy.port);
  if (!proxy.isUsed || port === null) return undefined;
  const user = proxy.user.trim();
  return {
    kind: 'socks5',
    host: proxy.host.trim(),
    port,
    ...(user === '' ? {} : { user }),
    ...(user === '' || proxy.password === '' ? {} : { password: proxy.password }),
  };
}

function definedOf(fields: OptionalFields): Partial<OptionalFields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
