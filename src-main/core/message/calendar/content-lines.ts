import ICAL from 'ical.js';
import { z } from 'zod';
import { decodeCharset } from '../charset.ts';

/** A property in the form of jCal (RFC 7265): name, parameters, type, values. */
export const CalendarProperty = z
  .tuple([z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())])), z.string()])
  .rest(z.unknown());
export type CalendarProperty = z.infer<typeof CalendarProperty>;

export interface CalendarComponent {
  /** Lower case: `vevent`. */
  readonly name: string;
  readonly properties: CalendarProperty[];
  readonly components: CalendarComponent[];
}

/** What is read of a calendar at most; what lies beyond is left out. */
export const calendarLimits = {
  octets: 4_000_000,
  lineCharacters: 50_000,
  components: 2000,
  depth: 4,
  sameName: 5000,
} as const;

/** Only what is used; everything else, above all files and alarms, is passed over unread. */
const known = new Set(
  (
    'method uid summary description location dtstart dtend duration dtstamp rrule exdate rdate sequence recurrence-id ' +
    'organizer attendee status comment url conference tzid tzoffsetfrom tzoffsetto x-lic-location x-google-conference ' +
    'x-microsoft-skypeteamsmeetingurl x-microsoft-cdo-alldayevent'
  ).split(' '),
);

// A date where a date with a time belongs is a slip of many writers.
ICAL.design.strict = false;

/**
 * Reads the content lines of a calendar (RFC 5545 §3.1) into a tree. A line that cannot be read costs itself only; a
 * component that does not end, ends with what is around it. Null when there is no calendar. Never throws.
 */
export function readCalendar(octets: Buffer, charset: string | undefined): CalendarComponent | null {
  const root = component('');
  const open = [root];
  let left: number = calendarLimits.components;
  /** Components beyond the limits are skipped whole. */
  let skipped = 0;
  for (const line of unfoldedLines(octets, charset)) {
    const border = /^(begin|end)\s*:\s*([a-z0-9-]{1,40})\s*$/i.exec(line);
    if (border === null) {
      const around = open.at(-1);
      if (skipped === 0 && around !== undefined) addProperty(around, line);
      continue;
    }
    const name = border[2]?.toLowerCase() ?? '';
    if (border[1]?.toLowerCase() === 'begin') {
      if (skipped > 0 || open.length > calendarLimits.depth || left === 0) {
        skipped += 1;
        continue;
      }
      left -= 1;
      const begun = component(name);
      open.at(-1)?.components.push(begun);
      open.push(begun);
    } else if (skipped > 0) skipped -= 1;
    else {
      const level = open.findLastIndex((candidate) => candidate.name === name);
      if (level > 0) open.length = level;
    }
  }
  return root.components.find(({ name }) => name === 'vcalendar') ?? null;
}

interface OpenComponent extends CalendarComponent {
  /** How many properties of each name were met. */
  readonly counts: Map<string, number>;
}

function component(name: string): OpenComponent {
  return { name, properties: [], components: [], counts: new Map() };
}

/** RFC 5545 §3.1: a fold may lie within a character, so it is undone before the octets become text. */
function unfoldedLines(octets: Buffer, charset: string | undefined): string[] {
  const unfolded = octets
    .toString('latin1', 0, calendarLimits.octets)
    .replace(/\r?\n[ \t]/g, '')
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '');
  return decodeCharset(Buffer.from(unfolded, 'latin1'), charset).split(/\r\n?|\n/);
}

function addProperty({ properties, counts }: OpenComponent, line: string): void {
  const name = /^([a-z0-9-]{1,40})\s*[;:]/i.exec(line)?.[1]?.toLowerCase();
  if (name === undefined || !known.has(name)) return;
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  // Beyond the limit they are counted and not read.
  const property = count > calendarLimits.sameName ? unread(name) : readProperty(line);
  if (property !== null) properties.push(property);
}

function unread(name: string): CalendarProperty {
  return [name, {}, 'unknown'];
}

/** Exchange writes this name with a colon in it, and without quotes. */
const unquoted = /;TZID=(tzone:[^:;"]*)(?=[:;])/i;

function readProperty(line: string): CalendarProperty | null {
  const content = line.slice(0, calendarLimits.lineCharacters).replace(unquoted, ';TZID="$1"');
  try {
    const read = CalendarProperty.safeParse(ICAL.parse.property(content));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

/** Every property of this name. */
export function propertiesOf({ properties }: CalendarComponent, name: string): CalendarProperty[] {
  return properties.filter(([own]) => own === name);
}

export function propertyOf({ properties }: CalendarComponent, name: string): CalendarProperty | undefined {
  return properties.find(([own]) => own === name);
}

/** Its value where that is text, or anything written as text; '' when missing. */
export function textOf(of: CalendarComponent, name: string, maxCharacters: number): string {
  const value = propertyOf(of, name)?.[3];
  return typeof value === 'string' ? value.trim().slice(0, maxCharacters) : '';
}

/** A parameter, the first where it has several values; '' when missing. */
export function parameterOf(property: CalendarProperty | undefined, name: string): string {
  const value = property?.[1][name];
  return (typeof value === 'string' ? value : value?.[0]) ?? '';
}

/** Content lines of a calendar, folded, with CRLF. */
export function writeCalendar({ name, properties, components }: CalendarComponent): string {
  const tree = (of: CalendarComponent): unknown[] => [of.name, of.properties, of.components.map(tree)];
  return `${ICAL.stringify(tree({ name, properties, components })).trimEnd()}\r\n`;
}
