import type { Kick } from '#shared/mail/outgoing-server.ts';
import {
  type EndpointForm,
  fromEndpointForm,
  problemsOfEndpoint,
  toEndpointForm,
} from '../../ui/endpoints/endpoint-form.ts';

/** A kick while it is edited. What belongs to another kind is kept, in case the user comes back to it. */
export interface KickForm {
  readonly kind: Kick['kind'] | 'none';
  readonly when: Kick['when'];
  /** ETRN: the host or domain whose mail waits. */
  readonly etrnHost: string;
  /** ATRN: domains parted by commas; '' for all that are ours there. */
  readonly domains: string;
  /** ETRN, ATRN: asked in place of the server's own endpoints. */
  readonly endpoint: EndpointForm | null;
  readonly to: string;
  /** Trigger port: '' for the server's own host. */
  readonly triggerHost: string;
  readonly triggerPort: string;
  readonly line: string;
}

export type KickProblem =
  | 'kick-host-wrong'
  | 'kick-domains-wrong'
  | 'kick-to-wrong'
  | 'kick-trigger-host-wrong'
  | 'kick-port-wrong'
  | 'kick-line-wrong'
  | 'kick-endpoint-wrong';

/** RFC 1288: finger, whose daemon was the usual one to wake a line. */
const usualTriggerPort = 79;
const lineLimit = 500;

export const noKick: KickForm = {
  kind: 'none',
  when: 'on-demand',
  etrnHost: '',
  domains: '',
  endpoint: null,
  to: '',
  triggerHost: '',
  triggerPort: String(usualTriggerPort),
  line: '',
};

export function toKickForm(kick: Kick | undefined): KickForm {
  if (kick === undefined) return noKick;
  const { kind, when } = kick;
  switch (kick.kind) {
    case 'etrn':
      return { ...noKick, kind, when, etrnHost: kick.host, endpoint: rowOf(kick) };
    case 'atrn':
      return { ...noKick, kind, when, domains: kick.domains.join(', '), endpoint: rowOf(kick) };
    case 'wake-up-mail':
      return { ...noKick, kind, when, to: kick.to };
    case 'trigger-port':
      return {
        ...noKick,
        kind,
        when,
        triggerHost: kick.host ?? '',
        triggerPort: String(kick.port),
        line: kick.line,
      };
  }
}

function rowOf({ endpoint }: Extract<Kick, { kind: 'etrn' | 'atrn' }>): EndpointForm | null {
  return endpoint === undefined ? null : toEndpointForm(endpoint);
}

export function problemsOfKick(form: KickForm): KickProblem[] {
  const problems: KickProblem[] = [];
  const isDomain = (text: string): boolean => /^[^\s,]{1,255}$/u.test(text);
  switch (form.kind) {
    case 'none':
      break;
    case 'etrn':
      if (!isDomain(form.etrnHost.trim())) problems.push('kick-host-wrong');
      break;
    case 'atrn':
      if (!domainsIn(form.domains).every(isDomain)) problems.push('kick-domains-wrong');
      break;
    case 'wake-up-mail':
      if (!/^[^\s@]+@[^\s@]+$/u.test(form.to.trim())) problems.push('kick-to-wrong');
      break;
    case 'trigger-port':
      if (/[\s/@\\]/u.test(form.triggerHost.trim())) problems.push('kick-trigger-host-wrong');
      if (portIn(form.triggerPort) === null) problems.push('kick-port-wrong');
      if (form.line.length > lineLimit || /\p{Cc}/u.test(form.line)) problems.push('kick-line-wrong');
  }
  const asks = form.kind === 'etrn' || form.kind === 'atrn';
  if (asks && form.endpoint !== null && problemsOfEndpoint(form.endpoint).length > 0)
    problems.push('kick-endpoint-wrong');
  return problems;
}

/** The kick as it is stored; undefined: none. Only for a form without problems. */
export function kickOf(form: KickForm): Kick | undefined {
  const { kind, when } = form;
  const endpoint = form.endpoint === null ? null : fromEndpointForm(form.endpoint);
  const asked = endpoint === null ? {} : { endpoint };
  switch (kind) {
    case 'none':
      return undefined;
    case 'etrn':
      return { kind, when, host: form.etrnHost.trim(), ...asked };
    case 'atrn':
      return { kind, when, domains: domainsIn(form.domains), ...asked };
    case 'wake-up-mail':
      return { kind, when, to: form.to.trim() };
    case 'trigger-port': {
      const host = form.triggerHost.trim();
      const port = portIn(form.triggerPort) ?? usualTriggerPort;
      return { kind, when, ...(host === '' ? {} : { host }), port, line: form.line };
    }
  }
}

function domainsIn(text: string): string[] {
  return text.split(/[\s,;]+/u).filter((domain) => domain !== '');
}

function portIn(text: string): number | null {
  const port = /^\d{1,5}$/u.test(text.trim()) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}
