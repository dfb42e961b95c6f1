import type { AccountId, JobId, MessageKey } from '#shared/ids.ts';
import type { CollectedAccount } from '#shared/job.ts';
import { keptForClockWords } from '#shared/kept-for-clock.ts';
import { wholeOctetsOf } from '#shared/mail/beginning.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { MailError } from '#shared/mail-error.ts';
import type { JobContext } from '../jobs/job-runner.ts';
import type { CollectionService, HandlersOf, Rooms } from '../services.ts';
import { createAccountVisits } from './account-visits.ts';
import { startAccountCheck } from './check-account.ts';
import { createSchedule } from './collection-schedule.ts';
import { fetchWhole, sweepBeginnings } from './fetch-whole.ts';
import { createLookFirst } from './look-first.ts';
import { createMailboxWarnings, type Warn } from './mailbox-warnings.ts';
import { createMaildropTurns } from './maildrop-turns.ts';
import { createProposer } from './propose.ts';
import type { ServersAhead } from './servers-ahead.ts';

export type CollectionRooms = Pick<
  Rooms,
  'clock' | 'log' | 'emit' | 'store' | 'settings' | 'jobs' | 'tokenSourceFor' | 'resources' | 'inboxOf'
> & {
  /** Resolves when what came in, now or before a crash, lies where it belongs: until then it is not told of. */
  readonly afterFiling?: (signal: AbortSignal, onProgress: (done: number, total: number) => void) => Promise<void>;
  readonly warn?: Warn;
  /** Servers met while the store opened; closed with this. */
  readonly ahead?: ServersAhead;
};

export type Collection = CollectionService & {
  /** Of a message that lies here by its beginning only: how large it is, and who has the rest. */
  beginningOf(messageKey: MessageKey): Promise<ParsedMessage['beginning']>;
  readonly handlers: HandlersOf<
    | 'collect.start'
    | 'collect.status'
    | `look.${'open' | 'headers' | 'collect' | 'remove' | 'close'}`
    | 'message.fetchWhole'
    | 'check.account'
    | 'setup.propose'
  >;
};

/** How many of the new messages are shown when many arrive at once. */
const announcedAtMost = 50;

/** Collecting mail: by hand, by schedule and at start; testing an account; proposing one. */
export function createCollection(rooms: CollectionRooms): Collection {
  const { clock, emit, jobs, settings, store } = rooms;
  const turns = createMaildropTurns();
  const visits = createAccountVisits({ ...rooms, turns, letGo: (account) => looks.rest(account) });
  const looks = createLookFirst({
    clock,
    store,
    turns,
    accountOf,
    credentialsOf: visits.credentials,
    onLostTogether: visits.noteLoss,
  });
  const warnings = createMailboxWarnings(rooms.warn ?? (() => undefined));
  settings.onChanged(({ accounts }) => warnings.keepOnly(accounts));
  const schedule = createSchedule({ clock, settings, start: (accountIds) => start(accountIds) });

  function start(accountIds: readonly AccountId[]): JobId {
    const accounts = accountIds.map(accountOf);
    const label = accounts.length === 1 ? (accounts[0]?.label ?? '') : `${accounts.length} accounts`;
    for (const { id } of accounts) schedule.begun(id);
    return jobs.start({
      jobKind: 'collect',
      label,
      work: async (context) => {
        const progress = createProgress(context);
        try {
          const left = sweepLeft();
          const results = await Promise.all(accounts.map((account) => visitInTurn(account, context, progress)));
          await left;
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
    only?: ReadonlySet<string>,
  ): Promise<CollectedAccount> {
    const filed: MessageKey[] = [];
    const result = await visits.visit(account, context.signal, {
      only,
      onFiled: (keys) => filed.push(...keys),
      onProgress: (state) => progress.set(account.id, state),
    });
    schedule.ended(account.id, result);
    warnings.note(account, result);
    warnOfClock(account, result);
    // The maildrop is free for the next visit meanwhile.
    await announce(filed, context);
    return result;
  }

  function warnOfClock({ id: accountId, label }: IncomingAccount, { keptForClock }: CollectedAccount): void {
    if (keptForClock === undefined) return;
    const id = `clock-${accountId}`;
    const text = `“${label}”: ${keptForClockWords(keptForClock)}`;
    rooms.warn?.(id, { id, level: 'warning', text, action: 'none', accountId });
  }

  function accountOf(id: AccountId): IncomingAccount {
    const account = settings.account(id);
    if (account === undefined) throw new MailError('ENOTFOUND', 'That account is not there any more.');
    return account;
  }

  /** Fetches exactly these of one account, for a person who looked first. */
  function startChosen(accountId: AccountId, uniqueIds: readonly string[]): JobId {
    const account = accountOf(accountId);
    return jobs.start({
      jobKind: 'collect',
      label: account.label,
      work: async (context) => ({
        kind: 'collect',
        accounts: [await visitInTurn(account, context, createProgress(context), new Set(uniqueIds))],
      }),
    });
  }

  function startFetch(messageKey: MessageKey): JobId {
    return jobs.start({
      jobKind: 'fetch',
      label: 'Message',
      exclusive: `fetch ${messageKey}`,
      work: (context) =>
        fetchWhole({ ...visits, clock, store, accounts: () => settings.current().accounts }, messageKey, context),
    });
  }

  /** Tells the screens what is new; a thousand at once are counted, and the last ones shown. */
  async function announce(filed: readonly MessageKey[], { signal, report }: JobContext): Promise<void> {
    // What a crash left beside its beginning is judged and sorted with the rest.
    await swept;
    await rooms.afterFiling?.(signal, (done, total) => report({ phase: 'scanning', done, total }));
    if (filed.length === 0) return;
    const summaries = await Promise.all(filed.slice(-announcedAtMost).map((messageKey) => store.summary(messageKey)));
    emit('mail.arrived', { count: filed.length, messages: summaries.filter((summary) => summary !== null) });
  }

  let swept: Promise<unknown> | undefined;
  /** Once a process: a crash leaves nothing behind while this one lives. */
  function sweepLeft(): Promise<unknown> {
    swept ??= sweepBeginnings({ store, accounts: () => settings.current().accounts }).catch((error: unknown) => {
      swept = undefined;
      rooms.log.error('Beginnings were not looked at.', error);
    });
    return swept;
  }

  const propose = createProposer({ log: rooms.log, resources: rooms.resources });
  return {
    async beginningOf(messageKey) {
      const wholeOctets = wholeOctetsOf(messageKey);
      if (wholeOctets === null) return undefined;
      const known = await store.collectedAs(messageKey);
      const account = known === null ? undefined : settings.account(known.accountId);
      return { wholeOctets, account: account?.label ?? null };
    },
    collect: (accountIds) => start(accountIds ?? settings.current().accounts.map(({ id }) => id)),
    startSchedule() {
      schedule.begin();
      void sweepLeft();
    },
    close: async () => {
      schedule.close();
      await looks.close();
      await turns.idle();
      await rooms.ahead?.close();
    },
    handlers: {
      'collect.start': async ({ accountIds }) => ({
        jobId: start(accountIds ?? settings.current().accounts.map(({ id }) => id)),
      }),
      'collect.status': async () => schedule.status(),
      'look.open': ({ accountId }) => looks.open(accountId),
      'look.headers': ({ accountId, uniqueIds }) => looks.headers(accountId, uniqueIds),
      'look.collect': async ({ accountId, uniqueIds }) => ({ jobId: startChosen(accountId, uniqueIds) }),
      'look.remove': ({ accountId, uniqueIds, evenIfNotHere }) => looks.remove(accountId, uniqueIds, evenIfNotHere),
      'look.close': async ({ accountId }) => {
        await looks.closeOne(accountId);
        return {};
      },
      'message.fetchWhole': async ({ messageKey }) => ({ jobId: startFetch(messageKey) }),
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
