/** A moment offered for sending later. */
export interface SendTime {
  readonly id: 'in-an-hour' | 'this-evening' | 'tomorrow-morning' | 'monday-morning';
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The moments worth offering at `now`, in local time: each in the future, none twice. */
export function sendTimes(now: Date): SendTime[] {
  const times: SendTime[] = [{ id: 'in-an-hour', at: now.getTime() + 3_600_000 }];
  const evening = at(now, 0, 18);
  if (evening - now.getTime() > 2 * 3_600_000) times.push({ id: 'this-evening', at: evening });
  times.push({ id: 'tomorrow-morning', at: at(now, 1, 8) });
  const daysToMonday = (8 - now.getDay()) % 7 || 7;
  if (daysToMonday > 1) times.push({ id: 'monday-morning', at: at(now, daysToMonday, 8) });
  return times;
}

function at(now: Date, days: number, hour: number): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour).getTime();
}

/** `2026-03-01T08:30`, local: the value of a `datetime-local` field. */
export function toLocalInput(date: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The moment such a field holds; null when it is empty, not a date, or past. */
export function fromLocalInput(value: string, now: Date): number | null {
  const time = new Date(value).getTime();
  return value !== '' && Number.isFinite(time) && time > now.getTime() ? time : null;
}
