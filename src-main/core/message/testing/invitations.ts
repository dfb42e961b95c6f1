// Messages of calendars in the forms that the programs people use write them.

const lines = (...parts: string[]): string => parts.join('\r\n');

/** What Google Calendar sends: the calendar among the alternatives, and once more as a file. */
export function fromGoogle(options: { method?: string; event?: string[]; head?: string[] } = {}): string {
  const { method = 'REQUEST', event = [], head = [] } = options;
  const calendar = lines(
    'BEGIN:VCALENDAR',
    'PRODID:-//Google Inc//Google Calendar 70.9054//EN',
    'VERSION:2.0',
    'CALSCALE:GREGORIAN',
    `METHOD:${method}`,
    'BEGIN:VEVENT',
    'DTSTART:20261124T090000Z',
    'DTEND:20261124T093000Z',
    'DTSTAMP:20261120T081500Z',
    'ORGANIZER;CN=Dora Lindqvist:mailto:dora@away.example',
    'UID:4q0kv2b2rl3m@google.com',
    'ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=TRUE',
    ' ;CN=Dora Lindqvist;X-NUM-GUESTS=0:mailto:dora@away.example',
    'ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=',
    ' TRUE;CN=anna@home.example;X-NUM-GUESTS=0:mailto:anna@home.example',
    'X-GOOGLE-CONFERENCE:https://meet.google.com/abc-defg-hij',
    'CREATED:20261120T081400Z',
    'DESCRIPTION:Where do we stand\\, and what is left?\\n\\nBring the list.',
    'LAST-MODIFIED:20261120T081500Z',
    'LOCATION:Harbour office\\, room 3',
    'SEQUENCE:0',
    'STATUS:CONFIRMED',
    'SUMMARY:Crane review',
    'TRANSP:OPAQUE',
    ...event,
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    'DESCRIPTION:This is an event reminder',
    'TRIGGER:-P0DT0H10M0S',
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  );
  return lines(
    'From: Dora Lindqvist <dora@away.example>',
    'To: anna@home.example',
    'Subject: Invitation: Crane review @ Tue 24 Nov 2026 10:00 - 10:30 (CET) (anna@home.example)',
    'Message-ID: <calendar-1@google.example>',
    'Date: Fri, 20 Nov 2026 08:15:00 +0000',
    ...head,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="m"',
    '',
    '--m',
    'Content-Type: multipart/alternative; boundary="a"',
    '',
    '--a',
    'Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('You have been invited to Crane review.').toString('base64'),
    '--a',
    `Content-Type: text/calendar; charset="UTF-8"; method=${method}`,
    'Content-Transfer-Encoding: 7bit',
    '',
    calendar,
    '--a--',
    '',
    '--m',
    'Content-Type: application/ics; name="invite.ics"',
    'Content-Disposition: attachment; filename="invite.ics"',
    'Content-Transfer-Encoding: base64',
    '',
    base64Lines(calendar),
    '--m--',
    '',
  );
}

/** What Exchange sends: base64, a zone of Windows, everybody with what they may do, a series with one changed day. */
export function fromExchange(event: string[] = []): string {
  const calendar = lines(
    'BEGIN:VCALENDAR',
    'METHOD:REQUEST',
    'PRODID:Microsoft Exchange Server 2010',
    'VERSION:2.0',
    'BEGIN:VTIMEZONE',
    'TZID:W. Europe Standard Time',
    'BEGIN:STANDARD',
    'DTSTART:16010101T030000',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
    'END:STANDARD',
    'BEGIN:DAYLIGHT',
    'DTSTART:16010101T020000',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3',
    'END:DAYLIGHT',
    'END:VTIMEZONE',
    'BEGIN:VEVENT',
    'ORGANIZER;CN=Jürgen Großmann:mailto:jg@firma.example',
    'ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="Berg, Anna"',
    ' :mailto:Anna@Home.example',
    'ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=Carl',
    ' :mailto:carl@firma.example',
    'ATTENDEE;CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE',
    ' ;CN=Raum 2:mailto:raum2@firma.example',
    'DESCRIPTION;LANGUAGE=de-DE:Wie jede Woche.\\n',
    'RRULE:FREQ=WEEKLY;UNTIL=20270302T233000Z;INTERVAL=1;BYDAY=TU;WKST=MO',
    'SUMMARY;LANGUAGE=de-DE:Wochenrunde für alle',
    'DTSTART;TZID=W. Europe Standard Time:20261124T140000',
    'DTEND;TZID=W. Europe Standard Time:20261124T150000',
    'UID:040000008200E00074C5B7101A82E00800000000C0A1',
    'CLASS:PUBLIC',
    'PRIORITY:5',
    'DTSTAMP:20261120T081500Z',
    'STATUS:CONFIRMED',
    'SEQUENCE:2',
    'LOCATION;LANGUAGE=de-DE:Raum 2',
    'X-MICROSOFT-CDO-ALLDAYEVENT:FALSE',
    'X-MICROSOFT-SKYPETEAMSMEETINGURL:https://teams.microsoft.example/l/meetup-join/19%3ameeting',
    ...event,
    'END:VEVENT',
    'BEGIN:VEVENT',
    'SUMMARY:Wochenrunde\\, später',
    'DTSTART;TZID=W. Europe Standard Time:20261201T160000',
    'DTEND;TZID=W. Europe Standard Time:20261201T170000',
    'RECURRENCE-ID;TZID=W. Europe Standard Time:20261201T140000',
    'UID:040000008200E00074C5B7101A82E00800000000C0A1',
    'SEQUENCE:2',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  );
  return lines(
    'From: =?utf-8?Q?J=C3=BCrgen_Gro=C3=9Fmann?= <jg@firma.example>',
    'To: "Berg, Anna" <anna@home.example>',
    'Subject: Wochenrunde',
    'Message-ID: <exchange-1@firma.example>',
    'Date: Fri, 20 Nov 2026 09:15:00 +0100',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary="a"',
    '',
    '--a',
    'Content-Type: text/plain; charset="utf-8"',
    '',
    'Wie jede Woche.',
    '--a',
    'Content-Type: text/html; charset="utf-8"',
    '',
    '<p>Wie jede Woche.</p>',
    '--a',
    'Content-Type: text/calendar; charset="utf-8"; method=REQUEST',
    'Content-Transfer-Encoding: base64',
    '',
    base64Lines(calendar),
    '--a--',
    '',
  );
}

/** As a part of a message is written (RFC 2045 §6.8), the last line without its end. */
export function base64Lines(octets: string | Uint8Array): string {
  return (
    Buffer.from(octets)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n');
}

/** A message that is nothing but a calendar, of whatever octets. */
export function bareCalendar(calendar: string | Buffer, type = 'text/calendar; method=REQUEST; charset=utf-8'): string {
  return lines(
    'From: a@away.example',
    'To: anna@home.example',
    'Subject: Calendar',
    'Message-ID: <bare@away.example>',
    'MIME-Version: 1.0',
    `Content-Type: ${type}`,
    'Content-Transfer-Encoding: base64',
    '',
    base64Lines(calendar),
    '',
  );
}

/** The octets of a calendar with one event. */
export function calendarOf(event: string[], options: { method?: string; before?: string[] } = {}): Buffer {
  const method = options.method === undefined ? [] : [`METHOD:${options.method}`];
  return Buffer.from(
    lines(
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      ...method,
      ...(options.before ?? []),
      'BEGIN:VEVENT',
      ...event,
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ),
  );
}

/** What Apple's calendar sends: addresses of its own making, whole days, no text beside it. */
export function fromApple(): string {
  return bareCalendar(
    calendarOf(
      [
        'DTSTAMP:20261120T081500Z',
        'UID:7E1C2D5A-APPLE',
        'SEQUENCE:0',
        'SUMMARY:Christmas at the lake',
        'DTSTART;VALUE=DATE:20261224',
        'DTEND;VALUE=DATE:20261227',
        'ORGANIZER;CN="Marie";EMAIL="marie@icloud.example":/aMTA1MTk/principal/',
        'ATTENDEE;CN="Marie";CUTYPE=INDIVIDUAL;EMAIL="marie@icloud.example";PARTSTAT=ACCEPTED;ROLE=CHAIR:/aMTA1MTk/principal/',
        'ATTENDEE;CN="Anna";CUTYPE=INDIVIDUAL;EMAIL="anna@home.example";PARTSTAT=NEEDS-ACTION;RSVP=TRUE:MAILTO:anna@home.example',
      ],
      { method: 'REQUEST' },
    ),
  );
}

/** What Thunderbird answers. */
export function fromThunderbird(participation: string): string {
  return bareCalendar(
    calendarOf(
      [
        'CREATED:20261120T081500Z',
        'UID:b5b1d7c2-1',
        'SUMMARY:Crane review',
        'ORGANIZER;CN=Anna:mailto:anna@home.example',
        `ATTENDEE;CN=Carl;PARTSTAT=${participation};ROLE=REQ-PARTICIPANT:mailto:carl@away.example`,
        'DTSTART;TZID=Europe/Stockholm:20261124T100000',
        'COMMENT:On the boat that week.',
      ],
      { method: 'REPLY' },
    ),
    'text/calendar; method=REPLY; charset=UTF-8',
  );
}
