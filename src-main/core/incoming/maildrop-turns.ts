import { endpointName } from '#shared/mail/endpoint.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';

/** RFC 1939 §4: a maildrop has one session at a time. Whoever wants one waits for its turn. */
export interface MaildropTurns {
  /** `hold`: the turn lasts until this has settled too, although the work is done. */
  take<T>(account: IncomingAccount, work: (hold: (until: Promise<unknown>) => void) => Promise<T>): Promise<T>;
  /** Resolves when nobody has a turn any more. */
  idle(): Promise<void>;
}

/** The same for accounts that open the same maildrop. */
export function maildropOf(account: IncomingAccount): string {
  return `${endpointName(account)} ${account.user}`;
}

export function createMaildropTurns(): MaildropTurns {
  const last = new Map<string, Promise<unknown>>();
  return {
    take(account, work) {
      const maildrop = maildropOf(account);
      const held: Promise<unknown>[] = [];
      const turn = (last.get(maildrop) ?? Promise.resolve()).then(() => work((until) => held.push(until)));
      const over = Promise.allSettled([turn])
        .then(() => Promise.allSettled(held))
        .then(() => {
          if (last.get(maildrop) === over) last.delete(maildrop);
        });
      last.set(maildrop, over);
      return turn;
    },
    async idle() {
      await Promise.all(last.values());
    },
  };
}
