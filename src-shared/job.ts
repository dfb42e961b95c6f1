import { z } from 'zod';
import { AccountId, JobId, MessageKey } from './ids.ts';
import { MailErrorData } from './mail-error.ts';

export const CollectedAccount = z.object({
  accountId: AccountId,
  retrieved: z.number().int(),
  octets: z.number().int(),
  left: z.number().int(),
  deleted: z.number().int(),
  failed: z.array(z.object({ uniqueId: z.string(), error: MailErrorData })),
  durationMs: z.number(),
  error: MailErrorData.optional(),
});
export type CollectedAccount = z.infer<typeof CollectedAccount>;

/** One step of a live test of a server, with the server's own words. */
export const CheckStep = z.object({
  stage: z.enum(['resolve', 'connect', 'tls', 'greeting', 'capabilities', 'auth', 'maildrop', 'mail']),
  outcome: z.enum(['running', 'ok', 'failed', 'skipped']),
  /** What it means, in a sentence. */
  text: z.string(),
  /** The server's words. */
  server: z.string().optional(),
  durationMs: z.number(),
});
export type CheckStep = z.infer<typeof CheckStep>;

/** One endpoint tested. `advice` names another endpoint that works, when one was found. */
export const CheckedEndpoint = z.object({
  endpoint: z.object({ host: z.string(), port: z.number().int(), security: z.enum(['tls', 'starttls', 'none']) }),
  steps: z.array(CheckStep),
  error: MailErrorData.optional(),
  certificate: z
    .object({ subject: z.string(), issuer: z.string(), validFrom: z.string(), validTo: z.string(), sha256: z.string() })
    .optional(),
  transcript: z.array(z.string()),
});
export type CheckedEndpoint = z.infer<typeof CheckedEndpoint>;

export const CheckReport = z.object({
  kind: z.literal('check'),
  ok: z.boolean(),
  endpoints: z.array(CheckedEndpoint),
  /** The verdict in words. */
  verdict: z.string(),
  advice: z.array(
    z.object({
      endpoint: z.object({ host: z.string(), port: z.number().int(), security: z.enum(['tls', 'starttls', 'none']) }),
      text: z.string(),
    }),
  ),
});
export type CheckReport = z.infer<typeof CheckReport>;

export const ImportReport = z.object({
  kind: z.literal('import'),
  imported: z.number().int(),
  duplicates: z.number().int(),
  malformed: z.number().int(),
  failed: z.array(z.object({ source: z.string(), error: MailErrorData })),
});
export type ImportReport = z.infer<typeof ImportReport>;

export const ExportReport = z.object({
  kind: z.literal('export'),
  exported: z.number().int(),
  octets: z.number().int(),
  /** Where it was written. */
  out: z.string(),
  /** Messages that are not CRLF throughout, whose bytes an mbox cannot give back exactly. */
  inexact: z.array(MessageKey),
});
export type ExportReport = z.infer<typeof ExportReport>;

export const JobSummary = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('collect'), accounts: z.array(CollectedAccount) }),
  CheckReport,
  ImportReport,
  ExportReport,
  z.object({
    kind: z.literal('flush'),
    sent: z.number().int(),
    deferred: z.number().int(),
    held: z.number().int(),
    failed: z.number().int(),
  }),
  z.object({ kind: z.literal('index'), messages: z.number().int(), problems: z.array(z.string()) }),
  z.object({
    kind: z.literal('backup'),
    messages: z.number().int(),
    octets: z.number().int(),
    problems: z.array(z.string()),
  }),
]);
export type JobSummary = z.infer<typeof JobSummary>;

export const JobKind = z.enum(['collect', 'check', 'import', 'export', 'flush', 'index', 'backup']);
export type JobKind = z.infer<typeof JobKind>;

/** Where a job stands. `running` carries what a person wants to know: what, how far, how much. */
export const JobState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('queued') }),
  z.object({
    kind: z.literal('running'),
    phase: z.string(),
    done: z.number(),
    total: z.number().nullable(),
    octets: z.number(),
  }),
  z.object({ kind: z.literal('succeeded'), summary: JobSummary }),
  z.object({ kind: z.literal('failed'), error: MailErrorData }),
  z.object({ kind: z.literal('cancelled') }),
]);
export type JobState = z.infer<typeof JobState>;

export const Job = z.object({
  jobId: JobId,
  jobKind: JobKind,
  /** What it works on, in words: an account's label, a file's name. */
  label: z.string(),
  startedAt: z.string(),
  state: JobState,
});
export type Job = z.infer<typeof Job>;
