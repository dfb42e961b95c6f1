import type { Address } from '#shared/mail/address.ts';
import type { Identity } from '#shared/mail/identity.ts';
import {
  type EventMoment,
  type Invitation,
  type InvitationAnswer,
  type ShownInvitation,
  shownEvents,
  shownInvitees,
} from '#shared/mail/invitation.ts';
import type { Draft, ParsedMessage } from '#shared/mail/message.ts';
import type { Settings } from '#shared/mail/settings.ts';
import { MailError } from '#shared/mail-error.ts';
import { chooseIdentity, isOwnMailbox } from './choose-identity.ts';
import { emptyDraft, threadOf } from './start-draft.ts';

/** An invitation as far as a screen shows it, and who of us is asked by it. */
export function shownInvitation(
  invitation: Invitation,
  { identities }: Pick<Settings, 'identities'>,
  deliveredTo: readonly string[],
  to: readonly Address[],
): ShownInvitation {
  const { invitees, events } = invitation;
  const asked = whoIsAsked(invitation, identities, [...deliveredTo, ...to.map(({ mailbox }) => mailbox)]);
  return {
    ...invitation,
    invitees: invitees.slice(0, shownInvitees),
    events: events.slice(0, shownEvents),
    ...(asked === undefined ? {} : { asked }),
  };
}

/** Of several of ours that are asked, the one this message was delivered to. */
function whoIsAsked(
  { kind, invitees, organizer, uid }: Invitation,
  identities: readonly Identity[],
  delivered: readonly string[],
): ShownInvitation['asked'] {
  const isQuestion = kind === 'request' || kind === 'update';
  if (!isQuestion || uid === '' || organizer === null || organizer.mailbox === '') return undefined;
  // Who invites is asked by nobody, though most writers list them among those they ask.
  const invites = organizer.mailbox.toLowerCase();
  const ours = invitees.filter(({ mailbox }) => mailbox.toLowerCase() !== invites && isOwnMailbox(identities, mailbox));
  // In order of trust: an address a server wrote down comes before one the sender wrote.
  const wanted = (mailbox: string) => ours.find((own) => own.mailbox.toLowerCase() === mailbox.toLowerCase());
  const [first = ours[0]] = delivered.flatMap((mailbox) => wanted(mailbox) ?? []);
  if (first === undefined) return undefined;
  const chosen = chooseIdentity(identities, [first.mailbox], null);
  if (chosen === null) return undefined;
  return { identityId: chosen.identity.id, mailbox: first.mailbox, participation: first.participation };
}

const subjects: Readonly<Record<InvitationAnswer, string>> = {
  accepted: 'Accepted',
  tentative: 'Tentatively accepted',
  declined: 'Declined',
};
const sentences: Readonly<Record<InvitationAnswer, string>> = {
  accepted: 'accepted this invitation.',
  tentative: 'may come: the answer to this invitation is tentative.',
  declined: 'declined this invitation.',
};

/** The answer as a message to whoever invites, to be read by a person; its calendar part is made apart. */
export function answerDraft(parsed: ParsedMessage, answer: InvitationAnswer, settings: Settings): Draft {
  const { invitation } = parsed;
  const asked = invitation?.asked;
  const [event] = invitation?.events ?? [];
  const organizer = invitation?.organizer;
  if (asked === undefined || event === undefined || organizer === null || organizer === undefined)
    throw new MailError('EINVALID', 'None of your addresses is asked by this message, so there is nothing to answer.');
  const chosen = chooseIdentity(settings.identities, [asked.mailbox], null);
  const name = chosen?.identity.displayName.trim() || asked.mailbox;
  const title = event.title === '' ? parsed.subject : event.title;
  const when = event.start === null ? [] : [momentText(event.start)];
  const place = event.place === '' ? [] : [event.place];
  return {
    ...emptyDraft(chosen),
    to: [organizer],
    subject: `${subjects[answer]}: ${title}`.trim(),
    ...threadOf(parsed),
    text: `${[`${name} ${sentences[answer]}`, '', title, ...when, ...place].join('\n')}\n`,
    source: { messageKey: parsed.messageKey, kind: 'reply' },
  };
}

/** In the event's own zone: who reads it need not be in that of the writer. */
function momentText(moment: EventMoment): string {
  const date = new Date(moment.kind === 'day' ? `${moment.date}T00:00Z` : `${moment.local}Z`);
  const day = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  if (moment.kind === 'day') return date.toLocaleString('en-GB', day);
  const text = date.toLocaleString('en-GB', { ...day, hour: '2-digit', minute: '2-digit' });
  const zone = moment.kind === 'instant' && moment.zone === '' ? 'UTC' : moment.zone;
  return zone === '' ? text : `${text} (${zone})`;
}
