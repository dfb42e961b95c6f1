import { z } from 'zod';
import { AccountId, FolderPath, JobId, MessageKey, ServerId } from './ids.ts';
import { BackupKind } from './mail/backup.ts';
import { RulesReport } from './mail/rule.ts';
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
  /** Large messages of which only the beginning was taken now. */
  beginnings: z.number().int().optional(),
  /** Large messages whose server cannot give a beginning: they stay there, unseen here. */
  tooLarge: z.number().int().optional(),
  /** What is left on the server takes this much, where the account asks to be warned. */
  serverOctets: z.number().int().optional(),
  /** Seconds the server wants between two visits (LOGIN-DELAY), where it said so. */
  loginDelaySeconds: z.number().int().optional(),
  /** The server lost commands sent together; in the same visit they were sent again one by one. */
  lostTogether: z.boolean().optional(),
  /** So many messages were due by their age and stay, since the clock went ahead by so much: their days count anew. */
  keptForClock: z.object({ messages: z.number().int(), aheadMs: z.number(), days: z.number().int() }).optional(),
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
  /** What was negotiated: `TLSv1.3`, and the cipher suite. Absent in clear. */
  tls: z.object({ protocol: z.string(), cipher: z.string() }).optional(),
  /** The keywords of EHLO, upper case: `SIZE 10240000`, `STARTTLS`. */
  capabilities: z.array(z.string()).optional(),
  /** The mechanisms AUTH offers, upper case; empty when it offers none. */
  authMethods: z.array(z.string()).optional(),
  transcript: z.array(z.string()),
});
export type CheckedEndpoint = z.infer<typeof CheckedEndpoint>;

/** What a test found, for choosing an icon, a sentence in the reader's language, and the one button. */
export const CheckVerdict = z.enum([
  'works',
  'offline',
  'port-blocked',
  'server-down',
  'unknown-host',
  'wrong-certificate',
  'something-in-its-place',
  'needs-authentication',
  'wrong-password',
  'refuses-this-network',
  'other',
]);
export type CheckVerdict = z.infer<typeof CheckVerdict>;

/** One thing that would help, done by one button. Never less security than what was asked for. */
export const CheckAdvice = z.object({
  /**
   * `use-endpoint`: this one works instead. `accept-relay`: what answers on this network may take mail from here (only for
   * security `none`). `pin-certificate`: the server shows `certificateSha256`, which no authority vouches for.
   */
  kind: z.enum(['use-endpoint', 'accept-relay', 'pin-certificate']),
  endpoint: z.object({ host: z.string(), port: z.number().int(), security: z.enum(['tls', 'starttls', 'none']) }),
  certificateSha256: z.string().optional(),
  text: z.string(),
});
export type CheckAdvice = z.infer<typeof CheckAdvice>;

export const CheckReport = z.object({
  kind: z.literal('check'),
  ok: z.boolean(),
  endpoints: z.array(CheckedEndpoint),
  verdictKind: CheckVerdict,
  /** The saved outgoing server it was about, if it was one. */
  serverId: ServerId.optional(),
  /** The verdict in words. */
  verdict: z.string(),
  advice: z.array(CheckAdvice),
});
export type CheckReport = z.infer<typeof CheckReport>;

/** What came of address books. */
export const ImportedContacts = z.object({
  /** Addresses that are new in ours. */
  added: z.number().int(),
  /** That were in it already, and stayed as they are. */
  known: z.number().int(),
  /** People without an e-mail address, whom ours has no use for. */
  withoutAddress: z.number().int(),
  /** Names of the books that were read. */
  books: z.array(z.string()),
  /** Names of mailing lists, which ours does not have: their people came in, the lists did not. */
  lists: z.array(z.string()),
});
export type ImportedContacts = z.infer<typeof ImportedContacts>;

export const ImportReport = z.object({
  kind: z.literal('import'),
  imported: z.number().int(),
  duplicates: z.number().int(),
  malformed: z.number().int(),
  /** The first of what could not be read; `failedTotal` counts all. */
  failed: z.array(z.object({ source: z.string(), error: MailErrorData })),
  failedTotal: z.number().int(),
  /** Deleted in the other program and not cleared away yet; they were not imported. */
  deleted: z.number().int(),
  /** Not wanted: they would have gone to a folder that was to be left out. */
  leftOut: z.number().int(),
  /** The other program had fetched their beginning only. */
  partial: z.number().int(),
  /** Where they went, how many to each. */
  folders: z.array(z.object({ folder: FolderPath, imported: z.number().int() })),
  /** The tags that came with them, with the other program's colours (`#RRGGBB`). */
  tags: z.array(z.object({ name: z.string(), colour: z.string().nullable() })),
  /** Where there were address books. */
  contacts: ImportedContacts.optional(),
  /** It went on with one that was broken off: so many had been dealt with by then. The figures are of all runs together. */
  resumedAfter: z.number().int().optional(),
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
  /** Large messages that are here, and so went out, by their beginning only. */
  beginnings: z.array(MessageKey).optional(),
  /** Messages that did not go out: their files lie in the Mail folder and cannot be read. */
  unreadable: z.array(MessageKey).optional(),
});
export type ExportReport = z.infer<typeof ExportReport>;

/** What a nudge of a server came to (ETRN, ATRN, a wake-up mail, a trigger port). */
export const KickReport = z.object({
  kind: z.literal('kick'),
  ok: z.boolean(),
  /** One sentence: what was done, what the server answered, what happens next. */
  text: z.string(),
  /** Messages that came in by it (ATRN). */
  received: z.number().int(),
  transcript: z.array(z.string()),
  /** Why, when it is not `ok`. */
  error: MailErrorData.optional(),
});
export type KickReport = z.infer<typeof KickReport>;

/** One thing in a backup that is not what was written. */
export const BackupDamage = z.object({
  /** The name of the backup's file. */
  file: z.string(),
  /** The entry's name in the zip; of a message that an earlier backup was to hold, its key. */
  entry: z.string(),
  /** `messages`: a list of them, with their flags. `directory`: of the zip itself. `base`: an earlier backup. */
  holds: z.enum(['message', 'messages', 'ledger', 'settings', 'secrets', 'note', 'manifest', 'directory', 'base']),
  folder: z.string().optional(),
  /** Of a message. */
  subject: z.string().optional(),
  from: z.string().optional(),
  /** ISO 8601 UTC. */
  date: z.string().optional(),
});
export type BackupDamage = z.infer<typeof BackupDamage>;

/** What making, checking or restoring a backup came to. */
export const BackupReport = z.object({
  kind: z.literal('backup'),
  action: z.enum(['create', 'verify', 'restore']),
  file: z.string(),
  archiveKind: BackupKind,
  /** ISO 8601 UTC: when the backup was made. */
  createdAt: z.string(),
  /** Messages: that come back by it (create, verify), or that were put back now (restore). */
  messages: z.number().int(),
  /** create: whose bytes are in this very file. restore: that were here already and were left alone. */
  others: z.number().int(),
  octets: z.number().int(),
  /** The file's SHA-256 as its trailer says, hex; of the files before it too, nearest first. */
  chain: z.array(z.object({ file: z.string(), sha256: z.string() })),
  /** restore: messages of the Outbox that came back and wait for a person's word. */
  held: z.number().int(),
  /** restore: whether accounts, servers and identities were taken. */
  tookSettings: z.boolean(),
  /** restore: folders that were not here (any more) and came back. */
  returned: z.array(FolderPath).optional(),
  /** verify: whether every octet, and every octet of the files it needs, is what was written. */
  verified: z.boolean().optional(),
  /** verify and restore of a damaged one: what of it is damaged, the first of them by name, and how many in all. */
  damaged: z.array(BackupDamage).optional(),
  damagedTotal: z.number().int().optional(),
  /** Messages among them. verify: that are intact. */
  damagedMessages: z.number().int().optional(),
  intactMessages: z.number().int().optional(),
  /** restore: that came back whole, but with no more than their names in the zip say: their list is damaged. */
  unlisted: z.number().int().optional(),
  /** In sentences: what does not hold, and what could not be taken in when it was made. */
  problems: z.array(z.string()),
});
export type BackupReport = z.infer<typeof BackupReport>;

/** What getting a message whole came to. */
export const FetchReport = z.object({
  kind: z.literal('fetch'),
  /** The beginning that lay here. */
  beginning: MessageKey,
  /** The whole message, in its place. */
  messageKey: MessageKey,
  octets: z.number().int(),
  /** Whether it was deleted on the server, as the account says, now that all of it is here. */
  isDeletedThere: z.boolean(),
});
export type FetchReport = z.infer<typeof FetchReport>;

export const JobSummary = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('collect'), accounts: z.array(CollectedAccount) }),
  CheckReport,
  KickReport,
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
  BackupReport,
  RulesReport,
  FetchReport,
]);
export type JobSummary = z.infer<typeof JobSummary>;

export const JobKind = z.enum([
  'collect',
  'check',
  'kick',
  'import',
  'export',
  'flush',
  'index',
  'backup',
  'rules',
  'fetch',
]);
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
    /** How many octets there are in all, where the number of messages is not known before. */
    totalOctets: z.number().optional(),
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
