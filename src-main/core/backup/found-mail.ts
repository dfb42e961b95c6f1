import type { Flag } from '#shared/mail/message.ts';
import type { MailError } from '#shared/mail-error.ts';
import type { Mark } from './resume/position.ts';
import type { GmailLabels } from './sources/gmail-labels.ts';

/** A message is held in memory while it is filed; nothing larger than this is taken for one. */
export const maxMessageOctets = 256 * 1024 * 1024;

/** A folder as the source names it, outermost first. Empty: the source is no folder of its own (a lone file). */
export type Place = readonly string[];

/** What a source yields, one at a time. `source` says where it stood: a path, `mbox#3`, `zip: entry`. */
export type Found =
  | FoundMessage
  /** The other program had deleted it, and only waited to clear it away. */
  | (Marked & { readonly kind: 'deleted'; readonly source: string })
  | (Marked & { readonly kind: 'failed'; readonly source: string; readonly error: MailError });

interface Marked {
  /** Where reading goes on after it. None: its file has no more. */
  readonly mark?: Mark;
}

export interface FoundMessage extends Marked {
  readonly kind: 'message';
  readonly source: string;
  /** Owns its whole ArrayBuffer, so that it can be handed to the store. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly flags: readonly Flag[];
  readonly place: Place;
  readonly tags: readonly string[];
  /** What Gmail's labels say; they go before `place`. */
  readonly labels?: GmailLabels;
  /** The other program had fetched the beginning only. */
  readonly isPartial?: boolean;
  /** Epoch milliseconds, where the source tells it. */
  readonly receivedAt?: number;
}
