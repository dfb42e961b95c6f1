import { z } from 'zod';
import { type EventRepeats, Weekday } from '#shared/mail/invitation.ts';
import { type CalendarComponent, parameterOf, propertiesOf, propertyOf } from './content-lines.ts';
import { zoneOf } from './zones.ts';

/** One value or a list of them, as jCal writes rules. */
const several = <T extends z.ZodType>(of: T) =>
  z
    .union([of, z.array(of)])
    .optional()
    .transform((value) => (value === undefined ? [] : [value].flat()));

/** A rule of RFC 5545 §3.3.10 in the form of jCal. It is put in words and never unrolled. */
const Rule = z.object({
  freq: z.string(),
  interval: z.number().int().min(1).max(9999).default(1),
  count: z.number().int().min(1).optional(),
  until: z.string().optional(),
  byday: several(z.string()),
  bymonthday: several(z.number().int()),
  bymonth: several(z.number().int()),
  bysetpos: several(z.number().int()),
  byyearday: several(z.unknown()),
  byweekno: several(z.unknown()),
  byhour: several(z.unknown()),
  byminute: several(z.unknown()),
  bysecond: several(z.unknown()),
});
type Rule = z.infer<typeof Rule>;

const frequencies: Readonly<Record<string, EventRepeats['every']>> = {
  DAILY: 'day',
  WEEKLY: 'week',
  MONTHLY: 'month',
  YEARLY: 'year',
};

/** How an event comes again; undefined when it does not. */
export function repeatsOf(event: CalendarComponent, calendar: CalendarComponent): EventRepeats | undefined {
  const rules = propertiesOf(event, 'rrule');
  const days = { without: countOf(event, 'exdate'), added: countOf(event, 'rdate') };
  const otherwise: EventRepeats = { every: 'otherwise', interval: 1, weekdays: [], ...days };
  const [first] = rules;
  if (first === undefined) return days.added === 0 ? undefined : otherwise;
  const read = Rule.safeParse(first[3]);
  if (!read.success) return otherwise;
  const rule = read.data;
  const ends = {
    ...lastDay(rule.until, parameterOf(propertyOf(event, 'dtstart'), 'tzid'), calendar),
    ...(rule.count === undefined ? {} : { count: rule.count }),
  };
  const said = rules.length === 1 ? inWords(rule) : null;
  return { ...otherwise, ...ends, ...said };
}

/** UNTIL is in UTC where the event has a zone (RFC 5545 §3.3.10); the day meant is one of that zone. */
function lastDay(until = '', tzid: string, calendar: CalendarComponent): Pick<EventRepeats, 'untilDate'> {
  const at = Date.parse(until);
  if (!/^\d{4}-\d\d-\d\d/.test(until) || Number.isNaN(at)) return {};
  const offsetMs = until.endsWith('Z') && tzid !== '' ? (zoneOf(tzid, calendar)?.offsetMs(at) ?? 0) : 0;
  return { untilDate: offsetMs === 0 ? until.slice(0, 10) : new Date(at + offsetMs).toISOString().slice(0, 10) };
}

function countOf(event: CalendarComponent, name: string): number {
  return propertiesOf(event, name).reduce((sum, property) => sum + property.length - 3, 0);
}

/** Null: it takes more words than a line has. */
function inWords(
  rule: Rule,
): Pick<EventRepeats, 'every' | 'interval' | 'weekdays' | 'nth' | 'dayOfMonth' | 'month'> | null {
  const every = frequencies[rule.freq.toUpperCase()];
  const isOdd = [rule.byyearday, rule.byweekno, rule.byhour, rule.byminute, rule.bysecond].some(
    (list) => list.length > 0,
  );
  if (every === undefined || isOdd || [rule.bymonthday, rule.bymonth, rule.bysetpos].some((list) => list.length > 1))
    return null;
  const days = rule.byday.map((day) => /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/i.exec(day));
  const weekdays = days.flatMap((day) => Weekday.safeParse(day?.[2]?.toUpperCase()).data ?? []);
  const numbers = new Set([
    ...days.flatMap((day) => (day?.[1] === undefined ? [] : [Number(day[1])])),
    ...rule.bysetpos,
  ]);
  const [nth] = numbers;
  const [dayOfMonth] = rule.bymonthday;
  const [month] = rule.bymonth;
  if (weekdays.length !== days.length || weekdays.length > 7 || numbers.size > 1) return null;
  const base = { every, interval: rule.interval, weekdays: Weekday.options.filter((day) => weekdays.includes(day)) };
  if (every === 'day' || every === 'week') {
    const isPlain = nth === undefined && dayOfMonth === undefined && month === undefined;
    return isPlain ? base : null;
  }
  if (every === 'month' && month !== undefined) return null;
  if (month !== undefined && (month < 1 || month > 12)) return null;
  if (dayOfMonth !== undefined && (weekdays.length > 0 || dayOfMonth < -1 || dayOfMonth === 0 || dayOfMonth > 31))
    return null;
  // “The second Tuesday”; not “the second of Monday and Tuesday”.
  if (weekdays.length > 0 && (weekdays.length !== 1 || nth === undefined || nth < -1 || nth === 0 || nth > 5))
    return null;
  if (weekdays.length === 0 && nth !== undefined) return null;
  return {
    ...base,
    ...(nth === undefined ? {} : { nth }),
    ...(dayOfMonth === undefined ? {} : { dayOfMonth }),
    ...(month === undefined ? {} : { month }),
  };
}
