import type { Identity } from '#shared/mail/identity.ts';
import type { DeliveryMemoryEntry, ServerCondition } from '#shared/mail/outbox.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import type { NamedLocation } from '#shared/mail/settings.ts';
import { formatList, formatSize, t } from '../../i18n/index.ts';
import type { DeliveryState } from '../../ui/index.ts';

/** The state light of a server in the table. */
export function stateOf(condition: ServerCondition | undefined): DeliveryState {
  if (condition === undefined || condition.state === 'unknown') return 'passed-over';
  return condition.state;
}

export function sendersInWords({ senders }: Pick<OutgoingServerView, 'senders'>): string {
  if (senders === undefined || senders.length === 0 || senders.includes('*')) return t('outgoing-servers.senders.all');
  const [first, second, ...others] = senders;
  const shown = [first, second].filter((pattern) => pattern !== undefined).join(', ');
  return others.length === 0 ? shown : `${shown} ${t('outgoing-servers.more', { count: others.length })}`;
}

export function networksInWords(
  { networks }: Pick<OutgoingServerView, 'networks'>,
  locations: readonly NamedLocation[],
): string {
  if (networks === undefined || networks.rule === 'any') return t('outgoing-servers.networks.any');
  const names = networks.locations.map(
    (id) => locations.find(({ locationId }) => locationId === id)?.name ?? t('outgoing-servers.network.unknown'),
  );
  return t(`outgoing-servers.networks.${networks.rule}`, { locations: formatList(names) });
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

/** One remembered fact as a sentence. */
export function memoryInWords(entry: DeliveryMemoryEntry): string {
  const endpoint = entry.endpoint ?? '';
  switch (entry.kind) {
    case 'success':
    case 'cool-down':
    case 'seen':
      return t(`outgoing-servers.memory.${entry.kind}`, { endpoint });
    case 'refused-sender':
      return t('outgoing-servers.memory.refused-sender', { sender: entry.sender ?? '' });
    case 'refused-recipient-domain':
      return t('outgoing-servers.memory.refused-recipient-domain', { domain: entry.recipientDomain ?? '' });
    case 'refused-size':
      return t('outgoing-servers.memory.refused-size', { size: formatSize(entry.octets ?? 0) });
    case 'blocked':
    case 'auth-failed':
    case 'relay-accepted':
      return t(`outgoing-servers.memory.${entry.kind}`);
  }
}
