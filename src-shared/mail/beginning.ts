/**
 * A large message may lie here by its beginning only: the header and the first lines, as TOP gave them. The file's name
 * says so, and how large the whole message is, so that no lost ledger, no rebuilt index and no copied Mail folder can
 * turn a beginning into a message that looks complete.
 */

/** How many lines of the body are taken of a message that is too large to be fetched by itself. */
export const beginningLines = 150;

/** What a new account is given: larger messages come by their beginning. Octets. */
export const usualLargeOctets = 30_000_000;

const pattern = /^[0-9a-f]{32}-[0-9a-f]{16}\.beginning-of-(\d{1,15})(?:\.|$)/;

/** The name of a beginning: the key its bytes would have, and the octets of the whole message as the server announced them. */
export function beginningName(key: string, wholeOctets: number): string {
  return `${key}.beginning-of-${wholeOctets}`;
}

/** The octets of the whole message where only its beginning lies here; null for a message that is here whole. */
export function wholeOctetsOf(messageKey: string): number | null {
  const octets = pattern.exec(messageKey)?.[1];
  return octets === undefined ? null : Number(octets);
}

export function isBeginning(messageKey: string): boolean {
  return pattern.test(messageKey);
}
