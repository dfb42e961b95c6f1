import type { DeliveryMemoryEntry } from '#shared/mail/outbox.ts';
import { formatSize, t } from '../i18n/index.ts';
import type { DeliveryState } from './state-mark.tsx';

/** The mark beside what is remembered of a server. */
export function memoryMark({ kind }: Pick<DeliveryMemoryEntry, 'kind'>): DeliveryState {
  switch (kind) {
    case 'success':
    case 'relay-accepted':
      return 'took-it';
    case 'cool-down':
      return 'waiting';
    case 'something-in-its-place':
      return 'uncertain';
    case 'seen':
    case 'no-pipelining':
      return 'passed-over';
    default:
      return 'refused';
  }
}

/** What is remembered of a server, one fact as a sentence. */
export function memoryInWords(entry: DeliveryMemoryEntry): string {
  const endpoint = entry.endpoint ?? '';
  switch (entry.kind) {
    case 'success':
    case 'cool-down':
    case 'seen':
    case 'something-in-its-place':
    case 'relay-accepted':
    case 'no-pipelining':
      return t(`delivery.memory.${entry.kind}`, { endpoint });
    case 'refused-sender':
      return t('delivery.memory.refused-sender', { sender: entry.sender ?? '' });
    case 'refused-recipient-domain':
      return t('delivery.memory.refused-recipient-domain', {
        sender: entry.sender ?? '',
        domain: entry.recipientDomain ?? '',
      });
    case 'refused-relaying':
      return t('delivery.memory.refused-relaying', { domain: entry.recipientDomain ?? '' });
    case 'refused-size':
      return entry.limitOctets === undefined
        ? t('delivery.memory.refused-size', { size: formatSize(entry.octets ?? 0) })
        : t('delivery.memory.size-limit', { size: formatSize(entry.limitOctets) });
    case 'lacks-extension':
      return t('delivery.memory.lacks-extension', { extension: entry.extension ?? '' });
    case 'blocked':
    case 'auth-failed':
      return t(`delivery.memory.${entry.kind}`);
  }
}
