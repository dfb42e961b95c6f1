import type { AccountId } from '#shared/ids.ts';
import type { CollectedAccount } from '#shared/job.ts';
import type { MailErrorCode } from '#shared/mail-error.ts';
import type { Result } from '#shared/rpc/contract.ts';
import type { Clock } from '../ports.ts';
import type { SettingsService } from '../services.ts';

interface ScheduleOptions {
  readonly clock: Clock;
  readonly settings: Pick<SettingsService, 'current' | 'onChanged'>;
  readonly start: (accountIds: AccountId[]) => void;
}

interface Entry {
  isUnderWay: boolean;
  lastAt: number | null;
  nextAt: number | null;
  lastResult: string;
  /** Visits in a row that failed for the same reason. */
  failures: number;
  lastCode: MailErrorCode | undefined;
  /** The password was refused: the schedule does not try it again and again, which locks accounts. */
  isPaused: boolean;
}

const minuteMs = 60_000;
/** Looks at the clock this often, so that a computer that slept finds out what is due. */
const lookEveryMs = 15_000;
/** LOGIN-DELAY from a server that does not say how long: the server wants fewer visits. */
const loginDelayMs = 15 * minuteMs;
/** IN-USE: another program is at it. It is usually done in a moment; a lost session is let go of after ten minutes (RFC 1939 §3). */
const inUseMs = [1, 2, 5, 10].map((minutes) => minutes * minuteMs);
/** A server in trouble is asked less and less, but hourly at least. */
const troubleAtMostMs = 60 * minuteMs;

/** What no visit by itself can mend: it waits for the person, or for the account's settings to change. */
const needAPerson: ReadonlySet<MailErrorCode> = new Set([
  'EAUTH',
  'EAUTH_SETUP',
  'EMAILBOX',
  'ENEEDS_PASSWORD',
  'ECERT_CHANGED',
]);

/** How long until the next visit after one that ended with `code`, for the `failures`th time in a row. */
export function waitAfter(
  code: MailErrorCode | undefined,
  everyMs: number,
  { failures, loginDelaySeconds }: { failures: number; loginDelaySeconds?: number },
): number {
  const least = (loginDelaySeconds ?? 0) * 1000;
  switch (code) {
    case 'EIN_USE':
      return Math.max(least, Math.min(everyMs, inUseMs[failures - 1] ?? everyMs));
    case 'ELOGIN_DELAY':
      return Math.max(everyMs, least === 0 ? loginDelayMs : least);
    case 'EAUTH_TEMPORARY':
    case 'ETRANSIENT': {
      const slower = everyMs * 2 ** Math.min(failures - 1, 10);
      return Math.max(least, everyMs, Math.min(slower, troubleAtMostMs));
    }
    default:
      return Math.max(least, everyMs);
  }
}

/** When each account is visited next, and how its last visit ended. */
export function createSchedule({ clock, settings, start }: ScheduleOptions) {
  const entries = new Map<AccountId, Entry>();
  let cancelLook: (() => void) | null = null;
  let stopListening: (() => void) | null = null;
  let seenAt = clock.now();

  function entryOf(id: AccountId): Entry {
    const known = entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = {
      isUnderWay: false,
      lastAt: null,
      nextAt: null,
      lastResult: '',
      failures: 0,
      lastCode: undefined,
      isPaused: false,
    };
    entries.set(id, entry);
    return entry;
  }

  function minutesOf(id: AccountId): number {
    return settings.current().accounts.find((account) => account.id === id)?.checkEveryMinutes ?? 0;
  }

  /** Gives every account its time, and forgets accounts that were removed. */
  function arrange(): void {
    const { accounts } = settings.current();
    for (const id of entries.keys()) if (!accounts.some((account) => account.id === id)) entries.delete(id);
    for (const { id, checkEveryMinutes } of accounts) {
      const entry = entryOf(id);
      entry.isPaused = false;
      if (checkEveryMinutes === 0) entry.nextAt = null;
      else {
        const due = (entry.lastAt ?? clock.now()) + checkEveryMinutes * minuteMs;
        entry.nextAt = entry.nextAt === null ? due : Math.min(entry.nextAt, due);
      }
    }
  }

  /** The clock was put back: what was due in ten minutes is not due in a day and ten minutes. */
  function followClock(): void {
    const backMs = seenAt - clock.now();
    seenAt = clock.now();
    if (backMs < minuteMs) return;
    for (const entry of entries.values()) {
      if (entry.nextAt !== null) entry.nextAt -= backMs;
      if (entry.lastAt !== null) entry.lastAt -= backMs;
    }
  }

  function look(): void {
    followClock();
    const due = [...entries].filter(
      ([, { nextAt, isUnderWay, isPaused }]) => nextAt !== null && nextAt <= clock.now() && !isUnderWay && !isPaused,
    );
    if (due.length > 0) start(due.map(([id]) => id));
    cancelLook = clock.after(lookEveryMs, look);
  }

  return {
    begin(): void {
      if (cancelLook !== null) return;
      stopListening = settings.onChanged(arrange);
      arrange();
      const { accounts, preferences } = settings.current();
      if (preferences.collectAtStart && accounts.length > 0) start(accounts.map(({ id }) => id));
      cancelLook = clock.after(lookEveryMs, look);
    },
    begun(id: AccountId): void {
      entryOf(id).isUnderWay = true;
    },
    /** `result` null: it was cancelled, or told of already. */
    ended(id: AccountId, result: CollectedAccount | null): void {
      const entry = entryOf(id);
      const wasUnderWay = entry.isUnderWay;
      entry.isUnderWay = false;
      const every = minutesOf(id) * minuteMs;
      if (result === null) {
        if (wasUnderWay && entry.nextAt !== null) entry.nextAt = clock.now() + every;
        return;
      }
      entry.lastAt = clock.now();
      entry.lastResult = resultInWords(result);
      const code = result.error?.code;
      entry.isPaused = code !== undefined && needAPerson.has(code);
      entry.failures = code === undefined ? 0 : code === entry.lastCode ? entry.failures + 1 : 1;
      entry.lastCode = code;
      const { failures } = entry;
      const wait = waitAfter(code, every, { failures, loginDelaySeconds: result.loginDelaySeconds });
      entry.nextAt = every === 0 || entry.isPaused ? null : clock.now() + wait;
    },
    status(): Result<'collect.status'> {
      return settings.current().accounts.map(({ id }) => {
        const { lastAt, nextAt, lastResult, failures } = entryOf(id);
        return { accountId: id, lastAt: isoOf(lastAt), nextAt: isoOf(nextAt), lastResult, hasFailed: failures > 0 };
      });
    },
    close(): void {
      cancelLook?.();
      cancelLook = null;
      stopListening?.();
    },
  };
}

function isoOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function resultInWords(result: CollectedAccount): string {
  const { retrieved, beginnings = 0, tooLarge = 0, failed, error, lostTogether = false } = result;
  if (error !== undefined) return error.message;
  const parts = [
    ...(retrieved > 0 ? [retrieved === 1 ? '1 new message' : `${retrieved} new messages`] : []),
    ...(beginnings > 0 ? [`the beginning of ${beginnings} large ${beginnings === 1 ? 'one' : 'ones'}`] : []),
  ];
  const fetched = parts.length === 0 ? 'Nothing new' : parts.join(', ').replace(/^t/, 'T');
  const left = [
    ...(failed.length > 0 ? [`${failed.length} could not be fetched and stay on the server`] : []),
    ...(lostTogether ? ['the server lost commands sent together, so they go one by one, which is slower'] : []),
    ...(tooLarge > 0 ? [`${tooLarge} too large to be fetched by itself, on the server`] : []),
  ];
  return `${[fetched, ...left].join('; ')}.`;
}
