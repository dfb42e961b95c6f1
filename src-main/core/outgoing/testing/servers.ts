import { LocationId } from '#shared/ids.ts';
import { OutgoingServer } from '#shared/mail/outgoing-server.ts';

export const here = LocationId.parse('location-here');

/** An outgoing server for tests: `endpoints` are loopback ports without security unless said otherwise. */
export function serverAt(
  id: string,
  endpoints: (number | { port: number; security: string; host?: string; pinnedCertificateSha256?: string })[],
  more: Record<string, unknown> = {},
): OutgoingServer {
  return OutgoingServer.parse({
    id,
    label: id,
    auth: { method: 'none' },
    endpoints: endpoints.map((endpoint) =>
      typeof endpoint === 'number'
        ? { host: '127.0.0.1', port: endpoint, security: 'none' }
        : { host: '127.0.0.1', ...endpoint },
    ),
    ...more,
  });
}
