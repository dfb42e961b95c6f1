import type { Rooms } from '../services.ts';
import { inHand } from './in-hand.ts';
import { fileDelayNotice } from './notices.ts';
import type { Entries, Entry } from './outbox-entries.ts';
import { delayNoticeAfterMs } from './retry-schedule.ts';

type WatchRooms = Pick<Rooms, 'clock' | 'log' | 'store' | 'settings'> & {
  readonly entries: Entries;
  readonly version?: string;
};

const lookEveryMs = 60_000;

/** Tells of messages that wait for more than four hours when the time has come, which is rarely when one is tried. */
export interface DelayWatch {
  start(): void;
  /** Looks once. */
  look(): Promise<void>;
  close(): void;
}

export function createDelayWatch(rooms: WatchRooms): DelayWatch {
  const { clock, log, store, settings, entries } = rooms;
  let cancel: (() => void) | undefined;

  function isOverdue({ record, running, hand, isCallersTurn }: Entry): boolean {
    if (running !== undefined || hand !== undefined || isCallersTurn) return false;
    if (record.state !== 'deferred' || record.delayNoticeSent) return false;
    return record.waitingSince !== undefined && clock.now() - record.waitingSince >= delayNoticeAfterMs;
  }

  async function tell(entry: Entry): Promise<void> {
    const { attempts } = await entries.item(entry);
    await fileDelayNotice(store, entry.record, attempts, {
      now: clock.now(),
      servers: settings.current().servers,
      version: rooms.version ?? '',
    });
    await entries.save(entry, { ...entry.record, delayNoticeSent: true });
  }

  async function look(): Promise<void> {
    for (const entry of [...entries.all()].filter(isOverdue)) {
      if (isOverdue(entry)) await inHand(entry, () => tell(entry));
    }
  }

  function schedule(): void {
    cancel = clock.after(lookEveryMs, () => {
      look()
        .catch((error: unknown) => log.error('No delay notice.', error))
        .finally(() => {
          if (cancel !== undefined) schedule();
        });
    });
  }

  return {
    start: schedule,
    look,
    close() {
      cancel?.();
      cancel = undefined;
    },
  };
}
