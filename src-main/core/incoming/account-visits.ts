import type { CollectedAccount } from '#shared/job.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { MailError, toErrorData } from '#shared/mail-error.ts';
import type { Rooms } from '../services.ts';
import { credentialsKept } from './account-credentials.ts';
import { collectMaildrop } from './collect-maildrop.ts';
import type { CollectOptions } from './collect-options.ts';
import type { MaildropTurns } from './maildrop-turns.ts';
import { lossAt } from './one-by-one.ts';
import type { Credentials } from './pop3-auth.ts';
import { openPop3Session, type Pop3Session } from './pop3-session.ts';
import type { SettledVisits } from './recollection.ts';
import { createServerMemory } from './server-memory.ts';
import type { ServersAhead } from './servers-ahead.ts';

export type VisitOptions = Pick<CollectOptions, 'only' | 'onFiled' | 'onWhole' | 'onOctets' | 'onProgress'>;

/** Sessions with an account's server, each in its maildrop's turn. */
export interface AccountVisits {
  /** Collects; what went wrong stands in the result. Throws only when it was called off. */
  visit(account: IncomingAccount, signal: AbortSignal, options: VisitOptions): Promise<CollectedAccount>;
  /** A session for looking only; it ends by QUIT with nothing marked. */
  session<T>(account: IncomingAccount, signal: AbortSignal, work: (session: Pop3Session) => Promise<T>): Promise<T>;
  credentials(account: IncomingAccount): Promise<Credentials>;
  /** A server that loses commands sent together is spoken to one by one from now on, whoever speaks to it. */
  noteLoss(account: IncomingAccount): Promise<void>;
}

export function createAccountVisits(
  rooms: Pick<Rooms, 'clock' | 'log' | 'store' | 'settings' | 'tokenSourceFor' | 'inboxOf'> & {
    readonly turns: MaildropTurns;
    readonly ahead?: ServersAhead;
    /** Asks whoever keeps the maildrop for a person who decides to let go of it. */
    readonly letGo: (account: IncomingAccount) => Promise<void>;
  },
): AccountVisits {
  const { clock, log, settings, store, turns } = rooms;

  const settled: SettledVisits = new Map();
  const memory = createServerMemory();
  const credentials = credentialsKept(settings, rooms.tokenSourceFor);

  async function noteLoss(account: IncomingAccount): Promise<void> {
    try {
      await settings.setAccount(account.id, { losesTogether: lossAt(account, clock.now()) });
    } catch (error) {
      log.error('What was learned of a server could not be kept.', error);
    }
  }

  async function noteDays({ id }: IncomingAccount, daysCounted: IncomingAccount['daysCounted'] | null): Promise<void> {
    try {
      await settings.setAccount(id, { daysCounted });
    } catch (error) {
      log.error('When the account was last visited could not be kept.', error);
    }
  }

  async function collectAccount(
    account: IncomingAccount,
    signal: AbortSignal,
    options: VisitOptions,
    onLeaving: CollectOptions['onLeaving'],
  ): Promise<CollectedAccount> {
    try {
      signal.throwIfAborted();
      return await collectMaildrop({
        ...options,
        account: { ...account, folder: rooms.inboxOf(account) },
        credentials: await credentials(account),
        store,
        clock,
        log,
        signal,
        settled,
        memory,
        onLeaving,
        onLostTogether: () => noteLoss(account),
        onDaysCounted: (kept) => noteDays(account, kept),
        takeSession: async (onCapabilities) => rooms.ahead?.take(account, signal, onCapabilities) ?? null,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      if (!(error instanceof MailError)) log.error(`Collecting “${account.label}” failed.`, error);
      const nothing = { retrieved: 0, octets: 0, left: 0, deleted: 0, failed: [], durationMs: 0 };
      return { accountId: account.id, ...nothing, error: toErrorData(error) };
    }
  }

  return {
    credentials,
    noteLoss,
    visit: (account, signal, options) =>
      turns.take(account, async (hold) => {
        await rooms.letGo(account);
        // The maildrop is free once the server has said good-bye; nobody else has to wait for that.
        return await collectAccount(account, signal, options, hold);
      }),
    session: (account, signal, work) =>
      turns.take(account, async () => {
        await rooms.letGo(account);
        const session = await openPop3Session({
          endpoint: account,
          credentials: await credentials(account),
          clock,
          signal,
        });
        try {
          const answer = await work(session);
          await session.quit();
          return answer;
        } finally {
          session.close();
        }
      }),
  };
}
