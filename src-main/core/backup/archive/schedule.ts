import type { Clock, Log } from '../../ports.ts';
import type { SettingsService } from '../../services.ts';
import type { History, HistoryFile } from './history.ts';

interface ScheduleOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Pick<SettingsService, 'current'>;
  readonly history: HistoryFile;
  /** Some mail is on no server. */
  readonly isMailOnlyHere: () => Promise<boolean>;
  readonly start: (onEnd: () => void) => void;
  readonly remind: (text: string | null) => void;
}

const dayMs = 24 * 60 * 60_000;
/** Looks at the clock this often, so that a computer that slept finds out what is due. */
const lookEveryMs = 60_000;
/** A try that failed is repeated after this long. */
const againAfterMs = 60 * 60_000;
/** A backup older than this is not a recent one. */
const recentMs = 30 * dayMs;
/** Nobody is reminded on the first day, or again within a week. */
const firstDayMs = dayMs;
const remindAgainMs = 7 * dayMs;

export const reminderText =
  'Some mail is kept nowhere but on this computer, and there is no backup of the last 30 days. Make one, and a broken disk costs you nothing.';

/** When the next backup is due, and when the user should hear that there is none. */
export function createSchedule(options: ScheduleOptions) {
  const { clock, log, settings, history, start, remind } = options;
  let cancelLook: (() => void) | null = null;
  let isRunning = false;
  let triedAt: number | null = null;
  let begunAt = clock.now();

  /** Epoch milliseconds; null without a schedule. */
  function dueAt({ made }: History): number | null {
    const { everyDays } = settings.current().preferences.backup;
    if (everyDays === 0) return null;
    const last = made.find(({ bySchedule }) => bySchedule);
    const due = last === undefined ? begunAt : nextAfter(Date.parse(last.createdAt), everyDays * dayMs);
    return triedAt === null ? due : Math.max(due, nextAfter(triedAt, againAfterMs));
  }

  /** After one that seems to be of tomorrow or later, since the clock was put back, the next is due at once. */
  function nextAfter(at: number, waitMs: number): number {
    return at > clock.now() + dayMs ? clock.now() : at + waitMs;
  }

  async function look(): Promise<void> {
    const known = await history.current();
    const due = dueAt(known);
    if (due !== null && due <= clock.now() && !isRunning) {
      isRunning = true;
      triedAt = clock.now();
      start(() => {
        isRunning = false;
      });
      return;
    }
    await remindOf(known);
  }

  async function remindOf(known: History): Promise<void> {
    const now = clock.now();
    if (!(await options.isMailOnlyHere())) {
      if (known.onlyHereSince === null) return;
      remind(null);
      return history.change((before) => ({ ...before, onlyHereSince: null }));
    }
    if (known.onlyHereSince === null) return history.change((before) => ({ ...before, onlyHereSince: now }));
    const lastAt = known.made[0] === undefined ? null : Date.parse(known.made[0].createdAt);
    const isRecent = lastAt !== null && now - lastAt < recentMs;
    const isNew = now - known.onlyHereSince < firstDayMs;
    const wasTold = known.remindedAt !== null && now - known.remindedAt < remindAgainMs;
    if (isRecent || isNew || wasTold) return;
    remind(reminderText);
    await history.change((before) => ({ ...before, remindedAt: now }));
  }

  function run(): void {
    look().catch((error: unknown) => log.error('The schedule of backups met an error.', error));
    cancelLook = clock.after(lookEveryMs, run);
  }

  return {
    begin(): void {
      if (cancelLook !== null) return;
      begunAt = clock.now();
      cancelLook = clock.after(lookEveryMs, run);
    },
    async nextAt(): Promise<string | null> {
      const due = dueAt(await history.current());
      return due === null ? null : new Date(due).toISOString();
    },
    close(): void {
      cancelLook?.();
      cancelLook = null;
    },
  };
}
