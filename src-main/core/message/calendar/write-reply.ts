import type { InvitationAnswer } from '#shared/mail/invitation.ts';
import { MailError } from '#shared/mail-error.ts';
import {
  type CalendarComponent,
  type CalendarProperty,
  parameterOf,
  propertiesOf,
  textOf,
  writeCalendar,
} from './content-lines.ts';
import { mailboxOf, type ReadCalendarContent } from './read-invitation.ts';

export interface ReplyWish {
  /** Whose answer it is: one of those asked. */
  readonly mailbox: string;
  readonly answer: InvitationAnswer;
  /** Epoch milliseconds. */
  readonly now: number;
}

const maxZoneProperties = 500;

/**
 * The calendar part of an answer (RFC 5546 §3.2.3): the same UID, SEQUENCE and RECURRENCE-ID, the organizer, and of all
 * who were asked only the one who answers. When it is stays in it, for organizers who show the answer by itself.
 */
export function writeReply({ calendar, event }: ReadCalendarContent, wish: ReplyWish): string {
  const wanted = wish.mailbox.toLowerCase();
  const attendee = propertiesOf(event, 'attendee').find((property) => mailboxOf(property).toLowerCase() === wanted);
  if (attendee === undefined) throw new MailError('EINVALID', 'This address is not asked by the invitation.');
  const same = (name: string): CalendarProperty[] => propertiesOf(event, name).slice(0, 1);
  const kept = ['uid', 'sequence', 'recurrence-id', 'organizer', 'summary', 'dtstart', 'dtend', 'duration'].flatMap(
    same,
  );
  const reply: CalendarComponent = {
    name: 'vevent',
    properties: [
      ...kept,
      ['dtstamp', {}, 'date-time', `${new Date(wish.now).toISOString().slice(0, 19)}Z`],
      answeredBy(attendee, wish.answer),
    ],
    components: [],
  };
  return writeCalendar({
    name: 'vcalendar',
    properties: [
      ['prodid', {}, 'text', '-//Postrider//Postrider//EN'],
      ['version', {}, 'text', '2.0'],
      ['calscale', {}, 'text', 'GREGORIAN'],
      ['method', {}, 'text', 'REPLY'],
    ],
    components: [...zonesOf(kept, calendar), reply],
  });
}

/** RFC 5546 §3.2.3: the address as it was asked, with nothing of what was asked of it. */
function answeredBy(attendee: CalendarProperty, answer: InvitationAnswer): CalendarProperty {
  const [name, , type, ...values] = attendee;
  const cn = parameterOf(attendee, 'cn');
  const email = parameterOf(attendee, 'email');
  return [
    name,
    { partstat: answer.toUpperCase(), ...(cn === '' ? {} : { cn }), ...(email === '' ? {} : { email }) },
    type,
    ...values,
  ];
}

/** RFC 5545 §3.2.19: a zone that is named must be there too. */
function zonesOf(kept: readonly CalendarProperty[], calendar: CalendarComponent): CalendarComponent[] {
  const named = new Set(kept.map((property) => parameterOf(property, 'tzid')));
  return calendar.components
    .filter((part) => part.name === 'vtimezone' && named.has(textOf(part, 'tzid', 1000)))
    .filter((part) => part.components.reduce((sum, { properties }) => sum + properties.length, 0) <= maxZoneProperties)
    .slice(0, 2);
}
