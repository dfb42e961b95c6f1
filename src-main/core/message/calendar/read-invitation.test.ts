import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Invitation } from '#shared/mail/invitation.ts';
import { readMessage } from '../read-message.ts';
import {
  bareCalendar,
  calendarOf,
  fromApple,
  fromExchange,
  fromGoogle,
  fromThunderbird,
} from '../testing/invitations.ts';
import { type CalendarComponent, calendarLimits, readCalendar } from './content-lines.ts';
import { readInvitation } from './read-invitation.ts';
import { windowsZones } from './windows-zones.ts';

const read = async (message: string): Promise<Invitation> =>
  (await readMessage(Buffer.from(message))).invitation ?? expect.fail('no invitation was found');

/** What one event says. */
function event(lines: string[], options: { method?: string; before?: string[] } = {}) {
  const found = readInvitation(calendarOf(lines, options), { charset: 'utf-8', declaredMethod: undefined });
  const first = found?.content.events[0];
  return first ?? expect.fail('no event was found');
}
const startOf = (line: string, before: string[] = []) => event([line], { before }).start;

describe('as programs write them', () => {
  it('Google: once among the alternatives and once as a file, which are one invitation', async () => {
    const invitation = await read(fromGoogle());
    expect(invitation).toMatchObject({
      kind: 'request',
      organizer: { displayName: 'Dora Lindqvist', mailbox: 'dora@away.example' },
      invitees: [
        { displayName: 'Dora Lindqvist', participation: 'accepted' },
        { displayName: '', mailbox: 'anna@home.example', participation: 'unanswered' },
      ],
      events: [
        {
          title: 'Crane review',
          place: 'Harbour office, room 3',
          link: 'https://meet.google.com/abc-defg-hij',
          description: 'Where do we stand, and what is left?\n\nBring the list.',
          start: { kind: 'instant', at: Date.UTC(2026, 10, 24, 9), zone: '' },
          end: { kind: 'instant', at: Date.UTC(2026, 10, 24, 9, 30) },
        },
      ],
      partIds: ['0', '1'],
    });
  });

  it('Exchange: base64, a zone of Windows, a series and a day of it that is otherwise', async () => {
    const invitation = await read(fromExchange());
    expect(invitation.kind).toBe('update');
    expect(invitation.invitees).toMatchObject([
      { displayName: 'Berg, Anna', mailbox: 'Anna@Home.example', isOptional: false },
      { displayName: 'Carl', isOptional: true },
      { displayName: 'Raum 2', isResource: true },
    ]);
    expect(invitation.eventCount).toBe(2);
    const [series, day] = invitation.events;
    expect(series).toMatchObject({
      title: 'Wochenrunde für alle',
      link: 'https://teams.microsoft.example/l/meetup-join/19%3ameeting',
      start: { at: Date.UTC(2026, 10, 24, 13), local: '2026-11-24T14:00', zone: 'Europe/Berlin' },
      // Half past eleven at night in UTC is the next day there.
      repeats: { every: 'week', interval: 1, weekdays: ['TU'], untilDate: '2027-03-03' },
    });
    expect(day).toMatchObject({ title: 'Wochenrunde, später', instanceOf: { at: Date.UTC(2026, 11, 1, 13) } });
  });

  it('Apple: an address of its own making with the mailbox beside it, days without hours', async () => {
    const invitation = await read(fromApple());
    expect(invitation).toMatchObject({
      kind: 'request',
      organizer: { displayName: 'Marie', mailbox: 'marie@icloud.example' },
      invitees: [{ mailbox: 'marie@icloud.example' }, { mailbox: 'anna@home.example', displayName: 'Anna' }],
      events: [{ start: { kind: 'day', date: '2026-12-24' }, end: { kind: 'day', date: '2026-12-27' } }],
    });
  });

  it('Thunderbird: an answer, with what was written with it', async () => {
    expect(await read(fromThunderbird('DECLINED'))).toMatchObject({
      kind: 'reply',
      uid: 'b5b1d7c2-1',
      invitees: [{ displayName: 'Carl', mailbox: 'carl@away.example', participation: 'declined' }],
      comment: 'On the boat that week.',
    });
  });

  it('a cancellation', async () => {
    const invitation = await read(fromGoogle({ method: 'CANCEL' }));
    expect(invitation.kind).toBe('cancel');
    expect(invitation.events[0]?.isCancelled).toBe(true);
  });
});

describe('the method', () => {
  const lines = ['UID:1', 'SUMMARY:x', 'DTSTART:20261124T100000Z'];
  it.each([
    ['only in the Content-Type', undefined, 'text/calendar; method=REQUEST', 'request'],
    ['only in the body', 'CANCEL', 'text/calendar', 'cancel'],
    ['in both, in other letters', 'Request', 'text/calendar; method="request"', 'request'],
    ['in both, against each other: nothing is believed', 'CANCEL', 'text/calendar; method=REQUEST', 'event'],
    ['nowhere', undefined, 'text/calendar', 'event'],
    ['unheard of', 'CONSTRUCTOR', 'text/calendar', 'event'],
    ['in a file of no particular type', 'REQUEST', 'application/octet-stream; name="a.ics"', 'request'],
  ])('%s', async (_name, method, type, kind) => {
    const calendar = calendarOf(lines, method === undefined ? {} : { method });
    expect((await read(bareCalendar(calendar, type))).kind).toBe(kind);
  });

  it('reads the part that asks, not the file that only tells', async () => {
    const told = bareCalendar(calendarOf(['UID:2', 'SUMMARY:told']), 'application/ics; name="a.ics"');
    const asked = bareCalendar(calendarOf(['UID:1', 'SUMMARY:asked'], { method: 'REQUEST' }));
    const parts = [told, asked].map((part) => part.slice(part.indexOf('Content-Type')));
    const message = ['Subject: x', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b', ''];
    const found = await read([...message, ...parts.map((part) => `--b\r\n${part}`), '--b--', ''].join('\r\n'));
    expect(found.events[0]?.title).toBe('asked');
    // The other one is another thing and stays a file.
    expect(found.partIds).toEqual(['1']);
  });
});

it('what stands in a message that was forwarded asks nobody here', async () => {
  const inner = bareCalendar(calendarOf(['UID:1', 'SUMMARY:x'], { method: 'REQUEST' }));
  const outer = ['Subject: Fwd', 'MIME-Version: 1.0', 'Content-Type: message/rfc822', '', inner].join('\r\n');
  expect((await readMessage(Buffer.from(outer))).invitation).toBeUndefined();
});

describe('when', () => {
  const zone = (tzid: string, rules: string[] = []): string[] => [
    'BEGIN:VTIMEZONE',
    `TZID:${tzid}`,
    'BEGIN:STANDARD',
    'DTSTART:16010101T030000',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10',
    'END:STANDARD',
    'BEGIN:DAYLIGHT',
    'DTSTART:16010101T020000',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3',
    'END:DAYLIGHT',
    ...rules,
    'END:VTIMEZONE',
  ];

  it.each([
    ['a zone of the IANA database in summer', 'DTSTART;TZID=Europe/Berlin:20260724T100000', Date.UTC(2026, 6, 24, 8)],
    ['on the morning the clocks go back', 'DTSTART;TZID=Europe/Berlin:20261025T090000', Date.UTC(2026, 9, 25, 8)],
    ['an hour after the clocks went back', 'DTSTART;TZID=America/New_York:20261101T030000', Date.UTC(2026, 10, 1, 8)],
    ['a quarter of an hour off', 'DTSTART;TZID=Asia/Kathmandu:20260724T100000', Date.UTC(2026, 6, 24, 4, 15)],
    [
      'a zone behind a prefix',
      'DTSTART;TZID=/mozilla.org/20050126_1/America/New_York:20260724T100000',
      Date.UTC(2026, 6, 24, 14),
    ],
    ['a zone of Windows', 'DTSTART;TZID="Eastern Standard Time":20260724T100000', Date.UTC(2026, 6, 24, 14)],
    ['UTC by a name of Microsoft', 'DTSTART;TZID=tzone://Microsoft/Utc:20260724T100000', Date.UTC(2026, 6, 24, 10)],
  ])('%s', (_name, line, at) => {
    expect(startOf(line)).toMatchObject({ kind: 'instant', at });
  });

  it('a zone of the calendar’s own making, winter and summer', () => {
    const own = zone('Customized Time Zone');
    const line = (month: string) => `DTSTART;TZID=Customized Time Zone:2026${month}24T100000`;
    expect(startOf(line('11'), own)).toMatchObject({ at: Date.UTC(2026, 10, 24, 9), zone: 'Customized Time Zone' });
    expect(startOf(line('07'), own)).toMatchObject({ at: Date.UTC(2026, 6, 24, 8) });
  });

  it.each([
    ['no zone at all', 'DTSTART:20261124T100000', { kind: 'wall', local: '2026-11-24T10:00', zone: '' }],
    ['a zone nobody knows', 'DTSTART;TZID=Middle/Earth:20261124T100000', { kind: 'wall', zone: 'Middle/Earth' }],
    ['a day', 'DTSTART;VALUE=DATE:20261124', { kind: 'day', date: '2026-11-24' }],
    ['a day where a time belongs', 'DTSTART:20261124', { kind: 'day', date: '2026-11-24' }],
  ])('%s', (_name, line, moment) => expect(startOf(line)).toMatchObject(moment));

  it.each(['20260230T100000Z', '20261124T250000Z', '2026', 'tomorrow', '', '99999999T999999Z'])(
    'nothing: %s',
    (value) => {
      expect(startOf(`DTSTART:${value}`)).toBeNull();
    },
  );

  it('a duration, and days that Exchange writes as nights', () => {
    expect(event(['DTSTART:20261124T100000Z', 'DURATION:PT1H30M']).end).toMatchObject({
      at: Date.UTC(2026, 10, 24, 11, 30),
    });
    const nights = ['DTSTART;TZID=Europe/Berlin:20261124T000000', 'DTEND;TZID=Europe/Berlin:20261126T000000'];
    expect(event([...nights, 'X-MICROSOFT-CDO-ALLDAYEVENT:TRUE'])).toMatchObject({
      start: { kind: 'day', date: '2026-11-24' },
      end: { kind: 'day', date: '2026-11-26' },
    });
  });

  it('an end before the beginning is none, and a day that ends where it begins is one', () => {
    const same = event(['DTSTART;VALUE=DATE:20261124', 'DTEND;VALUE=DATE:20261124']);
    expect(same.end).toEqual({ kind: 'day', date: '2026-11-25' });
    expect(event(['DTSTART:20261124T100000Z', 'DTEND:20261124T090000Z']).end).toBeNull();
  });

  it('every zone of Windows is one this program knows', () => {
    for (const name of windowsZones.values())
      expect(() => new Intl.DateTimeFormat('en', { timeZone: name })).not.toThrow();
  });
});

describe('how it comes again', () => {
  it.each([
    ['FREQ=DAILY;INTERVAL=2;COUNT=5', { every: 'day', interval: 2, count: 5 }],
    ['FREQ=WEEKLY;BYDAY=FR,MO', { every: 'week', weekdays: ['MO', 'FR'] }],
    ['FREQ=MONTHLY;BYDAY=2TU', { every: 'month', weekdays: ['TU'], nth: 2 }],
    ['FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1', { every: 'month', weekdays: ['FR'], nth: -1 }],
    ['FREQ=MONTHLY;BYMONTHDAY=15', { every: 'month', dayOfMonth: 15 }],
    ['FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU', { every: 'year', month: 3, weekdays: ['SU'], nth: -1 }],
    ['FREQ=YEARLY', { every: 'year' }],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1', { every: 'otherwise' }],
    ['FREQ=HOURLY', { every: 'otherwise' }],
    ['FREQ=WEEKLY;BYHOUR=9,10;BYDAY=MO', { every: 'otherwise' }],
    ['FREQ=WEEKLY;INTERVAL=0', { every: 'week', interval: 1 }],
  ])('%s', (rule, repeats) => {
    expect(event(['DTSTART:20261124T100000Z', `RRULE:${rule}`]).repeats).toMatchObject(repeats);
  });

  it('days left out and added are counted', () => {
    const days = ['EXDATE:20261201T100000Z,20261208T100000Z', 'EXDATE:20261215T100000Z', 'RDATE:20261216T100000Z'];
    expect(event(['RRULE:FREQ=WEEKLY', ...days]).repeats).toMatchObject({ every: 'week', without: 3, added: 1 });
  });
});

describe('written to do harm', () => {
  it('a rule of ages is not unrolled', () => {
    const bomb = 'RRULE:FREQ=SECONDLY;COUNT=999999999;BYSECOND=0,1,2,3,4,5,6,7,8,9';
    const impossible = 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30';
    expect(event(['DTSTART:00010101T000000Z', bomb]).repeats?.every).toBe('otherwise');
    expect(event(['DTSTART:19700101T000000Z', impossible]).repeats).toMatchObject({ every: 'year', dayOfMonth: 30 });
  });

  it('twenty thousand are asked: the first are kept, all are counted', () => {
    const asked = Array.from({ length: 20_000 }, (_, index) => `ATTENDEE;CN=N${index}:mailto:n${index}@x.example`);
    const found = readInvitation(calendarOf(['UID:1', ...asked]), { charset: undefined, declaredMethod: 'REQUEST' });
    expect(found?.content.inviteeCount).toBe(20_000);
    expect(found?.content.invitees).toHaveLength(calendarLimits.sameName);
  });

  it('a description of megabytes is cut, a line without end costs itself', () => {
    const long = event(['SUMMARY:x', `DESCRIPTION:${'a'.repeat(3_000_000)}`]);
    expect(long).toMatchObject({ title: 'x' });
    expect(long.description.length).toBeLessThanOrEqual(20_000);
    const { octets } = calendarLimits;
    expect(
      readInvitation(Buffer.alloc(octets * 2, 'BEGIN:VCALENDAR\r\n'), { charset: undefined, declaredMethod: '' }),
    ).toBeNull();
  });

  it('broken lines cost themselves only', () => {
    const broken = [
      'no colon at all',
      ';;;:',
      'SUMMARY',
      'ATTENDEE;CN="open:mailto:x@y.example',
      'DTSTART;=:1',
      ':',
      'SUMMARY:still here',
    ];
    expect(event(broken).title).toBe('still here');
  });

  it('nested without end, not ended, ended twice', () => {
    const nested = Array.from({ length: 3000 }, () => 'BEGIN:VALARM');
    const depthOf = ({ components }: CalendarComponent): number => 1 + Math.max(0, ...components.map(depthOf));
    const read = readCalendar(calendarOf(nested), undefined);
    expect(read === null ? null : depthOf(read)).toBe(calendarLimits.depth);
    expect(event([...nested, 'END:VALARM', 'END:VALARM']).title).toBe('');
    expect(
      readInvitation(Buffer.from('BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:open'), {
        charset: undefined,
        declaredMethod: undefined,
      })?.content.events[0]?.title,
    ).toBe('open');
  });

  it('names that every object has are no names of properties or parameters', () => {
    const names = ['CONSTRUCTOR:x', '__PROTO__:x', 'SUMMARY;__PROTO__=x;CONSTRUCTOR=y;VALUE=CONSTRUCTOR:title'];
    expect(event(names).title).toBe('title');
  });

  it('a link is https, and names no password', () => {
    const linkOf = (place: string): string | undefined => event([`LOCATION:${place}`]).link;
    expect(linkOf('Room 1 https://meet.example/x?y=1 or by phone')).toBe('https://meet.example/x?y=1');
    for (const place of [
      'http://meet.example',
      'javascript:alert(1)',
      'file:///etc/passwd',
      'https://bank.example@evil.example/',
    ])
      expect(linkOf(place)).toBeUndefined();
  });

  it('a fold within a character, and octets of another charset', async () => {
    const folded = Buffer.from(
      'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Große Runde\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n',
    );
    const within = folded.indexOf(0xc3) + 1;
    const message = Buffer.concat([folded.subarray(0, within), Buffer.from('\r\n '), folded.subarray(within)]);
    expect((await read(bareCalendar(message))).events[0]?.title).toBe('Große Runde');
    const latin1 = Buffer.from(folded.toString('utf8'), 'latin1');
    expect((await read(bareCalendar(latin1, 'text/calendar; charset=iso-8859-1'))).events[0]?.title).toBe(
      'Große Runde',
    );
  });

  it('whatever the octets are, nothing is thrown', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'BEGIN:VCALENDAR',
        'BEGIN:VEVENT',
        'END:VEVENT',
        'BEGIN:VTIMEZONE',
        'RRULE:',
        'DTSTART',
        ';TZID=',
        '"',
        ':',
        ';',
        '=',
        ',',
        '\\',
        '\r\n',
        ' ',
        'ATTENDEE',
        '20261124T100000',
        'FREQ=DAILY',
        'ü😀',
        '\0',
      ),
      fc.string({ maxLength: 8, unit: 'binary-ascii' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const octets = Buffer.from(`BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n${pieces.join('')}`);
        readInvitation(octets, { charset: undefined, declaredMethod: 'REQUEST' });
      }),
      { numRuns: 400 },
    );
  });
});
