import type { ServerId } from '#shared/ids.ts';
import type { DeliveryMemoryEntry, SmtpExtension } from '#shared/mail/outbox.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';

/** Why a server can never take a message as it is, wherever it is asked from and whenever. */
export type Inability =
  | {
      readonly kind: 'size';
      /** The most it takes, where it said so or the user did. */
      readonly limitOctets?: number;
    }
  | { readonly kind: SmtpExtension };

export interface NamedInability {
  readonly label: string;
  readonly inability: Inability;
}

/** What of a message decides about it. */
export interface Carried {
  readonly sizeOctets: number;
  readonly needs?: readonly SmtpExtension[];
}

/** Of every one of these servers; null where one may take it, or there is none. */
export function inabilitiesOfAll(
  servers: readonly OutgoingServer[],
  message: Carried,
  memory: ReadonlyMap<ServerId, readonly DeliveryMemoryEntry[]>,
): NamedInability[] | null {
  const all: NamedInability[] = [];
  for (const server of servers) {
    const inability = inabilityOf(server, message, memory.get(server.id) ?? []);
    if (inability === null) return null;
    all.push({ label: server.label, inability });
  }
  return all.length === 0 ? null : all;
}

function inabilityOf(
  { sizeLimitOctets }: Pick<OutgoingServer, 'sizeLimitOctets'>,
  message: Carried,
  memory: readonly DeliveryMemoryEntry[],
): Inability | null {
  const isOverSet = sizeLimitOctets !== undefined && message.sizeOctets > sizeLimitOctets;
  const refused = memory.find((entry) => isTooLargeFor(entry, message));
  if (isOverSet || refused !== undefined) {
    const known = [isOverSet ? sizeLimitOctets : undefined, refused?.limitOctets].filter(
      (limit) => limit !== undefined,
    );
    return known.length === 0 ? { kind: 'size' } : { kind: 'size', limitOctets: Math.min(...known) };
  }
  const extension = memory.find((entry) => isNeeded(entry, message))?.extension;
  return extension === undefined ? null : { kind: extension };
}

/** Whether a message is as large as one the server refused, or larger. */
export function isTooLargeFor({ kind, octets }: DeliveryMemoryEntry, { sizeOctets }: Carried): boolean {
  return kind === 'refused-size' && octets !== undefined && sizeOctets >= octets;
}

/** Whether the server lacks what the message needs. */
export function isNeeded({ kind, extension }: DeliveryMemoryEntry, { needs }: Carried): boolean {
  return kind === 'lacks-extension' && extension !== undefined && needs?.includes(extension) === true;
}

/** In words: what the servers take, and what a person can do. `all` is not empty. */
export function cannotInWords(all: readonly NamedInability[], sizeOctets: number): string {
  const [first] = all;
  const isAlike = all.every(({ inability }) => inability.kind === first?.inability.kind);
  if (first === undefined || !isAlike) {
    const each = all.map((one) => oneInWords(one, sizeOctets)).join('; ');
    return `None of your servers can take this message as it is: ${each}. Change it, or choose another server.`;
  }
  const whatToDo = adviceAbout[first.inability.kind];
  if (all.length === 1) return `${oneInWords(first, sizeOctets)}. ${whatToDo}`;
  if (first.inability.kind !== 'size')
    return `None of your servers takes ${needInWords[first.inability.kind]}. ${whatToDo}`;
  const limits = all.flatMap(({ inability }) => (inability.kind === 'size' ? (inability.limitOctets ?? []) : []));
  if (limits.length === 0) return `None of your servers takes messages of ${sizeInWords(sizeOctets)}. ${whatToDo}`;
  const [largest, size] = apart(Math.max(...limits), sizeOctets);
  return `None of your servers takes messages of ${size}; the largest takes ${largest}. ${whatToDo}`;
}

function oneInWords({ label, inability }: NamedInability, sizeOctets: number): string {
  if (inability.kind !== 'size') return `${label} takes no ${needInWords[inability.kind]}`;
  if (inability.limitOctets === undefined) return `${label} takes no message of ${sizeInWords(sizeOctets)}`;
  const [limit, size] = apart(inability.limitOctets, sizeOctets);
  return `${label} takes messages of at most ${limit}, and this one has ${size}`;
}

/** Two sizes that are not the same, in words that are not either. */
function apart(one: number, other: number): [string, string] {
  const words: [string, string] = [sizeInWords(one), sizeInWords(other)];
  return words[0] === words[1] ? [`${one} bytes`, `${other} bytes`] : words;
}

const needInWords = {
  '8BITMIME': '8-bit text, which is in this message (8BITMIME)',
  SMTPUTF8: 'addresses with letters outside ASCII before the @ (SMTPUTF8)',
} as const;

const adviceAbout = {
  size: 'Make it smaller, or choose another server.',
  '8BITMIME': 'Write it anew here, which encodes such text, or choose another server.',
  SMTPUTF8: 'Use other addresses, or choose another server.',
} as const;

function sizeInWords(octets: number): string {
  if (octets < 1000) return `${octets} bytes`;
  if (octets < 1_000_000) return `${Math.round(octets / 1000)} kB`;
  return `${Number((octets / 1_000_000).toFixed(1))} MB`;
}
