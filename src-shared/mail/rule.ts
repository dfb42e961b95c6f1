import { z } from 'zod';
import { FolderPath, IdentityId, MessageKey, RuleId } from '../ids.ts';
import { HeaderText, MailboxText } from './address.ts';

/** Where a condition looks. `recipient`: To, Cc, and the fields in which a server writes whom it delivered to. */
const RuleField = z.enum(['from', 'to', 'cc', 'recipient', 'subject', 'body', 'list-id', 'header']);
export type RuleField = z.infer<typeof RuleField>;

/** `pattern`: a regular expression in the syntax of RE2, whose time grows with the text and never faster. */
const RuleTest = z.enum(['contains', 'is', 'begins', 'ends', 'pattern']);
export type RuleTest = z.infer<typeof RuleTest>;

/** Letter case is never looked at. `not` turns a condition round. */
export const RuleCondition = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('text'),
    field: RuleField,
    /** The field's name, for `header`. */
    header: z
      .string()
      .trim()
      .max(200)
      .regex(/^[!-9;-~]+$/, 'A header field has a name like X-Project, without a colon.')
      .optional(),
    how: RuleTest,
    value: z.string().min(1, 'Say what to look for.').max(1000),
    not: z.boolean().default(false),
  }),
  z.object({
    kind: z.literal('size'),
    how: z.enum(['larger', 'smaller']),
    octets: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  }),
  z.object({ kind: z.literal('attachment'), not: z.boolean().default(false) }),
  /** It was sent or delivered to this identity's address. */
  z.object({ kind: z.literal('identity'), identityId: IdentityId, not: z.boolean().default(false) }),
]);
export type RuleCondition = z.infer<typeof RuleCondition>;

/** `redirect` sends the message on as it is (RFC 5322 §3.6.6); `forward` as an attachment of a new one. */
export const RuleAction = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('move'), folder: FolderPath }),
  z.object({ kind: z.literal('copy'), folder: FolderPath }),
  z.object({ kind: z.literal('tag'), tag: z.string().trim().min(1, 'Name the tag.').max(64) }),
  z.object({ kind: z.literal('flag') }),
  z.object({ kind: z.literal('mark-read') }),
  z.object({ kind: z.literal('forward'), to: MailboxText, identityId: IdentityId }),
  z.object({ kind: z.literal('redirect'), to: MailboxText, identityId: IdentityId }),
  /** No later rule is asked. */
  z.object({ kind: z.literal('stop') }),
]);
export type RuleAction = z.infer<typeof RuleAction>;

const fields = {
  name: HeaderText.trim().min(1, 'Give the rule a name.').max(200),
  isEnabled: z.boolean().default(true),
  match: z.enum(['all', 'any']).default('all'),
  conditions: z.array(RuleCondition).min(1, 'A rule needs a condition.').max(50),
  actions: z.array(RuleAction).min(1, 'Say what the rule does.').max(20),
};

export const RuleInput = z.object(fields);
export type RuleInput = z.infer<typeof RuleInput>;

/** What happens by itself to mail that arrives. Rules are asked in their order. */
export const Rule = z.object({ id: RuleId, ...fields });
export type Rule = z.infer<typeof Rule>;

/** One thing a rule does, or would do, to a message. */
export const RuleAct = z.object({ ruleId: RuleId, ruleName: z.string(), action: RuleAction });
export type RuleAct = z.infer<typeof RuleAct>;

/** Something a rule could not do. */
export const RuleProblem = z.object({
  ruleId: RuleId,
  messageKey: MessageKey,
  /** Epoch milliseconds. */
  at: z.number(),
  /** What was not done and why, in a sentence. */
  text: z.string().max(2000),
});
export type RuleProblem = z.infer<typeof RuleProblem>;

export const RuleTrialRow = z.object({
  messageKey: MessageKey,
  subject: z.string(),
  from: z.string(),
  /** ISO 8601 UTC. */
  date: z.string(),
  acts: z.array(RuleAct),
});
export type RuleTrialRow = z.infer<typeof RuleTrialRow>;

/** What rules did, or would do, to the messages of a folder. */
export const RulesReport = z.object({
  kind: z.literal('rules'),
  isDryRun: z.boolean(),
  folder: FolderPath,
  examined: z.number().int(),
  matched: z.number().int(),
  /** The first of those matched. */
  rows: z.array(RuleTrialRow),
  /** What could not be done, in sentences. */
  problems: z.array(z.string()),
});
export type RulesReport = z.infer<typeof RulesReport>;

/** The filter that learns what this user calls junk. */
export const JunkSettings = z.object({
  isEnabled: z.boolean().default(true),
  /** From this likelihood on (0.5 to 0.999) a message is moved to Junk. */
  threshold: z.number().min(0.5).max(0.999).default(0.95),
});
export type JunkSettings = z.infer<typeof JunkSettings>;

export const JunkStatus = JunkSettings.extend({
  /** How many messages it has learnt from. */
  junk: z.number().int(),
  good: z.number().int(),
  /** So many of each it needs before it judges. */
  needed: z.number().int(),
  isReady: z.boolean(),
});
export type JunkStatus = z.infer<typeof JunkStatus>;

/** What the filter takes a message for, and why. */
export const JunkVerdict = z.object({
  isJunk: z.boolean(),
  /** 0 good, 1 junk, 0.5 nothing is known. */
  likelihood: z.number(),
  /** The words that counted most, the strongest first; `from:`, `subject:`, `link:` say where they stood. */
  words: z.array(z.object({ word: z.string(), likelihood: z.number() })),
  /** The sender is somebody the user knows: never junk. */
  knownAs: z.string().optional(),
});
export type JunkVerdict = z.infer<typeof JunkVerdict>;

/** An answer sent by itself for a while (RFC 3834). One an identity. */
export const AutoReply = z.object({
  identityId: IdentityId,
  isEnabled: z.boolean().default(false),
  /** Days as YYYY-MM-DD in local time, both included; absent: without end. */
  from: z.iso.date().optional(),
  until: z.iso.date().optional(),
  subject: HeaderText.max(300).default(''),
  text: z.string().max(20_000),
  /** The same sender hears it once in so many days. */
  everyDays: z.number().int().min(1).max(365).default(7),
});
export type AutoReply = z.infer<typeof AutoReply>;
