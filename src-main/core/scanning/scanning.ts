import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { folder as mailFolder } from '#shared/mail/folder.ts';
import type { QuarantineRecord, ScanNote } from '#shared/mail/quarantine.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Notice } from '#shared/rpc/contract.ts';
import type { HandlersOf, Rooms } from '../services.ts';
import type { FileRequest, Store } from '../store/store-api.ts';
import { type QuarantineMethods, quarantineHandlers } from './quarantine.ts';
import { runScanner } from './run-scanner.ts';
import { lastRetryMs, runRound } from './scan-round.ts';
import { type ScannerMethods, scannerHandlers } from './scanner-settings.ts';

export type ScanningRooms = Pick<Rooms, 'clock' | 'log' | 'store' | 'settings' | 'profileDir'> & {
  readonly notices: { put(notice: Notice): void; dismiss(id: string): void };
  /** There is anything to ask the rules for. */
  readonly wantsArrivals: () => boolean;
  /** Mail was let through and waits for the rules. */
  readonly onFiled: () => void;
};

export interface Scanning {
  readonly handlers: HandlersOf<ScannerMethods | QuarantineMethods>;
  /** The store for whoever brings mail in: what comes waits in Quarantine until the scanner has judged it. */
  filing(next: Store): Store;
  /** Takes up what waited when the app ended. */
  start(): void;
  /** Resolves when nothing waits to be judged any more, or when it cannot be gone on with now, or `signal` trips. */
  settled(signal?: AbortSignal, onProgress?: (done: number, total: number) => void): Promise<void>;
  /** Its text and attachments are not given out. */
  isHeld(messageKey: MessageKey, folder: FolderPath): Promise<boolean>;
  /** What a person is told about it; undefined: nothing. */
  noteOf(messageKey: MessageKey, folder: FolderPath): Promise<ScanNote | undefined>;
  close(): Promise<void>;
}

/** After a round that ended in a problem. */
const problemRestMs = 5 * 60_000;

/**
 * The command that judges each message before it is filed. A message that comes in is filed in Quarantine first, durably
 * and with its mark in the same commit: the server may let go of it, the collection is held up by nothing, and no kill loses
 * it. Judged clean it is moved to where it belongs and only then meets the rules.
 */
export function createScanning(rooms: ScanningRooms): Scanning {
  const { store, settings, clock, log, notices } = rooms;
  const copies = join(rooms.profileDir, 'scanning');
  const stop = new AbortController();
  const watchers = new Set<(done: number, total: number) => void>();
  let running: Promise<void> | undefined;
  let isWoken = false;
  let problem: string | null = null;
  /** What comes meanwhile does not ask a command again that gives no judgements. */
  let restsUntil = 0;
  /** The settings changed: what was not judged is tried at once. */
  let isImpatient = false;
  let known = JSON.stringify(settings.current().scanner);
  let cancelTimer = (): void => undefined;
  // What a crash left there are copies.
  const cleared = rm(copies, { recursive: true, force: true }).catch((error: unknown) =>
    log.error('Old copies of messages were not removed.', error),
  );

  async function drain(): Promise<void> {
    await cleared;
    while (isWoken && !stop.signal.aborted) {
      isWoken = false;
      const scanner = settings.current().scanner;
      const due = (await store.quarantineRecords()).filter((record) => isDue(record, isImpatient));
      const isResting =
        !isImpatient && isWithin(restsUntil, problemRestMs) && due.every(({ state }) => state === 'waiting');
      isImpatient = false;
      if (due.length === 0) continue;
      const scan = (bytes: Uint8Array) => runScanner({ bytes, settings: scanner, copies, clock, signal: stop.signal });
      const onProgress = (done: number, total: number): void => {
        for (const tell of watchers) tell(done, total);
      };
      const { wantsArrivals } = rooms;
      const { signal } = stop;
      const knownProblem = isResting ? problem : null;
      const round = { store, clock, settings: scanner, signal, scan, onProgress, wantsArrivals, knownProblem };
      const end = await runRound(due, round);
      if (end.filed > 0) rooms.onFiled();
      problem = end.problem;
      if (!isResting) restsUntil = problem === null ? 0 : clock.now() + problemRestMs;
      await tell(end.rejected > 0);
    }
    await planRetry();
  }

  function isDue({ state, retryAt }: QuarantineRecord, isNow: boolean): boolean {
    if (state === 'waiting') return true;
    return state === 'not-judged' && (isNow || retryAt === null || !isWithin(retryAt, lastRetryMs));
  }

  /** Still to come, and not further off than it can have been set: the clock may have been put back since. */
  function isWithin(until: number, atMostMs: number): boolean {
    const leftMs = until - clock.now();
    return leftMs > 0 && leftMs <= atMostMs;
  }

  /** Notices: what was rejected, and that the command gives no judgements. */
  async function tell(isNewlyRejected: boolean): Promise<void> {
    const held = await store.quarantineRecords();
    const rejected = held.filter(({ state }) => state === 'rejected').length;
    if (isNewlyRejected) notices.put({ ...quarantineNotice, text: rejectedText(rejected) });
    else if (rejected === 0) notices.dismiss(quarantineNotice.id);
    const waiting = held.length - rejected;
    if (problem === null) notices.dismiss(problemNotice.id);
    else notices.put({ ...problemNotice, text: `${problem} ${waitingText(waiting)}` });
  }

  async function planRetry(): Promise<void> {
    cancelTimer();
    if (stop.signal.aborted) return;
    const held = await store.quarantineRecords();
    const times = held.flatMap(({ state, retryAt }) => (state === 'not-judged' && retryAt !== null ? [retryAt] : []));
    if (held.some(({ state }) => state === 'waiting')) times.push(clock.now() + problemRestMs);
    if (times.length > 0) {
      const inMs = Math.min(...times) - clock.now();
      cancelTimer = clock.after(Math.min(lastRetryMs, Math.max(1000, inMs)), wake);
    }
  }

  function wake(): void {
    isWoken = true;
    if (stop.signal.aborted) return;
    running ??= drain()
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        log.error('New mail has not been scanned; it is tried again.', error);
        cancelTimer = clock.after(problemRestMs, wake);
      })
      .finally(() => {
        running = undefined;
        if (isWoken && !stop.signal.aborted) wake();
      });
  }

  const stopListening = settings.onChanged(({ scanner }) => {
    if (JSON.stringify(scanner) === known) return;
    known = JSON.stringify(scanner);
    isImpatient = true;
    wake();
  });

  const isHeld = async (messageKey: MessageKey, folder: FolderPath): Promise<boolean> => {
    if (folder === mailFolder.quarantine) return true;
    const record = await store.quarantineRecord(messageKey);
    return record !== null && record.releasedAt === null;
  };

  return {
    handlers: {
      ...scannerHandlers({ ...rooms, copies, signal: stop.signal, problem: () => problem }),
      ...quarantineHandlers({ ...rooms, wake, tell: () => tell(false) }),
    },
    filing: (next) => ({
      ...next,
      async file(requests) {
        if (!settings.current().scanner.isEnabled) return next.file(requests);
        const outcomes = await store.file(
          requests.map((request) => (isArrival(request) ? held(request, clock.now()) : request)),
        );
        wake();
        return outcomes;
      },
      async replaceBeginning(beginning, whole) {
        if (!settings.current().scanner.isEnabled) return next.replaceBeginning(beginning, whole);
        const [row, record] = await Promise.all([store.summary(beginning), store.quarantineRecord(beginning)]);
        const isHeldToo = row?.folder === mailFolder.quarantine && record !== null;
        // A beginning that lies here unmarked, since it was named and then the process died, says not where it was for.
        const lies = row === null || row.folder === mailFolder.quarantine ? whole.folder : row.folder;
        const folder = isHeldToo ? record.folder : lies;
        const outcome = await store.replaceBeginning(beginning, held({ ...whole, folder }, clock.now()));
        wake();
        return outcome;
      },
    }),
    start: wake,
    async settled(signal, onProgress) {
      if (onProgress !== undefined) watchers.add(onProgress);
      try {
        while (running !== undefined && signal?.aborted !== true) await Promise.race([running, tripped(signal)]);
      } finally {
        if (onProgress !== undefined) watchers.delete(onProgress);
      }
    },
    isHeld,
    async noteOf(messageKey, folder) {
      const record = await store.quarantineRecord(messageKey);
      if (record !== null) return noteFrom(record, await isHeld(messageKey, folder));
      if (folder !== mailFolder.quarantine) return undefined;
      return { state: 'unknown', words: '', judgedAt: null, isHeld: true, releasedBy: null, folder: mailFolder.inbox };
    },
    async close() {
      stopListening();
      cancelTimer();
      stop.abort(new MailError('ECANCELLED', 'Postrider is closing.'));
      await running;
      await cleared;
    },
  };
}

function tripped(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
}

function isArrival({ collected, isArrival: isMarked }: FileRequest): boolean {
  return collected !== undefined || isMarked === true;
}

/** To Quarantine, with the mark in the same commit; the rules come when it is let through. */
function held({ isArrival: _, ...request }: FileRequest, now: number): FileRequest {
  const nothingYet = { words: '', judgedAt: null, retryAt: null, releasedAt: null, releasedBy: null, tries: 0 };
  const quarantine = { folder: request.folder, state: 'waiting', filedAt: now, ...nothingYet } as const;
  return { ...request, folder: mailFolder.quarantine, quarantine };
}

function noteFrom({ state, words, judgedAt, releasedBy, folder }: QuarantineRecord, isHeld: boolean): ScanNote {
  const at = judgedAt === null ? null : new Date(judgedAt).toISOString();
  return { state, words, judgedAt: at, isHeld, releasedBy, folder };
}

const quarantineNotice = { id: 'quarantine', level: 'warning', action: 'open-quarantine' } as const;
const problemNotice = { id: 'scanner', level: 'warning', action: 'open-quarantine' } as const;

function rejectedText(count: number): string {
  if (count === 1) return 'The virus scanner rejected a message. It lies in Quarantine, unopened.';
  return `The virus scanner rejected mail: ${count} messages lie in Quarantine, unopened.`;
}

function waitingText(count: number): string {
  if (count === 0) return 'New mail is filed without being scanned, and marked so.';
  const what = count === 1 ? 'One message waits' : `${count} messages wait`;
  return `${what} in Quarantine, safe on this computer, and it is tried again by itself.`;
}
