import type { CheckedEndpoint } from '#shared/job.ts';
import { Host } from '#shared/mail/endpoint.ts';
import type { Params } from '#shared/rpc/contract.ts';
import { toEndpointForm } from '../../ui/endpoints/endpoint-form.ts';
import { emptyServerForm, type ServerForm } from './server-form.ts';
import { portIn } from './server-problems.ts';

/** A host to look at, as it is typed. */
export interface ProbeForm {
  readonly host: string;
  /** Parted by commas or spaces; '' for the usual ones. */
  readonly ports: string;
}

export type ProbeProblem = 'host-wrong' | 'ports-wrong';

const portLimit = 20;

export function problemsOfProbe(form: ProbeForm): ProbeProblem[] {
  const problems: ProbeProblem[] = [];
  if (!Host.safeParse(form.host).success) problems.push('host-wrong');
  const ports = portsIn(form.ports);
  if (ports.length > portLimit || ports.includes(null)) problems.push('ports-wrong');
  return problems;
}

/** What `check.host` takes; null while something is wrong. */
export function probeOf(form: ProbeForm): Params<'check.host'> | null {
  if (problemsOfProbe(form).length > 0) return null;
  const ports = portsIn(form.ports).filter((port) => port !== null);
  return { host: form.host.trim(), ...(ports.length === 0 ? {} : { ports }) };
}

function portsIn(text: string): (number | null)[] {
  return text
    .split(/[\s,;]+/u)
    .filter((part) => part !== '')
    .map(portIn);
}

/** A new server of the endpoints that answered, encrypted ones first; null when none did. */
export function serverFromProbe(endpoints: readonly CheckedEndpoint[]): ServerForm | null {
  const working = endpoints.filter(({ error }) => error === undefined);
  const [first] = working;
  if (first === undefined) return null;
  const encrypted = working.filter(({ endpoint }) => endpoint.security !== 'none');
  const used = encrypted.length > 0 ? encrypted : working;
  const wantsSignIn = used.some(({ authMethods }) => authMethods !== undefined && authMethods.length > 0);
  return {
    ...emptyServerForm(),
    label: first.endpoint.host,
    endpoints: used.map(({ endpoint }) => toEndpointForm(endpoint)),
    method: wantsSignIn ? 'auto' : 'none',
  };
}
