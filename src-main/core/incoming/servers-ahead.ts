import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import type { Clock } from '../ports.ts';
import type { Dialled } from './dial-ahead.ts';
import { leaveServer } from './leave-server.ts';
import { maildropOf } from './maildrop-turns.ts';
import type { Credentials } from './pop3-auth.ts';
import type { Pop3Capabilities } from './pop3-capabilities.ts';
import { meetServer, openPop3Session, type Pop3Session } from './pop3-session.ts';

/**
 * Sessions that begin while the store still opens: far away, greeting, signing in and listing take as long as opening does.
 * Nothing is said there that would change anything: a session nobody takes ends by QUIT with nothing marked.
 */
export interface ServersAhead {
  /**
   * The session with the server of this very account, once, its lists under way. Null: none was begun, or it waited too long
   * since and was left. `onCapabilities`: see `SessionOptions`. Throws what went wrong.
   */
  take(
    account: IncomingAccount,
    signal: AbortSignal,
    onCapabilities?: (capabilities: Pop3Capabilities) => void,
  ): Promise<Pop3Session | null>;
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
  readonly capabilities: Promise<Pop3Capabilities>;
  readonly begun: Promise<Pop3Session>;
  session: Pop3Session | null;
}

/** Begins sessions with the servers of these accounts, one for each maildrop. */
export function meetServersAhead(
  accounts: readonly IncomingAccount[],
  clock: Clock,
  credentialsOf: (account: IncomingAccount) => Promise<Credentials>,
  dialled?: Dialled,
): ServersAhead {
  const meetings = new Map<string, Meeting>();

  function meet(account: IncomingAccount): void {
    const stop = new AbortController();
    const capabilities = Promise.withResolvers<Pop3Capabilities>();
    const begun = begin(account, stop, capabilities.resolve);
    const known = { account, begunAt: clock.now(), stop, capabilities: capabilities.promise };
    const meeting: Meeting = { ...known, begun, session: null };
    begun.then(
      (session) => {
        meeting.session = session;
      },
      // Told to whoever takes it.
      () => undefined,
    );
    meetings.set(maildropOf(account), meeting);
  }

  async function begin(
    account: IncomingAccount,
    stop: AbortController,
    onCapabilities: (capabilities: Pop3Capabilities) => void,
  ): Promise<Pop3Session> {
    const to = { endpoint: account, clock, signal: stop.signal, dialled };
    const met = meetServer(to);
    met.catch(() => undefined);
    try {
      const credentials = await credentialsOf(account);
      return listedAhead(await openPop3Session({ ...to, credentials, met, onCapabilities }));
    } catch (error) {
      // Without a password nobody goes on with the connection.
      stop.abort(error);
      throw error;
    }
  }

  async function leave({ session, stop }: Meeting): Promise<void> {
    if (session === null) return stop.abort();
    await leaveServer(session, clock, leaveWithinMs);
  }

  for (const account of accounts) if (!meetings.has(maildropOf(account))) meet(account);
  return {
    async take(account, signal, onCapabilities) {
      const maildrop = maildropOf(account);
      const meeting = meetings.get(maildrop);
      if (meeting === undefined) return null;
      meetings.delete(maildrop);
      // Another object: the account was changed since. The maildrop is let go of first; a server gives it to one at a time.
      if (meeting.account !== account || clock.now() - meeting.begunAt > keptForMs) {
        await leave(meeting);
        return null;
      }
      if (signal.aborted) meeting.stop.abort(signal.reason);
      signal.addEventListener('abort', () => meeting.stop.abort(signal.reason), { once: true });
      if (onCapabilities !== undefined) void meeting.capabilities.then(onCapabilities);
      return meeting.begun;
    },
    async close() {
      const left = [...meetings.values()];
      meetings.clear();
      await Promise.all(left.map(leave));
    },
  };
}

/** Asks for the lists at once; whoever asks first is given these. */
function listedAhead(session: Pop3Session): Pop3Session {
  return { ...session, listing: askedAhead(session.listing) };
}

function askedAhead<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined = ask();
  asked.catch(() => undefined);
  return () => {
    const answer = asked ?? ask();
    asked = undefined;
    return answer;
  };
}
