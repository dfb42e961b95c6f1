import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { folder as mailFolder } from '#shared/mail/folder.ts';
import type { QuarantineRecord, ScannerSettings } from '#shared/mail/quarantine.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Clock } from '../ports.ts';
import type { Arrival, Store } from '../store/store-api.ts';
import type { Scanned } from './run-scanner.ts';

export type ScanStore = Pick<Store, 'read' | 'summary' | 'move' | 'settleQuarantine'>;

export interface ScanRound {
  readonly store: ScanStore;
  readonly clock: Clock;
  readonly settings: ScannerSettings;
  readonly signal: AbortSignal;
  readonly scan: (bytes: Uint8Array) => Promise<Scanned>;
  /** Rules are to be asked about what is let through. */
  readonly wantsArrivals: () => boolean;
  readonly onProgress: (done: number, total: number) => void;
  /** Why the command gives no judgements, known from a moment ago: then it is not asked. */
  readonly knownProblem: string | null;
}

/** What a round came to. `problem`: the command gave no judgements, and the rest was not tried. */
export interface RoundEnd {
  readonly rejected: number;
  readonly filed: number;
  readonly problem: string | null;
}

/** So many messages in a row without a judgement: it is the command, not the mail. */
const failuresInARow = 3;
const firstRetryMs = 5 * 60_000;
/** The longest rest before a message is tried again. */
export const lastRetryMs = 6 * 60 * 60_000;

interface Judged {
  readonly record: QuarantineRecord;
  /** `not-tried`: the command gives no judgements at present. */
  readonly verdict: 'clean' | 'rejected' | 'not-judged' | 'not-tried' | 'gone';
  readonly words: string;
}

/**
 * Asks the command about each of these messages, `atOnce` at a time, oldest first. What was judged while the ledger was
 * busy with the last ones shares the next commit. Killed anywhere, a message lies in Quarantine and waits, or where it belongs.
 */
export async function runRound(records: readonly QuarantineRecord[], round: ScanRound): Promise<RoundEnd> {
  const settling = createSettling(round);
  const next = records.values();
  let failures = 0;
  let problem = round.knownProblem;
  let done = 0;

  async function judge(record: QuarantineRecord): Promise<Judged> {
    // Switched off since: what waited is let through, marked.
    if (!round.settings.isEnabled)
      return {
        record,
        verdict: 'not-judged',
        words: 'The scanner was switched off before it had judged this message.',
      };
    if (problem !== null) return { record, verdict: 'not-tried', words: problem };
    try {
      const { verdict, words, isStanding } = await round.scan(await round.store.read(record.messageKey));
      failures = verdict === 'not-judged' ? failures + 1 : 0;
      if (isStanding || failures >= failuresInARow) problem = words;
      return { record, verdict, words };
    } catch (error) {
      if (error instanceof MailError && error.code === 'ENOTFOUND') return { record, verdict: 'gone', words: '' };
      throw error;
    }
  }

  async function work(): Promise<void> {
    for (const record of next) {
      if (round.signal.aborted) return;
      settling.add(await judge(record));
      done += 1;
      round.onProgress(done, records.length);
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: round.settings.atOnce }, work));
  const counts = await settling.end();
  for (const worker of workers) if (worker.status === 'rejected' && !round.signal.aborted) throw worker.reason;
  return { ...counts, problem };
}

/** Files what was judged, in the groups in which it comes. */
function createSettling(round: ScanRound) {
  const counts = { rejected: 0, filed: 0 };
  let judged: Judged[] = [];
  let running: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  async function settleAll(): Promise<void> {
    while (judged.length > 0 && failure === undefined) {
      const group = judged;
      judged = [];
      const settled = await settleGroup(round, group);
      counts.rejected += settled.rejected;
      counts.filed += settled.filed;
    }
  }

  return {
    add(one: Judged): void {
      judged.push(one);
      running ??= settleAll()
        .catch((error: unknown) => {
          failure = { error };
        })
        .finally(() => {
          running = undefined;
        });
    },
    async end(): Promise<{ rejected: number; filed: number }> {
      while (running !== undefined) await running;
      if (failure !== undefined) throw failure.error;
      return counts;
    },
  };
}

/** The files first, then one commit: who is found where it belongs with its mark still there only lacks the commit. */
async function settleGroup(
  { store, clock, settings, wantsArrivals }: ScanRound,
  group: readonly Judged[],
): Promise<{ rejected: number; filed: number }> {
  const now = clock.now();
  const put: QuarantineRecord[] = [];
  const forget: MessageKey[] = [];
  const arrivals: Arrival[] = [];
  let filed = 0;
  const moves = new Map<FolderPath, MessageKey[]>();
  for (const { record, verdict, words } of group) {
    const { messageKey, folder } = record;
    const at = verdict === 'gone' ? null : ((await store.summary(messageKey))?.folder ?? null);
    if (at === null) {
      forget.push(messageKey);
      continue;
    }
    const isFiled = verdict === 'clean' || (verdict !== 'rejected' && isLetThrough(settings));
    const after = { ...record, words: words.slice(0, 4000), judgedAt: now, retryAt: null };
    if (verdict === 'clean') forget.push(messageKey);
    else if (verdict === 'rejected') put.push({ ...after, state: 'rejected' });
    else if (isFiled) put.push({ ...after, state: 'not-judged', releasedAt: now, releasedBy: 'settings' });
    else {
      const tries = verdict === 'not-tried' ? 0 : record.tries + 1;
      put.push({ ...after, state: 'not-judged', tries, retryAt: now + restMs(tries) });
    }
    if (!isFiled) continue;
    // Moved elsewhere by hand it stays there, and no rule is asked.
    if (at === mailFolder.quarantine) moves.set(folder, [...(moves.get(folder) ?? []), messageKey]);
    filed += 1;
    if (wantsArrivals() && (at === mailFolder.quarantine || at === folder))
      arrivals.push({ messageKey, folder, filedAt: record.filedAt });
  }
  for (const [to, keys] of moves) await store.move(keys, to);
  await store.settleQuarantine({ put, forget, arrivals });
  return { rejected: put.filter(({ state }) => state === 'rejected').length, filed };
}

function isLetThrough({ isEnabled, whenNotJudged }: ScannerSettings): boolean {
  return !isEnabled || whenNotJudged === 'file';
}

function restMs(tries: number): number {
  return Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(Math.max(0, tries - 1), 10));
}
