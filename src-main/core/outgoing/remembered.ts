import { domainOf } from '#shared/mail/address.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import type { DeliveryMemoryEntry, SkipReason } from '#shared/mail/outbox.ts';
import { isNeeded, isTooLargeFor } from './inability.ts';
import { coolUntil, isOwnDomain } from './memory.ts';
import type { PlanInput, PlannedAttempt } from './plan-route.ts';

/** Why memory would leave an endpoint out. */
export interface Remembered {
  readonly reason: SkipReason;
  readonly detail: string;
}

type Candidate = Pick<PlannedAttempt, 'server' | 'endpoint'>;

/** What of a server's memory speaks against asking it for this message, the first of it. */
export function remembers(
  entries: readonly DeliveryMemoryEntry[],
  candidate: Candidate,
  input: Pick<PlanInput, 'message' | 'now' | 'location'>,
): Remembered | null {
  const { message, now } = input;
  const sender = message.reversePath.toLowerCase();
  const name = endpointName(candidate.endpoint);
  for (const entry of entries) {
    const isHere = entry.locationId === undefined || entry.locationId === input.location.locationId;
    const words = entry.text === undefined ? '' : ` It said: ${entry.text}`;
    switch (entry.kind) {
      case 'cool-down':
        if (isHere && entry.endpoint === name && coolUntil(entry) > now)
          return { reason: 'cooling-down', detail: `It failed a moment ago and is left alone for a while.${words}` };
        break;
      case 'refused-sender':
        if (isHere && entry.sender === sender)
          return { reason: 'refused-sender', detail: `It refused ${message.reversePath} on this network.${words}` };
        break;
      case 'refused-recipient-domain':
        if (
          isHere &&
          entry.sender === sender &&
          isForAny(message.recipients, (domain) => domain === entry.recipientDomain)
        )
          return {
            reason: 'refused-recipient-domain',
            detail: `It refused mail from ${message.reversePath} to ${entry.recipientDomain ?? ''} on this network.${words}`,
          };
        break;
      case 'refused-relaying':
        if (isHere && isForOthers(message.recipients, entry, candidate))
          return {
            reason: 'refused-relaying',
            detail: `From this network it takes mail for its own domains only.${words}`,
          };
        break;
      case 'refused-size':
        if (isTooLargeFor(entry, message)) return { reason: 'too-large', detail: `${sizeDetail(entry)}${words}` };
        break;
      case 'lacks-extension':
        if (isNeeded(entry, message))
          return { reason: 'not-supported', detail: `It cannot take such a message.${words}` };
        break;
      case 'blocked':
        if (isHere) return { reason: 'blocked-on-this-network', detail: `It refuses mail from this network.${words}` };
        break;
      default:
        break;
    }
  }
  return null;
}

/** One recipient who is sure to be refused is enough: a server that takes them all is asked first. */
function isForAny(recipients: readonly string[], isRefused: (domain: string) => boolean): boolean {
  return recipients.some((mailbox) => isRefused(domainOf(mailbox)));
}

/** Asked in general, mail goes anywhere. */
function isForOthers(recipients: readonly string[], entry: DeliveryMemoryEntry, candidate: Candidate): boolean {
  return recipients.length === 0 || isForAny(recipients, (domain) => !isAtHome(domain, entry, candidate));
}

/** Mail for its own domains a server takes from anybody. */
function isAtHome(domain: string, { localDomains }: DeliveryMemoryEntry, { endpoint }: Candidate): boolean {
  return localDomains?.includes(domain) === true || isOwnDomain(domain, endpoint.host);
}

function sizeDetail({ limitOctets, octets }: DeliveryMemoryEntry): string {
  return limitOctets === undefined
    ? `It refused a message of ${octets ?? 0} octets.`
    : `It takes at most ${limitOctets} octets.`;
}
