import type { Invitation, InvitedEvent, Invitee, Participation } from '#shared/mail/invitation.ts';
import {
  type CalendarComponent,
  type CalendarProperty,
  parameterOf,
  propertiesOf,
  propertyOf,
  readCalendar,
  textOf,
} from './content-lines.ts';
import { momentOf, spanOf } from './moments.ts';
import { repeatsOf } from './repeats.ts';

/** What is taken at most. */
const longest = {
  title: 500,
  place: 1000,
  link: 2000,
  description: 20_000,
  name: 200,
  mailbox: 320,
  uid: 2000,
} as const;
const maxEvents = 200;

/** Without the octets it was read from. */
export type CalendarContent = Omit<Invitation, 'partIds'>;

export interface ReadCalendarContent {
  readonly content: CalendarContent;
  readonly calendar: CalendarComponent;
  /** The event all the rest says something of. */
  readonly event: CalendarComponent;
}

/**
 * Reads what a calendar part says. `declaredMethod` is the `method` of its Content-Type. Null when there is no event in
 * it. Never throws, unrolls nothing, fetches nothing.
 */
export function readInvitation(
  octets: Buffer,
  { charset, declaredMethod }: { charset: string | undefined; declaredMethod: string | undefined },
): ReadCalendarContent | null {
  const calendar = readCalendar(octets, charset);
  if (calendar === null) return null;
  const events = calendar.components.filter(({ name }) => name === 'vevent').slice(0, maxEvents);
  // Of a series and its changed days, the series is what the message is about.
  const event = events.find((candidate) => propertyOf(candidate, 'recurrence-id') === undefined) ?? events[0];
  if (event === undefined) return null;
  const method = methodOf(declaredMethod, textOf(calendar, 'method', 40));
  const invitees = propertiesOf(event, 'attendee')
    .filter(({ length }) => length > 3)
    .map(toInvitee);
  const kind = kindOf(method, event);
  const ordered = [event, ...events.filter((other) => other !== event)];
  return {
    calendar,
    event,
    content: {
      kind,
      uid: textOf(event, 'uid', longest.uid),
      sequence: sequenceOf(event),
      instance: instanceOf(event),
      organizer: organizerOf(event),
      invitees,
      inviteeCount: propertiesOf(event, 'attendee').length,
      comment: textOf(event, 'comment', longest.description),
      events: ordered.map((one) => toEvent(one, calendar, kind)),
      eventCount: ordered.length,
    },
  };
}

/** RFC 6047 §2.4: both must say the same. Of a message that says two things nothing is believed. */
function methodOf(declared: string | undefined, own: string): string {
  const [a, b] = [(declared ?? '').trim().toUpperCase(), own.toUpperCase()];
  if (a !== '' && b !== '' && a !== b) return '';
  return a === '' ? b : a;
}

function kindOf(method: string, event: CalendarComponent): Invitation['kind'] {
  switch (method) {
    case 'REQUEST':
      return sequenceOf(event) > 0 ? 'update' : 'request';
    case 'CANCEL':
      return 'cancel';
    case 'REPLY':
      return 'reply';
    case 'COUNTER':
      return 'counter';
    default:
      return 'event';
  }
}

function sequenceOf(event: CalendarComponent): number {
  const sequence = propertyOf(event, 'sequence')?.[3];
  return typeof sequence === 'number' && Number.isSafeInteger(sequence) ? sequence : 0;
}

/** RECURRENCE-ID as it stands there, its zone with it. */
function instanceOf(event: CalendarComponent): string {
  const property = propertyOf(event, 'recurrence-id');
  const value = property?.[3];
  return typeof value === 'string' ? `${value} ${parameterOf(property, 'tzid')}`.trim().slice(0, 200) : '';
}

function toEvent(event: CalendarComponent, calendar: CalendarComponent, kind: Invitation['kind']): InvitedEvent {
  const link = linkOf(event);
  const repeats = repeatsOf(event, calendar);
  const instance = momentOf(propertyOf(event, 'recurrence-id'), calendar);
  return {
    title: oneLine(textOf(event, 'summary', longest.title)),
    place: oneLine(textOf(event, 'location', longest.place)),
    ...(link === undefined ? {} : { link }),
    description: textOf(event, 'description', longest.description),
    ...spanOf(event, calendar),
    ...(repeats === undefined ? {} : { repeats }),
    ...(instance === null ? {} : { instanceOf: instance }),
    isCancelled: kind === 'cancel' || textOf(event, 'status', 20).toUpperCase() === 'CANCELLED',
  };
}

/** The place first: most who meet on the web write it there. */
function linkOf(event: CalendarComponent): string | undefined {
  const names = ['location', 'conference', 'x-google-conference', 'x-microsoft-skypeteamsmeetingurl', 'url'];
  const found = names.flatMap((name) => /https:\/\/[^\s<>"';,]+/i.exec(textOf(event, name, longest.link))?.[0] ?? []);
  return found.find((address) => {
    const url = URL.canParse(address) ? new URL(address) : null;
    // Whoever gives a name and password away in public means to deceive about the host.
    return url !== null && url.protocol === 'https:' && url.username === '' && url.password === '';
  });
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The mailbox of a calendar user: `mailto:`, else the parameter some write beside an address of their own making. */
export function mailboxOf(property: CalendarProperty | undefined): string {
  const value = property?.[3];
  const address = typeof value === 'string' ? value.trim() : '';
  const written = /^mailto:/i.test(address) ? percentDecoded(address.slice(7).replace(/\?.*$/, '')) : address;
  const mailbox = [written, parameterOf(property, 'email')].find((text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text.trim()));
  return (mailbox ?? '').trim().slice(0, longest.mailbox);
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function organizerOf(event: CalendarComponent): Invitation['organizer'] {
  const property = propertyOf(event, 'organizer');
  if (property === undefined) return null;
  const [displayName, mailbox] = [nameOf(property), mailboxOf(property)];
  return displayName === '' && mailbox === '' ? null : { displayName, mailbox };
}

/** Many writers give the address for a name. */
function nameOf(property: CalendarProperty): string {
  const name = oneLine(parameterOf(property, 'cn')).slice(0, longest.name);
  return name.toLowerCase() === mailboxOf(property).toLowerCase() ? '' : name;
}

function toInvitee(property: CalendarProperty): Invitee {
  const kind = parameterOf(property, 'cutype').toUpperCase();
  const role = parameterOf(property, 'role').toUpperCase();
  return {
    displayName: nameOf(property),
    mailbox: mailboxOf(property),
    participation: participations[parameterOf(property, 'partstat').toUpperCase()] ?? 'unanswered',
    isOptional: role === 'OPT-PARTICIPANT' || role === 'NON-PARTICIPANT',
    isResource: kind === 'RESOURCE' || kind === 'ROOM',
  };
}

const participations: Readonly<Record<string, Participation>> = {
  ACCEPTED: 'accepted',
  DECLINED: 'declined',
  TENTATIVE: 'tentative',
  DELEGATED: 'delegated',
};
