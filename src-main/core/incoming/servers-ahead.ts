import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import type { Clock } from '../ports.ts';
import { maildropOf } from './maildrop-turns.ts';
import { type MetServer, meetServer } from './pop3-session.ts';

/**
 * Servers that are met while the store still opens: far away, greetings take as long as opening does. Nothing is said to
 * them that would change anything there, nor who asks: nobody signs in before the store is ready.
 */
export interface ServersAhead {
  /** The connection to the server of this very account, once. Null: none was made, or it waited too long since. */
  take(account: IncomingAccount, signal: AbortSignal): Promise<MetServer> | null;
  /** Takes leave of the servers nobody came for. */
  close(): Promise<void>;
}

/** Some servers hang up after so long without a command; whoever comes later connects anew. */
const keptForMs = 10_000;
/** A server that does not answer QUIT keeps nobody. */
const leaveWithinMs = 1000;

interface Meeting {
  readonly account: IncomingAccount;
  readonly begunAt: number;
  readonly stop: AbortController;
  readonly met: Promise<MetServer>;
  server: MetServer | null;
}

/** Begins to meet the servers of these accounts, each maildrop once. */
export function meetServersAhead(accounts: readonly IncomingAccount[], clock: Clock): ServersAhead {
  const meetings = new Map<string, Meeting>();

  function meet(account: IncomingAccount): void {
    const stop = new AbortController();
    const met = meetServer({ endpoint: account, clock, signal: stop.signal });
    const meeting: Meeting = { account, begunAt: clock.now(), stop, met, server: null };
    met.then(
      (server) => {
        meeting.server = server;
      },
      // Told to whoever takes it.
      () => undefined,
    );
    meetings.set(maildropOf(account), meeting);
  }

  async function leave({ server, stop }: Meeting): Promise<void> {
    if (server === null) return stop.abort();
    let cancel = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = clock.after(leaveWithinMs, resolve);
    });
    await Promise.race([server.connection.send({ line: 'QUIT' }).catch(() => undefined), patience]);
    cancel();
    server.connection.close();
  }

  for (const account of accounts) if (!meetings.has(maildropOf(account))) meet(account);
  return {
    take(account, signal) {
      const maildrop = maildropOf(account);
      const meeting = meetings.get(maildrop);
      // Another object: the account was changed since.
      if (meeting === undefined || meeting.account !== account) return null;
      meetings.delete(maildrop);
      if (clock.now() - meeting.begunAt > keptForMs) {
        void leave(meeting);
        return null;
      }
      if (signal.aborted) meeting.stop.abort(signal.reason);
      signal.addEventListener('abort', () => meeting.stop.abort(signal.reason), { once: true });
      return meeting.met;
    },
    async close() {
      const left = [...meetings.values()];
      meetings.clear();
      await Promise.all(left.map(leave));
    },
  };
}
