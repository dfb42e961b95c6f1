const told = /^(?:UID|SUMMARY|LOCATION|DESCRIPTION|COMMENT|ORGANIZER|ATTENDEE)(?=[;:])/i;
const ofPeople = /^(?:ORGANIZER|ATTENDEE)/i;

export interface CalendarWords {
  /** Titles, places, descriptions. */
  readonly about: string;
  /** The same, and who is named. */
  readonly text: string;
}

/**
 * What a person would look for in a calendar (RFC 5545): titles, places, descriptions, names and addresses; without the
 * rest, which is for programs. One pass, linear in the length; a text that is no calendar is given back as it is.
 */
export function calendarWords(calendar: string): CalendarWords {
  if (!/^\s*BEGIN:VCALENDAR\b/i.test(calendar.slice(0, 1000))) return { about: calendar, text: calendar };
  const words: string[] = [];
  const people: string[] = [];
  const ids = new Set<string>();
  for (const line of calendar.replace(/\r?\n[ \t]/g, '').split(/\r\n?|\n/)) {
    if (!told.test(line)) continue;
    const colon = valueStart(line);
    if (colon < 0) continue;
    if (/^UID/i.test(line)) {
      ids.add(line.slice(colon + 1));
      continue;
    }
    const value = line.slice(colon + 1).replace(/\\(.)/g, (_escape, what: string) => (/n/i.test(what) ? '\n' : what));
    if (!ofPeople.test(line)) words.push(value);
    else people.push(`${commonName(line.slice(0, colon))} ${mailboxIn(value)}`.trim());
  }
  // By its UID what came later about the same is found.
  return { about: words.join('\n'), text: [...words, ...people, ...ids].join('\n') };
}

/** Some write an address of their own making. */
function mailboxIn(value: string): string {
  return value.includes('@') ? value.replace(/^mailto:/i, '') : '';
}

/** The first colon that is not within quotes. */
function valueStart(line: string): number {
  let isQuoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === '"') isQuoted = !isQuoted;
    else if (char === ':' && !isQuoted) return at;
  }
  return -1;
}

function commonName(parameters: string): string {
  const found = /;CN=(?:"([^"]*)"|([^;]*))/i.exec(parameters);
  return found?.[1] ?? found?.[2] ?? '';
}
