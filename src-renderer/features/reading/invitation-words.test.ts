import { describe, expect, it } from 'vitest';
import type { EventMoment, EventRepeats } from '#shared/mail/invitation.ts';
import { isOver, momentWords, repeatsWords, spanWords } from './invitation-words.ts';

const at = (iso: string, local: string, zone: string): EventMoment => ({
  kind: 'instant',
  at: Date.parse(iso),
  local,
  zone,
});
const day = (date: string): EventMoment => ({ kind: 'day', date });
const berlin = (hour: string): EventMoment =>
  at(`2026-11-24T${hour}:00:00Z`, `2026-11-24T${Number(hour) + 1}:00`, 'Europe/Berlin');
/** Spaces of every width are spaces. */
const plain = (text: string | null | undefined): string => (text ?? '').replace(/\s+/g, ' ');
const words = (start: EventMoment, end: EventMoment | null, zone: string) => {
  const span = spanWords({ start, end }, zone);
  return { when: plain(span?.when), note: span === null || span.note === null ? null : plain(span.note) };
};

describe('when', () => {
  it('is by the reader’s clock, and by the invitation’s where that shows something else', () => {
    expect(words(berlin('09'), berlin('10'), 'America/New_York')).toEqual({
      when: 'Tuesday, November 24, 2026, 4:00 – 5:00 AM',
      note: '10:00 – 11:00 AM in Europe/Berlin',
    });
    expect(words(berlin('09'), berlin('10'), 'Europe/Stockholm').note).toBeNull();
  });

  it('names the day, too, where it is another one there', () => {
    const { when, note } = words(berlin('09'), null, 'Pacific/Honolulu');
    expect(when).toBe('Monday, November 23, 2026 at 11:00 PM');
    expect(note).toBe('Tuesday, November 24 at 10:00 AM in Europe/Berlin');
  });

  it('does not name UTC, which is nobody’s own', () => {
    const start = at('2026-11-24T09:00:00Z', '2026-11-24T09:00', '');
    expect(words(start, null, 'Asia/Tokyo')).toEqual({ when: 'Tuesday, November 24, 2026 at 6:00 PM', note: null });
  });

  it('a day is one day, and three days end on the third, wherever the reader is', () => {
    expect(words(day('2026-12-24'), day('2026-12-25'), 'Pacific/Honolulu').when).toBe('Thursday, December 24, 2026');
    expect(words(day('2026-12-24'), day('2026-12-27'), 'Asia/Tokyo').when).toBe(
      'Thursday, December 24 – Saturday, December 26, 2026',
    );
  });

  it('a time without a zone is told as it stands', () => {
    const wall = (zone: string): EventMoment => ({ kind: 'wall', local: '2026-11-24T10:00', zone });
    expect(words(wall(''), null, 'Asia/Tokyo').when).toBe('Tuesday, November 24, 2026 at 10:00 AM');
    expect(words(wall(''), null, 'Asia/Tokyo').note).toContain('names no time zone');
    expect(words(wall('Middle/Earth'), null, 'Asia/Tokyo').note).toContain('Middle/Earth');
  });

  it('over several days both are named', () => {
    const end = at('2026-11-26T15:00:00Z', '2026-11-26T16:00', 'Europe/Berlin');
    expect(words(berlin('09'), end, 'Europe/Berlin').when).toBe(
      'Tuesday, November 24, 2026 at 10:00 AM – Thursday, November 26, 2026 at 4:00 PM',
    );
    expect(spanWords({ start: null, end: null })).toBeNull();
    expect(momentWords(day('2026-12-24'))).toBe('Thursday, December 24, 2026');
  });
});

describe('how it comes again', () => {
  const rule: EventRepeats = { every: 'week', interval: 1, weekdays: [], without: 0, added: 0 };
  it.each<[string, Partial<EventRepeats>]>([
    ['Every week', {}],
    ['Every Tuesday until March 3, 2027', { weekdays: ['TU'], untilDate: '2027-03-03' }],
    ['Every Monday and Friday', { weekdays: ['MO', 'FR'] }],
    ['Every day from Monday to Friday', { weekdays: ['MO', 'TU', 'WE', 'TH', 'FR'] }],
    ['Every day', { weekdays: ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] }],
    ['Every 2 weeks on Monday and Friday', { interval: 2, weekdays: ['MO', 'FR'] }],
    ['Every 3 days, 5 times', { every: 'day', interval: 3, count: 5 }],
    ['Every month on the second Tuesday', { every: 'month', weekdays: ['TU'], nth: 2 }],
    ['Every 2 months on the last Friday', { every: 'month', interval: 2, weekdays: ['FR'], nth: -1 }],
    ['Every month on day 15', { every: 'month', dayOfMonth: 15 }],
    ['Every month on the last day', { every: 'month', dayOfMonth: -1 }],
    ['Every year', { every: 'year' }],
    ['Every year on the last Sunday of March', { every: 'year', weekdays: ['SU'], nth: -1, month: 3 }],
    ['On several days', { every: 'otherwise', added: 3 }],
    ['Every week, but for 2 days, and one day more', { without: 2, added: 1 }],
  ])('%s', (text, part) => expect(repeatsWords({ ...rule, ...part })).toBe(text));
});

it('is over when its end is past; what repeats goes on', () => {
  const event = { title: '', place: '', description: '', start: berlin('09'), end: berlin('10'), isCancelled: false };
  expect(isOver(event, Date.parse('2026-11-24T09:30:00Z'))).toBe(false);
  expect(isOver(event, Date.parse('2026-11-24T10:30:00Z'))).toBe(true);
  const weekly: EventRepeats = { every: 'week', interval: 1, weekdays: [], without: 0, added: 0 };
  expect(isOver({ ...event, repeats: weekly }, Date.parse('2030-01-01'))).toBe(false);
  expect(isOver({ ...event, repeats: { ...weekly, untilDate: '2027-03-03' } }, Date.parse('2030-01-01'))).toBe(true);
});
