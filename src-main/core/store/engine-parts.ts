import type { MessageKey } from '#shared/ids.ts';
import type { StoreChange } from '#shared/rpc/contract.ts';
import type { ReadOutline } from '../outline.ts';
import type { Log } from '../ports.ts';
import type { GroupCommit } from './group-commit.ts';
import type { StoredRow } from './index-rows.ts';
import type { Maildir } from './maildir.ts';
import type { VanishedMessages } from './refiled.ts';
import type { KeptFiles } from './snapshot.ts';
import type { Sql } from './sql.ts';
import type { ThreadQueue } from './threads/thread-queue.ts';
import type { WordQueue } from './word-queue.ts';

/** How much of a message's text the index takes. */
export const maxTextOctets = 512 * 1024;

/** What the parts of the engine share. */
export interface EngineParts {
  readonly maildir: Maildir;
  readonly ledger: Sql;
  readonly group: GroupCommit;
  readonly index: Sql;
  readonly words: WordQueue;
  readonly threads: ThreadQueue;
  readonly readOutline: ReadOutline;
  readonly log: Log;
  /** Where files went in the batch that runs now, until the index says so. */
  readonly moving: Map<MessageKey, StoredRow>;
  /** Keys the running batch has given to files; the index does not know them yet. */
  readonly placing: Set<MessageKey>;
  /** Whose files went away, for files that come. */
  readonly vanished: VanishedMessages;
  readonly emit: (change: StoreChange) => void;
  /** Removed files a snapshot may still want. */
  readonly kept: KeptFiles;
}
