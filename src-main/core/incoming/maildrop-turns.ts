import { endpointName } from '#shared/mail/endpoint.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';

/** RFC 1939 §4: a maildrop has one session at a time. Whoever wants one waits for its turn. */
export interface MaildropTurns {
  take<T>(account: IncomingAccount, work: () => Promise<T>): Promise<T>;
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
    async take(account, work) {
      const maildrop = maildropOf(account);
      const turn = (last.get(maildrop) ?? Promise.resolve()).then(work);
      const settled = turn.catch(() => undefined);
      last.set(maildrop, settled);
      try {
        return await turn;
      } finally {
        if (last.get(maildrop) === settled) last.delete(maildrop);
      }
    },
    async idle() {
      await Promise.all(last.values());
    },
  };
}
