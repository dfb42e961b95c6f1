import { z } from 'zod';
import { IdentityId, LocationId, MessageKey, OutboxId, ServerId } from '../ids.ts';

/** How far an attempt came, in the order of the dialogue. */
export const attemptStages = [
  'resolve',
  'connect',
  'tls',
  'greeting',
  'ehlo',
  'auth',
  'mail',
  'rcpt',
  'data',
  'final-dot',
] as const;
export const AttemptStage = z.enum(attemptStages);
export type AttemptStage = z.infer<typeof AttemptStage>;

export const AttemptOutcome = z.enum([
  'accepted',
  'transient',
  'permanent',
  'unreachable',
  'unsafe',
  'uncertain',
  'cancelled',
]);
export type AttemptOutcome = z.infer<typeof AttemptOutcome>;

export const RecipientReply = z.object({
  mailbox: z.string(),
  replyCode: z.number().int().optional(),
  text: z.string(),
});
export type RecipientReply = z.infer<typeof RecipientReply>;

export const StageTiming = z.object({
  stage: AttemptStage,
  ok: z.boolean(),
  durationMs: z.number(),
  text: z.string().optional(),
});
export type StageTiming = z.infer<typeof StageTiming>;

/** One endpoint tried for one message. `stage` is the last one reached. */
export const Attempt = z.object({
  serverId: ServerId,
  serverLabel: z.string(),
  /** `host:port` */
  endpoint: z.string(),
  stage: AttemptStage,
  outcome: AttemptOutcome,
  replyCode: z.number().int().optional(),
  enhancedStatusCode: z.string().optional(),
  /** The server's own words, or ours when it said nothing. */
  text: z.string().optional(),
  recipients: z.array(RecipientReply).optional(),
  durationMs: z.number(),
  /** ISO 8601 UTC, when the attempt began. */
  startedAt: z.string(),
  locationId: LocationId.optional(),
  /** Every stage in order with its own time and the server's words. */
  stages: z.array(StageTiming),
  /** The dialogue, one line each, `C: ` or `S: ` first; secrets as dots; message data as a count of octets. */
  transcript: z.array(z.string()),
  /** What it means and what happens next, one plain sentence. */
  meaning: z.string(),
});
export type Attempt = z.infer<typeof Attempt>;

/** Why a server was left out of a plan. */
export const SkipReason = z.enum([
  'disabled',
  'route-forbids',
  'sender-not-accepted',
  'network-not-allowed',
  'weaker-security',
  'cooling-down',
  'refused-sender',
  'refused-recipient-domain',
  'refused-relaying',
  'blocked-on-this-network',
  'too-large',
  'rate-limited',
  'auth-failed',
  'needs-password',
  'something-in-its-place',
  'no-endpoint',
  'not-supported',
]);
export type SkipReason = z.infer<typeof SkipReason>;

export const Skipped = z.object({
  serverId: ServerId,
  reason: SkipReason,
  /** In words, for a person. */ detail: z.string().optional(),
});
export type Skipped = z.infer<typeof Skipped>;

export const OutboxState = z.enum(['held', 'queued', 'sending', 'deferred', 'sent', 'failed']);
export type OutboxState = z.infer<typeof OutboxState>;

export const HeldFor = z.enum([
  'undo',
  'send-later',
  'offline',
  'uncertain',
  'needs-password',
  'content',
  'server-gone',
  // No server it may go by takes such a message: its size, 8-bit text, addresses outside ASCII.
  'server-limits',
]);
export type HeldFor = z.infer<typeof HeldFor>;

/**
 * `pending`: still to be sent. `dot-pending`: the last body octets may have left and no reply was recorded; found so at
 * start it becomes `uncertain`. `accepted`, `refused`: what a server said of this recipient. `uncertain`: a person decides.
 * `dropped`: the user said not to send to this one any more.
 */
export const RecipientState = z.enum(['pending', 'dot-pending', 'accepted', 'refused', 'uncertain', 'dropped']);
export type RecipientState = z.infer<typeof RecipientState>;

export const OutboxRecipient = z.object({
  mailbox: z.string(),
  state: RecipientState,
  serverId: ServerId.optional(),
  replyCode: z.number().int().optional(),
  enhancedStatusCode: z.string().optional(),
  text: z.string().optional(),
});
export type OutboxRecipient = z.infer<typeof OutboxRecipient>;

/** An outbox item as the ledger keeps it: the truth about one message on its way. */
export const OutboxRecord = z.object({
  outboxId: OutboxId,
  messageKey: MessageKey,
  messageId: z.string(),
  identityId: IdentityId.nullable(),
  /** The reverse-path: the mailbox for MAIL FROM. */
  reversePath: z.string(),
  subject: z.string(),
  sizeOctets: z.number().int().nonnegative(),
  recipients: z.array(OutboxRecipient),
  state: OutboxState,
  heldFor: HeldFor.optional(),
  /** Epoch milliseconds: not before this moment (deferred, send later, undo). */
  dueAt: z.number().optional(),
  queuedAt: z.number(),
  /** How many passes found nobody to take it. */
  deferrals: z.number().int().nonnegative(),
  skipped: z.array(Skipped),
  /** For this message only: these servers, in this order. */
  serverIds: z.array(ServerId).optional(),
  /** Answered or forwarded once this is sent. */
  source: z.object({ messageKey: MessageKey, kind: z.enum(['reply', 'forward']) }).optional(),
  /** Written in the composer: taken back, it becomes a draft made anew. Any other file comes back byte for byte. */
  isComposed: z.boolean().optional(),
  /** The moment the user chose to send it at. */
  sendAt: z.number().optional(),
  /** When the first pass found nobody: from then on the four hours and the five days count. */
  waitingSince: z.number().optional(),
  /**
   * What may let a deferred message go before its time: `network`: nobody took a look at it from here; `settings`: no
   * server may be asked. Absent: a server said "later", and its word holds.
   */
  wakesOn: z.enum(['network', 'settings']).optional(),
  /** It holds octets above 127; known once it was read to be sent. */
  isEightBit: z.boolean().optional(),
  /** It waits because something failed on this computer, its disk perhaps: no server is to blame. */
  isOwnFault: z.boolean().optional(),
  delayNoticeSent: z.boolean(),
  /** One sentence: where it stands and what happens next. */
  explanation: z.string(),
});
export type OutboxRecord = z.infer<typeof OutboxRecord>;

/** What the screens and the command show of an outbox item. */
export const OutboxItem = z.object({
  outboxId: OutboxId,
  messageId: z.string(),
  messageKey: MessageKey,
  identityId: IdentityId.nullable(),
  from: z.string(),
  subject: z.string(),
  sizeOctets: z.number().int().nonnegative(),
  state: OutboxState,
  heldFor: HeldFor.optional(),
  /** ISO 8601 UTC. */
  deferredUntil: z.string().optional(),
  queuedAt: z.string(),
  accepted: z.array(z.string()),
  refused: z.array(RecipientReply),
  pending: z.array(z.string()),
  uncertain: z.array(z.string()),
  skipped: z.array(Skipped),
  /** Empty in a light answer. */
  attempts: z.array(Attempt),
  /** For this message only: these servers, in this order. */
  serverIds: z.array(ServerId).optional(),
  /** Its last octets have left and the reply is awaited: it cannot be stopped. */
  isAtFinalDot: z.boolean().optional(),
  /** It waits because something failed on this computer: no server is to blame. */
  isOwnFault: z.boolean().optional(),
  explanation: z.string(),
});
export type OutboxItem = z.infer<typeof OutboxItem>;

export const ExplainedAttempt = z.object({
  serverId: ServerId,
  serverLabel: z.string(),
  endpoint: z.string(),
  why: z.string(),
});
export const NetworkLocation = z.object({
  locationId: LocationId,
  /** What the user calls it, or a description ("Network at 192.168.1.1"). */
  name: z.string(),
  isNamed: z.boolean(),
  isOnline: z.boolean(),
});
export type NetworkLocation = z.infer<typeof NetworkLocation>;

/** A network as the ledger keeps it; what the user calls it stands in the settings. */
export const NetworkRecord = z.object({
  locationId: LocationId,
  gatewayAddress: z.string().nullable(),
  dnsSuffix: z.string().nullable(),
  interfaceKind: z.enum(['wired', 'wireless', 'other']).nullable(),
  wifiName: z.string().nullable(),
  /** Epoch milliseconds. */
  firstSeenAt: z.number(),
  lastSeenAt: z.number(),
});
export type NetworkRecord = z.infer<typeof NetworkRecord>;

/** A network this machine has been on, for the list of networks. */
export const SeenNetwork = z.object({
  locationId: LocationId,
  name: z.string(),
  isNamed: z.boolean(),
  isCurrent: z.boolean(),
  /** What it was recognised by, in words: gateway, DNS suffix, kind of interface, Wi-Fi name. */
  description: z.string(),
  /** ISO 8601 UTC; null where it is not known (named before Postrider kept it). */
  firstSeenAt: z.string().nullable(),
  lastSeenAt: z.string().nullable(),
});
export type SeenNetwork = z.infer<typeof SeenNetwork>;

export const RouteExplanation = z.object({
  attempts: z.array(ExplainedAttempt),
  skipped: z.array(Skipped),
  location: NetworkLocation,
  /** No server it may go by takes such a message, by all that is known of them: who takes what, and what to do. */
  cannot: z.string().optional(),
});
export type RouteExplanation = z.infer<typeof RouteExplanation>;

/** What a message may need of the server it goes by. */
export const SmtpExtension = z.enum(['8BITMIME', 'SMTPUTF8']);
export type SmtpExtension = z.infer<typeof SmtpExtension>;

/** One remembered fact about a server, as the ledger keeps it and the screens show it; `key` is unique, `expiresAt` epoch ms. */
export const DeliveryMemoryEntry = z.object({
  key: z.string(),
  kind: z.enum([
    'success',
    'cool-down',
    'refused-sender',
    'refused-recipient-domain',
    'refused-relaying',
    'refused-size',
    'blocked',
    'auth-failed',
    'seen',
    'something-in-its-place',
    'relay-accepted',
    'no-pipelining',
    'lacks-extension',
  ]),
  serverId: ServerId,
  endpoint: z.string().optional(),
  locationId: LocationId.optional(),
  sender: z.string().optional(),
  recipientDomain: z.string().optional(),
  /** For `refused-size`: a message of this many octets is too large. */
  octets: z.number().optional(),
  /** For `refused-size`: the most it said it takes. */
  limitOctets: z.number().optional(),
  /** For `lacks-extension`. */
  extension: SmtpExtension.optional(),
  /** For `success`: it took mail for a domain that is not its own. */
  relayed: z.boolean().optional(),
  /** For `refused-relaying`: domains it took mail for all the same, because they are its own. */
  localDomains: z.array(z.string()).optional(),
  failures: z.number().int().optional(),
  durationMs: z.number().optional(),
  text: z.string().optional(),
  /** For `seen`, `something-in-its-place` and `relay-accepted`: what answered there, to notice when something else does. */
  seen: z
    .object({
      /** Registrable domains of the greeting and of the reply to EHLO; null where they name none. */
      greetingDomain: z.string().nullable(),
      ehloDomain: z.string().nullable(),
      offersStartTls: z.boolean(),
      /** Whether the certificate was valid for the host; null where none was shown. */
      isCertificateValid: z.boolean().nullable(),
    })
    .optional(),
  /** For `auth-failed`: a few bits of a salted digest of the sign-in settings that failed, to notice that they changed. */
  secretMark: z.string().optional(),
  learnedAt: z.number(),
  expiresAt: z.number().nullable(),
});
export type DeliveryMemoryEntry = z.infer<typeof DeliveryMemoryEntry>;

/** How a server has been doing lately: for the table of instruments. */
export const ServerCondition = z.object({
  serverId: ServerId,
  state: z.enum(['took-it', 'waiting', 'refused', 'uncertain', 'unknown']),
  /** In words: "took mail 5 minutes ago", "not answering since 14:02". */
  words: z.string(),
  lastUsedAt: z.string().optional(),
  /** Milliseconds of the last attempts, oldest first; negative for a failed one. */
  recentMs: z.array(z.number()),
  typicalMs: z.number().optional(),
  memory: z.array(DeliveryMemoryEntry),
  /** The last kick since the app was started: ISO 8601 UTC, whether it worked, one sentence. */
  kick: z.object({ at: z.string(), ok: z.boolean(), text: z.string() }).optional(),
});
export type ServerCondition = z.infer<typeof ServerCondition>;
