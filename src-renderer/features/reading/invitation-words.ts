import type { EventMoment, EventRepeats, InvitedEvent, Weekday } from '#shared/mail/invitation.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { formatList, locale, t } from '../../i18n/index.ts';

const dayMs = 86_400_000;

/** The attachments that say nothing the card of the invitation does not say. */
export function partsOfInvitation({ invitation }: Pick<ParsedMessage, 'invitation'>): readonly string[] {
  return invitation === undefined || invitation.kind === 'event' ? [] : invitation.partIds;
}

/** Nothing to read but the invitation itself. */
export function isOnlyInvitation({ invitation, html, text }: ParsedMessage): boolean {
  return invitation !== undefined && html === null && text.trim() === '';
}

export interface SpanWords {
  /** In the reader's own time. */
  readonly when: string;
  /** The same by the invitation's own clocks, where these show something else; or what is to be known of its zone. */
  readonly note: string | null;
}

const wholeDay = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const;
const clock = { hour: 'numeric', minute: '2-digit' } as const;

/** When it is; null when the invitation does not say. `zone`: the reader's, by default that of this computer. */
export function spanWords({ start, end }: Pick<InvitedEvent, 'start' | 'end'>, zone?: string): SpanWords | null {
  if (start === null) return null;
  if (start.kind === 'day') {
    // The day it is over is none of its days.
    const last = end?.kind === 'day' ? utc(end.date) - dayMs : utc(start.date);
    return { when: range(utc(start.date), last, wholeDay, 'UTC'), note: null };
  }
  const full = { ...wholeDay, ...clock };
  const ownEnd = end === null || end.kind === 'day' ? start.local : end.local;
  if (start.kind === 'wall') {
    const note = start.zone === '' ? t('invitation.noZone') : t('invitation.strangeZone', { zone: start.zone });
    return { when: range(utc(start.local), utc(ownEnd), full, 'UTC'), note };
  }
  const over = end?.kind === 'instant' ? end.at : start.at;
  const when = range(start.at, over, full, zone);
  const isSameClock = start.zone === '' || clockText(start.at, zone) === start.local;
  if (isSameClock) return { when, note: null };
  const isSameDay = clockText(start.at, zone).slice(0, 10) === start.local.slice(0, 10);
  const own = range(
    utc(start.local),
    utc(ownEnd),
    isSameDay ? clock : { ...clock, weekday: 'long', day: 'numeric', month: 'long' },
    'UTC',
  );
  return { when, note: t('invitation.ownZone', { when: own, zone: start.zone.replaceAll('_', ' ') }) };
}

/** One moment, for a sentence. */
export function momentWords(moment: EventMoment): string {
  if (moment.kind === 'instant') return format(moment.at, { dateStyle: 'full', timeStyle: 'short' });
  if (moment.kind === 'wall')
    return format(utc(moment.local), { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' });
  return format(utc(moment.date), { dateStyle: 'full', timeZone: 'UTC' });
}

/** The day a calendar would open at: the number of the day, and the month in short. */
export function leafOf(start: EventMoment): { day: string; month: string } {
  const zone = start.kind === 'instant' ? {} : { timeZone: 'UTC' };
  const at = start.kind === 'instant' ? start.at : utc(start.kind === 'day' ? start.date : start.local);
  return { day: format(at, { ...zone, day: 'numeric' }), month: format(at, { ...zone, month: 'short' }) };
}

/** Whether all of it is over. What repeats is taken to go on, unless its last day has passed. */
export function isOver({ start, end, repeats }: InvitedEvent, now: number): boolean {
  if (start === null) return false;
  if (repeats !== undefined)
    return repeats.untilDate !== undefined && repeats.added === 0 && utc(repeats.untilDate) + 2 * dayMs < now;
  const last = end ?? start;
  if (last.kind === 'instant') return last.at < now;
  // Somewhere on earth it is still that day.
  return utc(last.kind === 'day' ? last.date : last.local) + dayMs / 2 < now;
}

/** “Every Tuesday until 3 March 2027”. */
export function repeatsWords(repeats: EventRepeats): string {
  const { untilDate, count, without, added } = repeats;
  let rule = ruleWords(repeats);
  if (untilDate !== undefined)
    rule = t('invitation.until', { rule, date: format(utc(untilDate), { dateStyle: 'long', timeZone: 'UTC' }) });
  if (count !== undefined) rule = t('invitation.times', { rule, count });
  if (without > 0) rule = t('invitation.without', { rule, count: without });
  return added > 0 && repeats.every !== 'otherwise' ? t('invitation.added', { rule, count: added }) : rule;
}

function ruleWords({ every, interval, weekdays, nth, dayOfMonth, month }: EventRepeats): string {
  if (every === 'otherwise') return t('invitation.otherwise');
  const often = t(`invitation.every.${every}`, { count: interval });
  const days = formatList(weekdays.map(weekdayName));
  if (every === 'day' || every === 'week') {
    if (weekdays.length === 0 || (weekdays.length === 7 && interval === 1))
      return weekdays.length === 0 ? often : t('invitation.every.day', { count: 1 });
    if (interval > 1) return t('invitation.onDays', { every: often, days });
    return weekdays.join() === 'MO,TU,WE,TH,FR' ? t('invitation.everyWorkday') : t('invitation.everyWeekday', { days });
  }
  if (dayOfMonth !== undefined && every === 'month')
    return dayOfMonth < 0
      ? t('invitation.onLastDay', { every: often })
      : t('invitation.onDate', { every: often, day: dayOfMonth });
  const place = nthWord(nth);
  if (place === null) return often;
  if (month === undefined) return t('invitation.onNth', { every: often, nth: place, day: days });
  const name = format(Date.UTC(2024, month - 1, 15), { month: 'long', timeZone: 'UTC' });
  return t('invitation.onNthOf', { every: often, nth: place, day: days, month: name });
}

function nthWord(nth: number | undefined): string | null {
  switch (nth) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case -1:
      return t(`invitation.nth.${nth}`);
    default:
      return null;
  }
}

const weekdayOrder: readonly Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

function weekdayName(day: Weekday): string {
  // The first of January 2024 was a Monday.
  return format(Date.UTC(2024, 0, 1 + weekdayOrder.indexOf(day)), { weekday: 'long', timeZone: 'UTC' });
}

/** Of a date, or of what a clock shows, as if it were UTC. */
function utc(text: string): number {
  return Date.parse(text.length === 10 ? `${text}T00:00Z` : `${text}Z`);
}

/** What the reader's clock shows at that moment, as the invitation writes it. */
function clockText(at: number, timeZone: string | undefined): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(at);
  const part = (wanted: string): string => parts.find(({ type }) => type === wanted)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

function range(from: number, to: number, options: Intl.DateTimeFormatOptions, timeZone: string | undefined): string {
  if (Number.isNaN(from)) return '';
  const written = new Intl.DateTimeFormat(locale(), { ...options, timeZone });
  return to > from ? written.formatRange(from, to) : written.format(from);
}

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  return Number.isNaN(at) ? '' : new Intl.DateTimeFormat(locale(), options).format(at);
}
