import { type Endpoint, HostInput, type Security } from '#shared/mail/endpoint.ts';
import type { OutgoingServer, ServerInput } from '#shared/mail/outgoing-server.ts';
import { MailError } from '#shared/mail-error.ts';
import { type UsualPort, usualPorts } from './check-server.ts';

/** What a look at a host is about: what to test, and which saved server it is. */
export interface HostToCheck {
  readonly server: ServerInput;
  /** The saved one that was meant, or that has this host. */
  readonly saved: OutgoingServer | undefined;
  /** Those that somebody set up or named; the others are the usual ones. */
  readonly chosen: readonly Endpoint[];
}

/**
 * Finds out what is meant: a saved server by its id or label, with its own endpoints; a host of one, with its own endpoints
 * there among the usual ports; or a host nobody set up. Ports that are named stand in place of all of them. Pure. Throws
 * `MailError` EINVALID.
 */
export function hostToCheck(
  asked: { host: string; ports?: readonly number[] | undefined; security?: Security | undefined },
  servers: readonly OutgoingServer[],
  usual: readonly UsualPort[] = usualPorts,
): HostToCheck {
  const wanted = asked.host.toLowerCase();
  const named =
    servers.find(({ id }) => id === asked.host) ?? servers.find(({ label }) => label.toLowerCase() === wanted);
  if (named?.kind === 'direct-mx') {
    throw new MailError(
      'EINVALID',
      `“${named.label}” sends straight to the receiving servers; it has no host to look at.`,
    );
  }
  const saved = named ?? bestAt(wanted, asked, servers);
  const own = (saved?.endpoints ?? []).filter((at) => named !== undefined || at.host.toLowerCase() === wanted);
  // In the spelling of the settings, where it has one: so are its ports known again.
  const host = named === undefined ? (own[0]?.host ?? HostInput.safeParse(asked.host).data) : named.endpoints[0]?.host;
  if (host === undefined) {
    throw new MailError('EINVALID', `“${asked.host}” is no host name, and no outgoing server has this name.`);
  }
  const isOwnOnly = named !== undefined && asked.ports === undefined;
  const endpoints = isOwnOnly ? own : endpointsAt(host, asked, own, usual);
  return {
    server: {
      label: saved?.label ?? host,
      kind: 'relay',
      endpoints: endpoints.map((at) => (asked.security === undefined ? at : { ...at, security: asked.security })),
      auth: { method: 'none' },
      ehloName: saved?.ehloName,
      proxy: saved?.proxy,
      enabled: true,
    },
    saved,
    chosen: asked.ports === undefined ? own : endpoints,
  };
}

/** Of the servers with this host the one whose endpoints fit best what is asked; the first of equal ones. */
function bestAt(
  wanted: string,
  { ports, security }: { ports?: readonly number[] | undefined; security?: Security | undefined },
  servers: readonly OutgoingServer[],
): OutgoingServer | undefined {
  const fit = (at: Endpoint): number =>
    at.host.toLowerCase() !== wanted
      ? 0
      : 1 + (ports?.includes(at.port) === true ? 2 : 0) + (security === at.security ? 1 : 0);
  const fitOf = ({ endpoints }: OutgoingServer): number => Math.max(0, ...endpoints.map(fit));
  const [best] = servers.filter((server) => fitOf(server) > 0).sort((a, b) => fitOf(b) - fitOf(a));
  return best;
}

function endpointsAt(
  host: string,
  { ports }: { ports?: readonly number[] | undefined },
  own: readonly Endpoint[],
  usual: readonly UsualPort[],
): Endpoint[] {
  const chosen = ports?.map((port) => ({ port, security: usual.find((one) => one.port === port)?.security ?? 'none' }));
  const others = (chosen ?? usual).map(({ port, security }) => ({ host, port, security }));
  const isOwn = (port: number): boolean => own.some((at) => at.port === port);
  const ownOnes = own.filter(({ port }) => ports?.includes(port) ?? true);
  return [...ownOnes, ...others.filter(({ port }) => !isOwn(port))];
}
