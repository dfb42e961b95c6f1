import { coolUntil } from '#shared/mail/cool-down.ts';
import type { DeliveryMemoryEntry, SeenNetwork } from '#shared/mail/outbox.ts';
import { formatAgo, formatMoment, t } from '../../i18n/index.ts';

export type MemoryGroup = 'doubts' | 'known' | 'good';

/** Doubts first: they are what a person comes to look for. */
export const memoryGroups = ['doubts', 'known', 'good'] as const;

export function groupOf({ kind }: Pick<DeliveryMemoryEntry, 'kind'>): MemoryGroup {
  switch (kind) {
    case 'success':
      return 'good';
    case 'seen':
    case 'relay-accepted':
    case 'no-pipelining':
      return 'known';
    default:
      return 'doubts';
  }
}

/** What goes with it: how it stands now, where and when it was learned, how long it holds. */
export function memoryNotes(entry: DeliveryMemoryEntry, networks: readonly SeenNetwork[], now: number): string[] {
  return [
    ...standing(entry, now),
    ...seenInWords(entry),
    networkInWords(entry, networks),
    t('outgoing-servers.memory.learned', { when: formatAgo(entry.learnedAt, now) }),
    entry.expiresAt === null
      ? t('outgoing-servers.memory.forGood')
      : t('outgoing-servers.memory.until', { when: formatAgo(entry.expiresAt, now) }),
  ].filter((words) => words !== '');
}

function standing(entry: DeliveryMemoryEntry, now: number): string[] {
  if (entry.kind !== 'cool-down') return [];
  const until = coolUntil(entry);
  const rest =
    until > now
      ? t('outgoing-servers.memory.resting', { moment: formatMoment(until, now) })
      : t('outgoing-servers.memory.halfOpen');
  const failures = entry.failures ?? 0;
  return failures > 0 ? [t('outgoing-servers.memory.failures', { count: failures }), rest] : [rest];
}

function seenInWords({ seen }: DeliveryMemoryEntry): string[] {
  if (seen === undefined) return [];
  const domains = [...new Set([seen.greetingDomain, seen.ehloDomain])].filter((domain) => domain !== null);
  return [
    domains.length === 0
      ? t('outgoing-servers.memory.seen.nameless')
      : t('outgoing-servers.memory.seen.as', { domain: domains.join(', ') }),
    seen.offersStartTls ? t('outgoing-servers.memory.seen.starttls') : t('outgoing-servers.memory.seen.noStarttls'),
    seen.isCertificateValid === null
      ? ''
      : seen.isCertificateValid
        ? t('outgoing-servers.memory.seen.certificate')
        : t('outgoing-servers.memory.seen.noCertificate'),
  ];
}

function networkInWords({ locationId }: DeliveryMemoryEntry, networks: readonly SeenNetwork[]): string {
  if (locationId === undefined) return '';
  const network = networks.find((one) => one.locationId === locationId)?.name;
  return network === undefined ? t('outgoing-servers.memory.elsewhere') : t('outgoing-servers.memory.on', { network });
}
