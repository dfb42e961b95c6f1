import { z } from 'zod';

const whole = z.number().int().nonnegative();

/** Where the next message of an mbox begins, and what its reader has learned of the file by then. */
export const MboxMark = z.object({
  /** Octets of the mbox before it. */
  offset: whole,
  /** How many messages stand before it. */
  number: whole,
  isCrlf: z.boolean(),
  hasLengths: z.boolean().nullable(),
  isThunderbirds: z.boolean().nullable(),
  isGmails: z.boolean().nullable(),
});
export type MboxMark = z.infer<typeof MboxMark>;

/** Where reading goes on within a file that holds many messages. */
export const Mark = z.object({
  /** Which entry of an archive, counted from 0. */
  entry: whole.optional(),
  mbox: MboxMark.optional(),
});
export type Mark = z.infer<typeof Mark>;

/** How far a source was read: everything before it has been dealt with, in the order in which it is walked. */
export const Position = z.object({
  /** Files that were passed, and a digest of what each was, one after the other. */
  files: whole,
  chain: z.string(),
  /** The file that was read only in part. */
  within: z
    .object({
      file: z.string(),
      mark: Mark,
      /** SHA-256 of its first block and of the last one before the mark. */
      blocks: z.string(),
    })
    .nullable(),
});
export type Position = z.infer<typeof Position>;
