import type { AccountId } from '#shared/ids.ts';
import type { CollectedAccount } from '#shared/job.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import type { Notice } from '#shared/rpc/contract.ts';

/** Puts a notice where a person sees it; null takes it away. */
export type Warn = (id: string, notice: Notice | null) => void;

/** Grown by this part of the limit since it was told, it is told again: a dismissed notice does not come back at every visit. */
const againAfterPart = 0.1;

/** Warns when what lies on a server passes what the person set for the account. */
export function createMailboxWarnings(warn: Warn) {
  const toldAt = new Map<AccountId, number>();
  return {
    /** After each visit. */
    note(account: IncomingAccount, { serverOctets }: CollectedAccount): void {
      const limit = account.warnAboveOctets ?? 0;
      const id = `mailbox-${account.id}`;
      if (limit === 0 || (serverOctets !== undefined && serverOctets <= limit)) {
        if (toldAt.delete(account.id)) warn(id, null);
        return;
      }
      if (serverOctets === undefined) return;
      const before = toldAt.get(account.id);
      if (before !== undefined && serverOctets < before + limit * againAfterPart) return;
      toldAt.set(account.id, serverOctets);
      warn(id, {
        id,
        level: 'warning',
        text: warningText(account, serverOctets, limit),
        action: 'look-first',
        accountId: account.id,
      });
    },
    /** An account that is not there any more, or not watched any more, has nothing to warn of. */
    keepOnly(accounts: readonly IncomingAccount[]): void {
      for (const id of toldAt.keys()) {
        const isWatched = accounts.some((account) => account.id === id && (account.warnAboveOctets ?? 0) > 0);
        if (!isWatched && toldAt.delete(id)) warn(`mailbox-${id}`, null);
      }
    },
  };
}

function warningText(account: IncomingAccount, octets: number, limit: number): string {
  const advice =
    account.retention.kind === 'leave'
      ? 'Look at what lies there and delete what you do not need, or let the account’s settings delete collected mail after some days.'
      : 'Look at what lies there and delete what you do not need.';
  return `The mailbox “${account.label}” on ${endpointName(account)} holds ${inMegabytes(octets)}, more than the ${inMegabytes(limit)} you set. When it is full, the provider turns new mail away. ${advice}`;
}

function inMegabytes(octets: number): string {
  const mb = octets / 1e6;
  return `${mb >= 10 ? Math.round(mb) : mb.toFixed(1)} MB`;
}
