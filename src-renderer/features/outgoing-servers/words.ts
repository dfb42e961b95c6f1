import type { Identity } from '#shared/mail/identity.ts';
import type { ServerCondition } from '#shared/mail/outbox.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { formatList, t } from '../../i18n/index.ts';
import type { DeliveryState } from '../../ui/index.ts';

/** The state light of a server in the table. */
export function stateOf(condition: ServerCondition | undefined): DeliveryState {
  if (condition === undefined || condition.state === 'unknown') return 'passed-over';
  return condition.state;
}

function sendersInWords({ senders }: Pick<OutgoingServerView, 'senders'>): string {
  if (senders === undefined || senders.length === 0 || senders.includes('*')) return t('outgoing-servers.senders.all');
  const [first, second, ...others] = senders;
  const shown = [first, second].filter((pattern) => pattern !== undefined).join(', ');
  return others.length === 0 ? shown : `${shown} ${t('outgoing-servers.more', { count: others.length })}`;
}

function networksInWords(
  { networks }: Pick<OutgoingServerView, 'networks'>,
  locations: readonly { locationId: string; name: string }[],
): string {
  if (networks === undefined || networks.rule === 'any') return t('outgoing-servers.networks.any');
  const names = networks.locations.map(
    (id) => locations.find(({ locationId }) => locationId === id)?.name ?? t('outgoing-servers.network.unknown'),
  );
  return t(`outgoing-servers.networks.${networks.rule}`, { locations: formatList(names) });
}

/** Whose mail and where, in one line; what holds for nearly every server is said once. */
export function whoAndWhere(
  server: Pick<OutgoingServerView, 'senders' | 'networks'>,
  locations: readonly { locationId: string; name: string }[],
): string[] {
  const senders = sendersInWords(server);
  const networks = networksInWords(server, locations);
  const isForAll = senders === t('outgoing-servers.senders.all') && networks === t('outgoing-servers.networks.any');
  return isForAll ? [t('outgoing-servers.for.everything')] : [senders, networks];
}

/** How an identity's mail may leave, in a few words. */
export function routeInWords({ route }: Pick<Identity, 'route'>, labelOf: (id: string) => string): string {
  switch (route.kind) {
    case 'only':
      return t('outgoing-servers.summary.only', { server: labelOf(route.serverId) });
    case 'prefer':
      return t('outgoing-servers.summary.prefer', { servers: route.serverIds.map(labelOf).join(', ') });
    case 'any':
      return t('outgoing-servers.summary.any');
  }
}
