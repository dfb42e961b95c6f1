import { z } from 'zod';
import { FolderPath, MessageKey } from '../ids.ts';

/** Exit codes as clamscan and clamdscan use them: 0 clean, 1 rejected; any other, and no answer, is no judgement. */
const ExitCodes = z.array(z.number().int().min(0).max(255)).min(1).max(20);

const fields = {
  isEnabled: z.boolean(),
  /** A program: its name on the search path, or its full path. Run as it is, never by a shell. */
  command: z.string().trim().max(4096),
  /** One by one. `{file}` becomes the path of a copy; where none says `{file}`, the message is given on standard input. */
  arguments: z.array(z.string().max(4096)).max(100),
  timeLimitSeconds: z.number().int().min(1).max(600),
  cleanCodes: ExitCodes,
  rejectedCodes: ExitCodes,
  /** So many messages are judged at the same time. */
  atOnce: z.number().int().min(1).max(16),
  /** What becomes of a message the command could not judge: it waits in Quarantine and is tried again, or it is filed and marked. */
  whenNotJudged: z.enum(['quarantine', 'file']),
};

/** The command that judges mail before it is filed. */
export const ScannerSettings = z.object({
  isEnabled: fields.isEnabled.default(false),
  command: fields.command.default(''),
  arguments: fields.arguments.default([]),
  timeLimitSeconds: fields.timeLimitSeconds.default(60),
  cleanCodes: fields.cleanCodes.default([0]),
  rejectedCodes: fields.rejectedCodes.default([1]),
  atOnce: fields.atOnce.default(2),
  whenNotJudged: fields.whenNotJudged.default('quarantine'),
});
export type ScannerSettings = z.infer<typeof ScannerSettings>;

/** `waiting`: not asked yet. `not-judged`: asked, and no judgement came. */
const QuarantineState = z.enum(['waiting', 'rejected', 'not-judged']);
export type QuarantineState = z.infer<typeof QuarantineState>;

/** What the ledger knows of a message the scanner has not called clean. */
export const QuarantineRecord = z.object({
  messageKey: MessageKey,
  /** Where it goes when it is released. */
  folder: FolderPath,
  state: QuarantineState,
  /** The scanner's own words, or, for `not-judged`, why there was no judgement. */
  words: z.string().max(4000),
  /** Epoch milliseconds, as the next three. */
  filedAt: z.number(),
  judgedAt: z.number().nullable(),
  /** When it is asked again by itself. */
  retryAt: z.number().nullable(),
  /** It was let through all the same: by the user, or because the settings say so. */
  releasedAt: z.number().nullable(),
  releasedBy: z.enum(['user', 'settings']).nullable(),
  /** How often it was not judged. */
  tries: z.number().int().nonnegative(),
});
export type QuarantineRecord = z.infer<typeof QuarantineRecord>;

/** What a person is told about a message in view. Dates are ISO 8601 UTC. */
export const ScanNote = z.object({
  /** `unknown`: it lies in Quarantine, and nothing is recorded about it. */
  state: z.enum([...QuarantineState.options, 'unknown']),
  words: z.string(),
  judgedAt: z.string().nullable(),
  /** Not shown, its attachments not given out, until it is released. */
  isHeld: z.boolean(),
  releasedBy: z.enum(['user', 'settings']).nullable(),
  folder: FolderPath,
});
export type ScanNote = z.infer<typeof ScanNote>;

/** One message in Quarantine. */
export const QuarantinedMessage = z.object({
  messageKey: MessageKey,
  state: ScanNote.shape.state,
  words: z.string(),
  judgedAt: z.string().nullable(),
  /** Where it goes when it is released. */
  folder: FolderPath,
  subject: z.string(),
  from: z.string(),
  date: z.string(),
  sizeOctets: z.number().int().nonnegative(),
});
export type QuarantinedMessage = z.infer<typeof QuarantinedMessage>;

/** What the command made of one message. */
export const ScanOutcome = z.object({
  verdict: z.enum(['clean', 'rejected', 'not-judged']),
  /** Null: it did not end by itself. */
  exitCode: z.number().int().nullable(),
  /** What it wrote, or, without a judgement, why there is none. */
  words: z.string(),
  durationMs: z.number(),
});
export type ScanOutcome = z.infer<typeof ScanOutcome>;

export const ScannerStatus = z.object({
  settings: ScannerSettings,
  waiting: z.number().int(),
  rejected: z.number().int(),
  notJudged: z.number().int(),
  /** The command gives no judgements at present: why, in a sentence. */
  problem: z.string().nullable(),
});
export type ScannerStatus = z.infer<typeof ScannerStatus>;
