import { type CalendarComponent, propertyOf, textOf } from './content-lines.ts';
import { windowsZones } from './windows-zones.ts';

/** How far a zone's clocks are ahead of UTC, in milliseconds, when they show this. */
export interface Zone {
  /** As a person should read it; '' for UTC. */
  readonly name: string;
  /** `wall`: what the clocks show, as if it were UTC. Null: not known for that time. */
  readonly offsetMs: (wall: number) => number | null;
}

const utc: Zone = { name: '', offsetMs: () => 0 };
const longestName = 100;
const hourMs = 3_600_000;

/**
 * The zone behind a TZID: a name of the IANA database, also one behind a prefix of some maker; a name of Windows; else
 * what the calendar itself says of it (RFC 5545 §3.6.5). Null when none of these tells.
 */
export function zoneOf(tzid: string, calendar: CalendarComponent): Zone | null {
  const name = tzid.trim().replace(/^"|"$/g, '').slice(0, longestName);
  if (/^(?:z|utc|gmt|etc\/utc|etc\/gmt|tzone:\/\/microsoft\/utc)$/i.test(name)) return utc;
  const iana = ianaName(name);
  if (iana !== null) return ianaZone(iana);
  const own = calendar.components.find(
    (part) => part.name === 'vtimezone' && textOf(part, 'tzid', longestName) === name,
  );
  if (own === undefined) return null;
  const meant = ianaName(textOf(own, 'x-lic-location', longestName));
  return meant === null ? ownZone(name, own) : ianaZone(meant);
}

function ianaName(name: string): string | null {
  const windows = windowsZones.get(name.toLowerCase());
  if (windows !== undefined) return windows;
  // `/mozilla.org/20050126_1/Europe/Berlin`, `/freeassociation.sourceforge.net/America/Argentina/Salta`
  const pieces = name.split('/');
  const candidates = [name, ...[-3, -2].map((from) => pieces.slice(from).join('/'))];
  return (
    candidates.find((candidate) => /^[A-Za-z][\w+-]*(?:\/[\w+-]+){0,2}$/.test(candidate) && isIana(candidate)) ?? null
  );
}

const formats = new Map<string, Intl.DateTimeFormat | null>();

function formatOf(zone: string): Intl.DateTimeFormat | null {
  const made = formats.get(zone);
  if (made !== undefined) return made;
  const format = makeFormat(zone);
  // Names come from strangers: the memory of them is bounded.
  if (formats.size < 500) formats.set(zone, format);
  return format;
}

function makeFormat(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
}

function isIana(name: string): boolean {
  return formatOf(name) !== null;
}

function ianaZone(name: string): Zone {
  return {
    name,
    offsetMs: (wall) => {
      // The offset before a change of clocks may differ from the one after it: looked at twice, it settles.
      const first = wall - offsetAt(name, wall);
      return offsetAt(name, first);
    },
  };
}

/** How far the clocks there are ahead of UTC at this moment. */
function offsetAt(zone: string, at: number): number {
  const parts = new Map(
    formatOf(zone)
      ?.formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - Math.floor(at / 1000) * 1000;
}

interface Change {
  /** What the clocks showed just before. */
  readonly wall: number;
  readonly offsetMs: number;
}

/** A zone of the calendar's own making, mostly of Exchange: only the yearly rules that are usual are followed. */
function ownZone(name: string, { components }: CalendarComponent): Zone {
  const observances = components.filter((part) => part.name === 'standard' || part.name === 'daylight').slice(0, 50);
  return {
    name,
    offsetMs: (wall) => {
      const year = new Date(wall).getUTCFullYear();
      const changes = observances.flatMap((part) => [changeIn(part, year - 1), changeIn(part, year)]);
      const past = changes.filter((change) => change !== null && change.wall <= wall);
      const latest = past.reduce<Change | null>(
        (a, b) => (a === null || (b !== null && b.wall > a.wall) ? b : a),
        null,
      );
      return latest?.offsetMs ?? null;
    },
  };
}

/** When this observance begins in that year; without a rule, when it began. */
function changeIn(observance: CalendarComponent, year: number): Change | null {
  const begin = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/
    .exec(textOf(observance, 'dtstart', 30))
    ?.slice(1)
    .map(Number);
  const offsetMs = readOffset(textOf(observance, 'tzoffsetto', 10));
  if (begin === undefined || offsetMs === null) return null;
  const [firstYear = 0, month = 1, day = 1, hour = 0, minute = 0] = begin;
  const clock = (hour * 60 + minute) * 60_000;
  const rule = yearlyRule(propertyOf(observance, 'rrule')?.[3]);
  if (rule === null) return { wall: Date.UTC(firstYear, month - 1, day) + clock, offsetMs };
  if (year < firstYear || year > rule.lastYear) return null;
  return { wall: nthWeekday(year, rule.month, rule.nth, rule.weekday) + clock, offsetMs };
}

/** jCal writes `+01:00`. */
function readOffset(text: string): number | null {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)/.exec(text) ?? [];
  if (sign === undefined || Number(hours) > 15) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * hourMs + Number(minutes) * 60_000);
}

const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** `FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU`: what nearly every zone is written by. */
function yearlyRule(rule: unknown): { month: number; nth: number; weekday: number; lastYear: number } | null {
  if (typeof rule !== 'object' || rule === null) return null;
  const part = (name: string): string => String(Reflect.get(rule, name) ?? '');
  const [, nth, day = ''] = /^([+-]?[1-5])(SU|MO|TU|WE|TH|FR|SA)$/.exec(part('byday')) ?? [];
  const month = Number(part('bymonth'));
  if (part('freq') !== 'YEARLY' || nth === undefined || !(month >= 1 && month <= 12)) return null;
  const until = /^(\d{4})/.exec(part('until'))?.[1];
  return { month, nth: Number(nth), weekday: weekdays.indexOf(day), lastYear: Number(until ?? 9999) };
}

function nthWeekday(year: number, month: number, nth: number, weekday: number): number {
  const dayMs = 24 * hourMs;
  if (nth > 0) {
    const first = Date.UTC(year, month - 1, 1);
    return first + (((weekday - new Date(first).getUTCDay() + 7) % 7) + (nth - 1) * 7) * dayMs;
  }
  const last = Date.UTC(year, month, 0);
  return last - (((new Date(last).getUTCDay() - weekday + 7) % 7) + (-nth - 1) * 7) * dayMs;
}
