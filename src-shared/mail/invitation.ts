import { z } from 'zod';
import { FolderPath, IdentityId, MessageKey } from '../ids.ts';

/** When something begins or ends, as far as it can be told. `local` and `date` are ISO 8601 without a zone. */
export const EventMoment = z.discriminatedUnion('kind', [
  /** A whole day, wherever one is. */
  z.object({ kind: z.literal('day'), date: z.string() }),
  /** The time on the wall: of no zone at all (`zone` is ''), or of one that nobody here knows. */
  z.object({ kind: z.literal('wall'), local: z.string(), zone: z.string() }),
  /** Epoch milliseconds, and what the clocks of its own zone show then; `zone` is '' for UTC. */
  z.object({ kind: z.literal('instant'), at: z.number(), local: z.string(), zone: z.string() }),
]);
export type EventMoment = z.infer<typeof EventMoment>;

export const Weekday = z.enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']);
export type Weekday = z.infer<typeof Weekday>;

/** How it comes again (RFC 5545 §3.3.10), as far as it can be said in words. */
export const EventRepeats = z.object({
  /** `otherwise`: by a rule that is not put in words here. */
  every: z.enum(['day', 'week', 'month', 'year', 'otherwise']),
  /** Every second week: 2. */
  interval: z.number().int().min(1),
  weekdays: z.array(Weekday),
  /** Of a month: the first such weekday is 1, the last one -1. */
  nth: z.number().int().optional(),
  dayOfMonth: z.number().int().optional(),
  /** 1 is January. */
  month: z.number().int().optional(),
  /** The last day it may happen on. */
  untilDate: z.string().optional(),
  count: z.number().int().optional(),
  /** So many of its days are left out, or were added. */
  without: z.number().int(),
  added: z.number().int(),
});
export type EventRepeats = z.infer<typeof EventRepeats>;

export const InvitedEvent = z.object({
  title: z.string(),
  place: z.string(),
  /** Where it is held or told about on the web; https only. */
  link: z.string().optional(),
  description: z.string(),
  start: EventMoment.nullable(),
  /** The first moment, or the first day, it is over; null: none is given. */
  end: EventMoment.nullable(),
  repeats: EventRepeats.optional(),
  /** One day of what repeats; the day it was meant for. */
  instanceOf: EventMoment.optional(),
  isCancelled: z.boolean(),
});
export type InvitedEvent = z.infer<typeof InvitedEvent>;

/** What somebody answered; `unanswered` also for what is not understood. */
export const Participation = z.enum(['unanswered', 'accepted', 'declined', 'tentative', 'delegated']);
export type Participation = z.infer<typeof Participation>;

export const InvitationAnswer = Participation.extract(['accepted', 'tentative', 'declined']);
export type InvitationAnswer = z.infer<typeof InvitationAnswer>;

export const Invitee = z.object({
  displayName: z.string(),
  /** '' when it has no address of mail. */
  mailbox: z.string(),
  participation: Participation,
  isOptional: z.boolean(),
  /** A room or a thing. */
  isResource: z.boolean(),
});
export type Invitee = z.infer<typeof Invitee>;

/** What a message of a calendar says (RFC 5546, RFC 6047). */
export const Invitation = z.object({
  /** `event` asks for nothing: a notice, or a message that contradicts itself. */
  kind: z.enum(['request', 'update', 'cancel', 'reply', 'counter', 'event']),
  uid: z.string(),
  /** Raised with every change (RFC 5545 §3.8.7.4). */
  sequence: z.number(),
  /** Which day of what repeats, as it stands in the message; '' for all. */
  instance: z.string(),
  organizer: z.object({ displayName: z.string(), mailbox: z.string() }).nullable(),
  /** The first of them. Of a reply: who answered. */
  invitees: z.array(Invitee),
  inviteeCount: z.number().int(),
  /** What whoever answered wrote with it. */
  comment: z.string(),
  /** The first of them, the one all the rest says something of in front. */
  events: z.array(InvitedEvent).min(1),
  eventCount: z.number().int(),
  /** The attachments that hold just this. */
  partIds: z.array(z.string()),
});
export type Invitation = z.infer<typeof Invitation>;

/** As the reading pane shows it: who of us is asked, when one of us is. */
export const ShownInvitation = Invitation.extend({
  asked: z.object({ identityId: IdentityId, mailbox: z.string(), participation: Participation }).optional(),
});
export type ShownInvitation = z.infer<typeof ShownInvitation>;

/** So many invitees and events a screen is given. */
export const shownInvitees = 300;
export const shownEvents = 20;

/** The answer that was given to an invitation; `isWaiting`: it has not left the Outbox. */
export const GivenAnswer = z.object({ answer: InvitationAnswer, isWaiting: z.boolean(), date: z.string() });
export type GivenAnswer = z.infer<typeof GivenAnswer>;

/** A message that came after an invitation and changes or cancels it. */
export const LaterWord = z.object({
  kind: z.enum(['update', 'cancel']),
  messageKey: MessageKey,
  folder: FolderPath,
});
export type LaterWord = z.infer<typeof LaterWord>;
