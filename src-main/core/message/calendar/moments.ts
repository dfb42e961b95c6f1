import type { EventMoment } from '#shared/mail/invitation.ts';
import { type CalendarComponent, type CalendarProperty, parameterOf, propertyOf, textOf } from './content-lines.ts';
import { type Zone, zoneOf } from './zones.ts';

const dayMs = 86_400_000;
/** Beyond these years no zone of today says anything. */
const sensible = { from: Date.UTC(1800, 0, 1), to: Date.UTC(2400, 0, 1) } as const;

interface Read {
  /** What the clock shows, as if it were UTC. */
  readonly wall: number;
  readonly isDay: boolean;
  readonly isUtc: boolean;
}

/** A date, or a date with a time, as jCal writes it; null for what is none: 30 February, 25 o'clock. */
function readValue(value: unknown): Read | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?(Z?))?$/.exec(
    typeof value === 'string' ? value : '',
  );
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const wall = Date.UTC(year, month - 1, day, hour, minute, Math.min(second, 59));
  const made = new Date(wall);
  const isReal = made.getUTCFullYear() === year && made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
  if (!isReal || hour > 23 || minute > 59) return null;
  return { wall, isDay: found[4] === undefined, isUtc: found[7] === 'Z' };
}

/** The moment a property names (RFC 5545 §3.3.5); null when it is missing or says nothing. */
export function momentOf(property: CalendarProperty | undefined, calendar: CalendarComponent): EventMoment | null {
  const read = readValue(property?.[3]);
  if (read === null) return null;
  if (read.isDay) return { kind: 'day', date: dayText(read.wall) };
  const tzid = parameterOf(property, 'tzid');
  if (read.isUtc) return instant(read.wall, { name: '', offsetMs: () => 0 });
  if (tzid === '') return { kind: 'wall', local: wallText(read.wall), zone: '' };
  const zone = zoneOf(tzid, calendar);
  return (
    (zone === null ? null : instant(read.wall, zone)) ?? {
      kind: 'wall',
      local: wallText(read.wall),
      zone: tzid.slice(0, 100),
    }
  );
}

function instant(wall: number, zone: Zone): EventMoment | null {
  if (wall < sensible.from || wall > sensible.to) return null;
  const offsetMs = zone.offsetMs(wall);
  return offsetMs === null ? null : { kind: 'instant', at: wall - offsetMs, local: wallText(wall), zone: zone.name };
}

/** When an event begins and when it is over. Its days end before `end`. */
export function spanOf(
  event: CalendarComponent,
  calendar: CalendarComponent,
): { start: EventMoment | null; end: EventMoment | null } {
  const start = momentOf(propertyOf(event, 'dtstart'), calendar);
  const end = momentOf(propertyOf(event, 'dtend'), calendar);
  if (start === null) return { start, end: null };
  const over = end ?? plus(start, durationMs(textOf(event, 'duration', 60)));
  const isWholeDays = textOf(event, 'x-microsoft-cdo-alldayevent', 10).toUpperCase() === 'TRUE';
  if (isWholeDays && isMidnight(start) && (over === null || isMidnight(over)))
    return withDays({ start: asDay(start), end: over === null ? null : asDay(over) });
  return withDays({ start, end: over });
}

/** RFC 5545 §3.6.1: a day without an end lasts that day. An end that is no end is none. */
function withDays({ start, end }: { start: EventMoment; end: EventMoment | null }) {
  const isSane = end !== null && end.kind === start.kind && order(end) >= order(start);
  if (start.kind !== 'day') return { start, end: isSane ? end : null };
  return { start, end: isSane && order(end) > order(start) ? end : plus(start, dayMs) };
}

function order(moment: EventMoment): number {
  if (moment.kind === 'instant') return moment.at;
  return Date.parse(moment.kind === 'day' ? `${moment.date}T00:00Z` : `${moment.local}Z`);
}

function isMidnight(moment: EventMoment): boolean {
  return moment.kind === 'day' || moment.local.endsWith('T00:00');
}

function asDay(moment: EventMoment): EventMoment {
  return moment.kind === 'day' ? moment : { kind: 'day', date: moment.local.slice(0, 10) };
}

function plus(moment: EventMoment, ms: number): EventMoment | null {
  if (ms <= 0 || !Number.isFinite(ms) || order(moment) + ms > Date.UTC(9999, 0, 1)) return null;
  if (moment.kind === 'day')
    return { kind: 'day', date: dayText(order(moment) + Math.max(dayMs, Math.floor(ms / dayMs) * dayMs)) };
  const local = wallText(Date.parse(`${moment.local}Z`) + ms);
  return moment.kind === 'wall' ? { ...moment, local } : { ...moment, at: moment.at + ms, local };
}

/** RFC 5545 §3.3.6: `P1DT2H`, `PT90M`, `P2W`; 0 for what is none. */
function durationMs(text: string): number {
  const found = /^\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$/i.exec(text);
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (found ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0));
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000;
}

function dayText(wall: number): string {
  return new Date(wall).toISOString().slice(0, 10);
}

function wallText(wall: number): string {
  return new Date(wall).toISOString().slice(0, 16);
}
