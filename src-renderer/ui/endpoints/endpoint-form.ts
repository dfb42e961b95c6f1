import { canonicalFingerprint, type Endpoint, Host, type Security } from '#shared/mail/endpoint.ts';

/** An endpoint while it is typed: the port is text, and may be nonsense. */
export interface EndpointForm {
  /** Tells rows apart while they are reordered; never stored. */
  readonly rowId: string;
  readonly host: string;
  readonly port: string;
  readonly security: Security;
  readonly pinnedCertificateSha256: string | null;
}

export type EndpointProblem = 'host-missing' | 'host-wrong' | 'port-wrong' | 'fingerprint-wrong';
export type EndpointProtocol = 'pop3' | 'submission';

const usualPorts: Record<EndpointProtocol, Record<Security, number>> = {
  pop3: { tls: 995, starttls: 110, none: 110 },
  submission: { tls: 465, starttls: 587, none: 25 },
};

function usualPort(protocol: EndpointProtocol, security: Security): number {
  return usualPorts[protocol][security];
}

let rows = 0;

/** A row to fill in; RFC 8314 §3 prefers TLS from the first octet. */
export function emptyEndpoint(protocol: EndpointProtocol): EndpointForm {
  return toEndpointForm({ host: '', port: usualPort(protocol, 'tls'), security: 'tls' });
}

export function toEndpointForm(endpoint: Endpoint): EndpointForm {
  rows += 1;
  return {
    rowId: `endpoint-${rows}`,
    host: endpoint.host,
    port: String(endpoint.port),
    security: endpoint.security,
    pinnedCertificateSha256: endpoint.pinnedCertificateSha256 ?? null,
  };
}

/** Another security brings its usual port along, unless the user had chosen a port of their own. */
export function withSecurity(form: EndpointForm, security: Security, protocol: EndpointProtocol): EndpointForm {
  const wasUsual = form.port === '' || form.port === String(usualPort(protocol, form.security));
  return { ...form, security, port: wasUsual ? String(usualPort(protocol, security)) : form.port };
}

/** A well-known port brings its usual security along: 465 and 995 are TLS, 587 is STARTTLS. */
export function withPort(form: EndpointForm, port: string, protocol: EndpointProtocol): EndpointForm {
  if (form.security === 'none') return { ...form, port };
  const isTls = port === String(usualPort(protocol, 'tls'));
  const isStartTls = port === String(usualPort(protocol, 'starttls'));
  return { ...form, port, security: isTls ? 'tls' : isStartTls ? 'starttls' : form.security };
}

/** `host:port` pasted into the host field is split; anything else is left alone. */
export function withHost(form: EndpointForm, host: string, protocol: EndpointProtocol): EndpointForm {
  const pasted = /^(?:[a-z0-9+]+:\/\/)?([^\s/:]+):(\d{1,5})\/?$/iu.exec(host.trim());
  if (pasted?.[1] === undefined || pasted[2] === undefined) return { ...form, host };
  return withPort({ ...form, host: pasted[1] }, pasted[2], protocol);
}

export function problemsOfEndpoint(form: EndpointForm): EndpointProblem[] {
  const problems: EndpointProblem[] = [];
  if (form.host.trim() === '') problems.push('host-missing');
  else if (!Host.safeParse(form.host).success) problems.push('host-wrong');
  if (parsePort(form.port) === null) problems.push('port-wrong');
  const pin = form.pinnedCertificateSha256;
  if (pin !== null && !/^[0-9a-f]{64}$/u.test(canonicalFingerprint(pin))) problems.push('fingerprint-wrong');
  return problems;
}

/** The endpoint as it is stored; null while the form is not complete. */
export function fromEndpointForm(form: EndpointForm): Endpoint | null {
  const port = parsePort(form.port);
  if (port === null || problemsOfEndpoint(form).length > 0) return null;
  const endpoint = { host: form.host.trim(), port, security: form.security };
  const pin = form.pinnedCertificateSha256;
  return pin === null ? endpoint : { ...endpoint, pinnedCertificateSha256: canonicalFingerprint(pin) };
}

function parsePort(text: string): number | null {
  if (!/^\d{1,5}$/u.test(text.trim())) return null;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : null;
}

/** Moves one row of an ordered list; out of range: the list as it was. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const copy = [...list];
  if (from < 0 || to < 0 || from >= copy.length || to >= copy.length) return copy;
  copy.splice(to, 0, ...copy.splice(from, 1));
  return copy;
}
