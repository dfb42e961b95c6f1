import type { AccountId, JobId, MessageKey } from '#shared/ids.ts';
import type { CollectedAccount } from '#shared/job.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { MailError, toErrorData } from '#shared/mail-error.ts';
import type { JobContext } from '../jobs/job-runner.ts';
import type { CollectionService, HandlersOf, Rooms } from '../services.ts';
import { credentialsOf } from './account-credentials.ts';
import { startAccountCheck } from './check-account.ts';
import { collectMaildrop } from './collect-maildrop.ts';
import { createSchedule } from './collection-schedule.ts';
import { createProposer } from './propose.ts';

export type CollectionRooms = Pick<
  Rooms,
  'clock' | 'log' | 'emit' | 'store' | 'settings' | 'jobs' | 'tokenSourceFor' | 'resources' | 'inboxOf'
> & {
  /** Resolves when what came in lies where it belongs: until then it is not told of. */
  readonly afterFiling?: () => Promise<void>;
};

export type Collection = CollectionService & {
  readonly handlers: HandlersOf<'collect.start' | 'collect.status' | 'check.account' | 'setup.propose'>;
};

/** How many of the new messages are shown when many arrive at once. */
const announcedAtMost = 50;

/** Collecting mail: by hand, by schedule and at start; testing an account; proposing one. */
export function createCollection(rooms: CollectionRooms): Collection {
  const { clock, emit, jobs, settings, store } = rooms;
  /** One session a maildrop: the next visit waits for the one before. */
  const visits = new Map<string, Promise<unknown>>();
  const schedule = createSchedule({ clock, settings, start: (accountIds) => start(accountIds) });

  function start(accountIds: readonly AccountId[]): JobId {
    const accounts = accountIds.map((id) => {
      const account = settings.account(id);
      if (account === undefined) throw new MailError('ENOTFOUND', 'That account is not there any more.');
      return account;
    });
    const label = accounts.length === 1 ? (accounts[0]?.label ?? '') : `${accounts.length} accounts`;
    for (const { id } of accounts) schedule.begun(id);
    return jobs.start({
      jobKind: 'collect',
      label,
      work: async (context) => {
        const progress = createProgress(context);
        try {
          const results = await Promise.all(accounts.map((account) => visitInTurn(account, context, progress)));
          return { kind: 'collect', accounts: results };
        } finally {
          for (const { id } of accounts) schedule.ended(id, null);
        }
      },
    });
  }

  async function visitInTurn(
    account: IncomingAccount,
    context: JobContext,
    progress: Progress,
  ): Promise<CollectedAccount> {
    const maildrop = `${endpointName(account)} ${account.user}`;
    const before = visits.get(maildrop) ?? Promise.resolve();
    const visit = before.then(() => visitOnce(account, context, progress));
    const settled = visit.catch(() => undefined);
    visits.set(maildrop, settled);
    try {
      return await visit;
    } finally {
      if (visits.get(maildrop) === settled) visits.delete(maildrop);
    }
  }

  async function visitOnce(
    account: IncomingAccount,
    context: JobContext,
    progress: Progress,
  ): Promise<CollectedAccount> {
    context.signal.throwIfAborted();
    const filed: MessageKey[] = [];
    const result = await collectAccount(account, context.signal, progress, (keys) => filed.push(...keys));
    schedule.ended(account.id, result);
    await announce(filed);
    return result;
  }

  async function collectAccount(
    account: IncomingAccount,
    signal: AbortSignal,
    progress: Progress,
    onFiled: (keys: MessageKey[]) => void,
  ): Promise<CollectedAccount> {
    try {
      const secret = await settings.accountSecret(account.id);
      const credentials = credentialsOf(account, secret, rooms.tokenSourceFor, async (renewed) => {
        await settings.setAccount(account.id, { secret: renewed });
      });
      return await collectMaildrop({
        account: { ...account, folder: rooms.inboxOf(account) },
        credentials,
        store,
        clock,
        log: rooms.log,
        signal,
        onFiled,
        onProgress: (state) => progress.set(account.id, state),
      });
    } catch (error) {
      if (signal.aborted) throw error;
      if (!(error instanceof MailError)) rooms.log.error(`Collecting “${account.label}” failed.`, error);
      const nothing = { retrieved: 0, octets: 0, left: 0, deleted: 0, failed: [], durationMs: 0 };
      return { accountId: account.id, ...nothing, error: toErrorData(error) };
    }
  }

  /** Tells the screens what is new; a thousand at once are counted, and the last ones shown. */
  async function announce(filed: readonly MessageKey[]): Promise<void> {
    if (filed.length === 0) return;
    await rooms.afterFiling?.();
    const summaries = await Promise.all(filed.slice(-announcedAtMost).map((messageKey) => store.summary(messageKey)));
    emit('mail.arrived', { count: filed.length, messages: summaries.filter((summary) => summary !== null) });
  }

  const propose = createProposer({ log: rooms.log, resources: rooms.resources });
  return {
    collect: (accountIds) => start(accountIds ?? settings.current().accounts.map(({ id }) => id)),
    startSchedule: schedule.begin,
    close: async () => {
      schedule.close();
      await Promise.all(visits.values());
    },
    handlers: {
      'collect.start': async ({ accountIds }) => ({
        jobId: start(accountIds ?? settings.current().accounts.map(({ id }) => id)),
      }),
      'collect.status': async () => schedule.status(),
      'check.account': async ({ account, accountId }) => ({ jobId: startAccountCheck(rooms, account, accountId) }),
      'setup.propose': async ({ address }) => propose(address),
    },
  };
}

interface Progress {
  set(accountId: AccountId, state: { done: number; total: number; octets: number }): void;
}

/** Adds up what the accounts of one job have done. */
function createProgress(context: JobContext): Progress {
  const states = new Map<AccountId, { done: number; total: number; octets: number }>();
  return {
    set(accountId, state) {
      states.set(accountId, state);
      const sum = { done: 0, total: 0, octets: 0 };
      for (const { done, total, octets } of states.values()) {
        sum.done += done;
        sum.total += total;
        sum.octets += octets;
      }
      context.report({ phase: 'collecting', ...sum });
    },
  };
}
