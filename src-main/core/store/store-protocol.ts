import type { MessageKey, OutboxId } from '#shared/ids.ts';
import type { MailErrorData } from '#shared/mail-error.ts';
import type { StoreChange } from '#shared/rpc/contract.ts';
import type { Urgency } from './group-commit.ts';
import type { AttemptRow, OutboxRow } from './outbox-rows.ts';
import type { FileRequest, Store } from './store-api.ts';

/**
 * What passes between `openStore` on the main thread and the engine in its worker. Both ends are this program, started
 * from the same files, so frames are typed by this table and not parsed; what comes from disk is parsed by the engine.
 */

/** Answered on the main thread: events, and what needs no engine. */
type MainSide = 'onChanged' | 'newMessageKey' | 'findByContent' | 'noteLeaving';

export type EngineMethods = Omit<
  Store,
  MainSide | 'file' | 'replaceBeginning' | 'read' | 'putOutbox' | 'appendAttempts'
> & {
  file(messages: readonly EngineFileRequest[]): ReturnType<Store['file']>;
  replaceBeginning(beginning: MessageKey, whole: EngineFileRequest): ReturnType<Store['replaceBeginning']>;
  putOutbox(rows: readonly OutboxRow[], urgency: Urgency): Promise<void>;
  appendAttempts(outboxId: OutboxId, rows: readonly AttemptRow[]): Promise<void>;
  read(messageKey: MessageKey): Promise<Uint8Array<ArrayBuffer>>;
  /** Messages whose bytes have this digest (its first 16 hex digits). */
  keysByDigest(digest: string): Promise<{ messageKey: MessageKey; sizeOctets: number }[]>;
};

/** A `FileRequest` with its record as the ledger keeps it. */
export interface EngineFileRequest extends Omit<FileRequest, 'outbox'> {
  readonly outbox?: OutboxRow;
}

export type EngineMethod = keyof EngineMethods;

export interface WorkerOptions {
  readonly profileDir: string;
  readonly mailFolder: string;
}

/** `never`: the sender checked the arguments against the method; the method takes them as they are. */
export type ToWorker =
  | { readonly kind: 'call'; readonly id: number; readonly method: EngineMethod; readonly args: never[] }
  | { readonly kind: 'rebuild'; readonly id: number }
  | { readonly kind: 'abort'; readonly id: number };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failedToOpen'; readonly error: MailErrorData }
  | { readonly kind: 'answer'; readonly id: number; readonly value: never }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: MailErrorData }
  | { readonly kind: 'progress'; readonly id: number; readonly done: number; readonly total: number }
  | { readonly kind: 'changed'; readonly change: StoreChange }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly message: string;
      readonly details: unknown;
    };
