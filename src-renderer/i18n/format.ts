import { locale } from './language.ts';

/** Dates, sizes and spans of time the reader's way. Moments are ISO 8601 or epoch milliseconds. */
export type Moment = string | number | Date;

const sizeUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Octets as a person reads them: 14 kB, 2.3 MB. */
export function formatSize(octets: number): string {
  const power = octets < 1000 ? 0 : Math.min(sizeUnits.length - 1, Math.floor(Math.log10(octets) / 3));
  const value = octets / 1000 ** power;
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: sizeUnits[power],
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power < 2 || value >= 100 ? 0 : 1,
  }).format(value);
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** How a date is written. */
const ways = {
  weekday: { weekday: 'short' },
  dayOfYear: { day: 'numeric', month: 'short' },
  date: { day: '2-digit', month: '2-digit', year: 'numeric' },
  dateTime: { dateStyle: 'medium', timeStyle: 'short' },
  full: { dateStyle: 'full', timeStyle: 'long' },
  time: { hour: '2-digit', minute: '2-digit' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** For a list row: the time today, the weekday this week, the day this year, else the date. */
export function formatDateShort(moment: Moment, now: Moment = Date.now()): string {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return '';
  const today = new Date(now);
  const days = (startOfDay(today) - startOfDay(date)) / 86_400_000;
  if (days > -0.5 && days < 0.5) return formatTime(date);
  if (days > 0 && days < 6.5) return format(date, ways.weekday);
  if (date.getFullYear() === today.getFullYear()) return format(date, ways.dayOfYear);
  return format(date, ways.date);
}

/** Day and time, for a heading. */
export function formatDateTime(moment: Moment): string {
  return format(new Date(moment), ways.dateTime);
}

/** Everything, with the zone: for hovering. */
export function formatDateFull(moment: Moment): string {
  return format(new Date(moment), ways.full);
}

/** Hours and minutes. */
export function formatTime(moment: Moment): string {
  return format(new Date(moment), ways.time);
}

/** When something will happen or did: the time alone when it is today. */
export function formatMoment(moment: Moment, now: Moment = Date.now()): string {
  const date = new Date(moment);
  return startOfDay(date) === startOfDay(new Date(now)) ? formatTime(date) : formatDateTime(date);
}

const minuteMs = 60_000;

/** When something is due: at the minute this names it has its turn, so it is the next whole one. */
export function formatDue(moment: Moment): string {
  return formatMoment(Math.ceil(new Date(moment).getTime() / minuteMs) * minuteMs);
}

const spans: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** "5 minutes ago", "in 2 hours", "now". */
export function formatAgo(moment: Moment, now: Moment = Date.now()): string {
  const seconds = (new Date(moment).getTime() - new Date(now).getTime()) / 1000;
  if (Number.isNaN(seconds)) return '';
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  for (const [unit, length] of spans)
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  return relative.format(0, 'second');
}

/** How long something took: 240 ms, 1.2 s, 3 min. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return unit(Math.round(ms), 'millisecond', 0);
  if (ms < 60_000) return unit(ms / 1000, 'second', ms < 10_000 ? 1 : 0);
  return unit(ms / 60_000, 'minute', 0);
}

/** "a, b and c". */
export function formatList(words: readonly string[]): string {
  return new Intl.ListFormat(locale(), { type: 'conjunction' }).format(words);
}

function unit(value: number, name: string, digits: number): string {
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: name,
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(value);
}

function format(date: Date, options: Intl.DateTimeFormatOptions): string {
  return Number.isNaN(date.getTime()) ? '' : formatterOf(options).format(date);
}

/** Making one takes as long as formatting a hundred dates, and a list that flies past formats thousands a second. */
const formatters = new Map<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>();
let madeAt = 0;
let madeFor = '';
/** The clock's zone may change while the window is open: no formatter outlives that by much. */
const keptMs = 60_000;

/** `options`: one of `ways`, by which the formatter is known again. */
function formatterOf(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const now = Date.now();
  const language = locale();
  if (Math.abs(now - madeAt) > keptMs || language !== madeFor) {
    formatters.clear();
    madeAt = now;
    madeFor = language;
  }
  const known = formatters.get(options) ?? new Intl.DateTimeFormat(language, options);
  formatters.set(options, known);
  return known;
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
