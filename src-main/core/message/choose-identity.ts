import { domainOf } from '#shared/mail/address.ts';
import type { Identity } from '#shared/mail/identity.ts';

export interface ChosenIdentity {
  readonly identity: Identity;
  /** Set for `*@domain`: the very address the message was delivered to. */
  readonly from: string | undefined;
}

/**
 * Who answers: the identity of the first of these addresses that is ours, exact addresses before `*@domain`; else the
 * account's, else the first.
 */
export function chooseIdentity(
  identities: readonly Identity[],
  delivered: readonly string[],
  accountId: string | null,
): ChosenIdentity | null {
  const own = identityAmong(identities, delivered);
  if (own !== null) return own;
  const fallback = identities.find((identity) => accountId !== null && identity.accountId === accountId);
  const identity = fallback ?? identities[0];
  return identity === undefined ? null : { identity, from: undefined };
}

/** The identity of the first of these addresses that is ours, exact addresses before `*@domain`; null: none is. */
export function identityAmong(identities: readonly Identity[], mailboxes: readonly string[]): ChosenIdentity | null {
  for (const matches of [isExactly, isOfDomain]) {
    for (const mailbox of mailboxes) {
      const identity = identities.find((candidate) => matches(candidate, mailbox));
      if (identity !== undefined) return { identity, from: isWildcard(identity) ? mailbox : undefined };
    }
  }
  return null;
}

/** Is this address one of the user's own? Case is ignored: nobody has two mailboxes that differ in case only. */
export function isOwnMailbox(identities: readonly Identity[], mailbox: string): boolean {
  return identities.some((identity) => isExactly(identity, mailbox) || isOfDomain(identity, mailbox));
}

function isWildcard(identity: Identity): boolean {
  return identity.address.startsWith('*@');
}

function isExactly(identity: Identity, mailbox: string): boolean {
  return !isWildcard(identity) && identity.address.toLowerCase() === mailbox.toLowerCase();
}

function isOfDomain(identity: Identity, mailbox: string): boolean {
  return isWildcard(identity) && mailbox.includes('@') && domainOf(identity.address) === domainOf(mailbox);
}
