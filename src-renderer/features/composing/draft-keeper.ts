import type { MessageKey } from '#shared/ids.ts';
import type { Draft, DraftContent } from '#shared/mail/message.ts';

/** Where the draft stands, for the line under the message. */
export type DraftStatus =
  | { readonly kind: 'untouched' }
  | { readonly kind: 'unsaved' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'saved'; readonly at: number }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface DraftKeeperOptions {
  /** Writes the draft; answers the key of the new file. */
  readonly save: (draft: Draft) => Promise<MessageKey>;
  readonly messageKey: MessageKey | null;
  readonly now?: () => number;
  /** Calls `run` after `delayMs`; the answer cancels it. */
  readonly after?: (delayMs: number, run: () => void) => () => void;
}

/** Saved this long after the last key stroke … */
export const quietMs = 1_000;
/** … and at the latest this long after the first unsaved one, for a person who never stops typing. */
export const longestMs = 5_000;
/** After a failed save. */
export const retryMs = 5_000;

export interface DraftKeeper {
  /** The newest content; saved soon. */
  change(content: DraftContent): void;
  /** Saves what is unsaved now. Resolves once everything known at the call is on the disk; throws when it could not be written. */
  flush(): Promise<MessageKey | null>;
  /** Waits for the save under way and never saves again: the draft was sent or thrown away. */
  stop(): Promise<MessageKey | null>;
  status(): DraftStatus;
  /** For React: called after each change of `status()`. */
  subscribe(listener: () => void): () => void;
}

/**
 * Keeps a draft on the disk while it is written: one save at a time, each handing its new key to the next, the newest
 * content always saved last. A failed save is told and tried again; content is never dropped.
 */
export function createDraftKeeper(options: DraftKeeperOptions): DraftKeeper {
  return new Keeper(options);
}

class Keeper implements DraftKeeper {
  readonly #save: DraftKeeperOptions['save'];
  readonly #now: () => number;
  readonly #after: (delayMs: number, run: () => void) => () => void;
  readonly #listeners = new Set<() => void>();
  #messageKey: MessageKey | null;
  #newest: DraftContent | null = null;
  #unsavedSince: number | null = null;
  #saving: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  #status: DraftStatus = { kind: 'untouched' };
  #isStopped = false;

  constructor(options: DraftKeeperOptions) {
    this.#save = options.save;
    this.#messageKey = options.messageKey;
    this.#now = options.now ?? Date.now;
    this.#after = options.after ?? afterByTimer;
  }

  change(content: DraftContent): void {
    if (this.#isStopped) return;
    this.#newest = content;
    this.#unsavedSince ??= this.#now();
    if (this.#status.kind !== 'saving') this.#tell({ kind: 'unsaved' });
    const latest = this.#unsavedSince + longestMs - this.#now();
    this.#schedule(Math.max(0, Math.min(quietMs, latest)));
  }

  async flush(): Promise<MessageKey | null> {
    this.#cancelTimer?.();
    // A change made while a save was under way needs one more; the loop ends when nothing unsaved is left.
    while (this.#saving !== null || (this.#newest !== null && !this.#isStopped)) {
      await (this.#saving ?? this.#saveNow());
      if (this.#status.kind === 'failed') throw this.#status.error;
    }
    return this.#messageKey;
  }

  async stop(): Promise<MessageKey | null> {
    this.#isStopped = true;
    this.#newest = null;
    this.#cancelTimer?.();
    await this.#saving;
    this.#cancelTimer?.();
    return this.#messageKey;
  }

  status(): DraftStatus {
    return this.#status;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#after(delayMs, () => {
      this.#cancelTimer = null;
      if (this.#saving === null) void this.#saveNow();
    });
  }

  #saveNow(): Promise<void> {
    this.#saving = this.#saveOnce().finally(() => {
      this.#saving = null;
    });
    return this.#saving;
  }

  async #saveOnce(): Promise<void> {
    const content = this.#newest;
    if (content === null || this.#isStopped) return;
    const unsavedSince = this.#unsavedSince;
    this.#newest = null;
    this.#unsavedSince = null;
    this.#tell({ kind: 'saving' });
    try {
      this.#messageKey = await this.#save({ ...content, messageKey: this.#messageKey });
      if (this.#newest === null) this.#tell({ kind: 'saved', at: this.#now() });
      else this.#later({ kind: 'unsaved' }, quietMs);
    } catch (error) {
      if (this.#isStopped) return;
      // Newer content typed meanwhile wins; otherwise what failed is still what must be saved.
      this.#newest ??= content;
      this.#unsavedSince ??= unsavedSince;
      this.#later({ kind: 'failed', error }, retryMs);
    }
  }

  #later(status: DraftStatus, delayMs: number): void {
    this.#tell(status);
    if (!this.#isStopped) this.#schedule(delayMs);
  }

  #tell(status: DraftStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener();
  }
}

function afterByTimer(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
