import type { Flag } from '#shared/mail/message.ts';
import type { MailError } from '#shared/mail-error.ts';

/** A message is held in memory while it is filed; nothing larger than this is taken for one. */
export const maxMessageOctets = 256 * 1024 * 1024;

/** What a source yields, one at a time. `source` says where it stood: a path, `mbox#3`, `zip: entry`. */
export type Found =
  | {
      readonly kind: 'message';
      readonly source: string;
      /** Owns its whole ArrayBuffer, so that it can be handed to the store. */
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly flags: Flag[];
      /** Epoch milliseconds, where the source tells it. */
      readonly receivedAt?: number;
    }
  | { readonly kind: 'failed'; readonly source: string; readonly error: MailError };
