const months: Readonly<Record<string, number>> = {
  jan: 0,
  feb: 1,
  mar: 2,
  apr: 3,
  may: 4,
  jun: 5,
  jul: 6,
  aug: 7,
  sep: 8,
  oct: 9,
  nov: 10,
  dec: 11,
  // Writers that used the user's language although RFC 5322 has English names only.
  mrz: 2,
  mär: 2,
  mai: 4,
  okt: 9,
  dez: 11,
  fév: 1,
  avr: 3,
  aoû: 7,
  déc: 11,
  ene: 0,
  abr: 3,
  ago: 7,
  dic: 11,
  gen: 0,
  mag: 4,
  giu: 5,
  lug: 6,
  set: 8,
  ott: 9,
};

/** RFC 5322 §4.3, in minutes; the single military letters mean nothing certain and count as UTC. */
const zones: Readonly<Record<string, number>> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  wet: 0,
  bst: 60,
  west: 60,
  ist: 330,
  cet: 60,
  met: 60,
  mez: 60,
  cest: 120,
  mest: 120,
  mesz: 120,
  eet: 120,
  eest: 180,
  msk: 180,
  jst: 540,
  kst: 540,
  est: -300,
  edt: -240,
  cst: -360,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
  akst: -540,
  akdt: -480,
  hst: -600,
  aest: 600,
  aedt: 660,
  nzst: 720,
  nzdt: 780,
};

interface DateParts {
  day?: number;
  month?: number;
  year?: number;
  time?: [number, number, number];
  zoneMinutes?: number;
}

/**
 * The moment a Date field names, epoch milliseconds; null when it cannot be read. Takes RFC 5322 §3.3 and §4.3, the
 * asctime order (`Tue Jul 1 10:52:37 2003`), ISO 8601, two-digit years, dots in the time, `GMT+0200`, comments.
 */
export function parseDate(value: string): number | null {
  // RFC 5322 §4.3 lets white space and comments stand anywhere, even around the colons of the time.
  const text = value
    .slice(0, 200)
    .replace(/\([^()]*\)/g, ' ')
    .replace(/ *: */g, ':');
  const iso = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]|$)/.exec(text);
  const parts: DateParts = {};
  let rest = text;
  if (iso !== null) {
    parts.year = Number(iso[1]);
    parts.month = Number(iso[2]) - 1;
    parts.day = Number(iso[3]);
    rest = text.slice(iso[0].length).replace(/(\d)(Z|[+-]\d)/i, '$1 $2');
  }
  for (const token of rest.split(/[\s,]+/)) readToken(token.toLowerCase(), parts);
  return toMoment(parts);
}

function readToken(token: string, parts: DateParts): void {
  const time = /^(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:\.\d+)?(am|pm)?$/.exec(token);
  if (time !== null && parts.time === undefined) {
    parts.time = [Number(time[1]), Number(time[2]), Number(time[3] ?? 0)];
    if (time[4] !== undefined) readToken(time[4], parts);
    return;
  }
  const dashed = /^(\d{1,2})-([a-zäéû]{3})[a-zäéû]*\.?-(\d{2,4})$/.exec(token);
  if (dashed !== null) {
    for (const part of [dashed[1], dashed[2], dashed[3]]) readToken(part ?? '', parts);
    return;
  }
  if (/^\d{1,4}$/.test(token)) readNumber(token, parts);
  else if (token === 'pm' || token === 'am') readHalf(token, parts);
  else readName(token, parts);
}

function readNumber(token: string, parts: DateParts): void {
  const number = Number(token);
  if (parts.day === undefined && token.length <= 2) parts.day = number;
  else if (parts.year === undefined) {
    // RFC 5322 §4.3: two digits below 50 are 20xx, others and three digits count from 1900.
    parts.year = token.length > 3 ? number : number < 50 && token.length === 2 ? number + 2000 : number + 1900;
  } else if (token.length === 4 && parts.zoneMinutes === undefined) parts.zoneMinutes = 0;
}

function readHalf(half: string, parts: DateParts): void {
  if (parts.time === undefined) return;
  if (half === 'pm' && parts.time[0] < 12) parts.time[0] += 12;
  if (half === 'am' && parts.time[0] === 12) parts.time[0] = 0;
}

function readName(token: string, parts: DateParts): void {
  const offset = /^([a-z]{0,5})([+-])(\d{1,2}):?(\d{2})?$/.exec(token);
  if (offset !== null) {
    const minutes = Number(offset[3]) * 60 + Number(offset[4] ?? 0);
    if (minutes <= 24 * 60) parts.zoneMinutes = offset[2] === '-' ? -minutes : minutes;
    return;
  }
  const month = months[token.slice(0, 3)];
  if (month !== undefined && parts.month === undefined && !Object.hasOwn(zones, token)) parts.month = month;
  else if (Object.hasOwn(zones, token)) parts.zoneMinutes ??= zones[token];
}

function toMoment(parts: DateParts): number | null {
  const { day, month, year } = parts;
  const [hours, minutes, seconds] = parts.time ?? [0, 0, 0];
  if (day === undefined || month === undefined || year === undefined) return null;
  if (day < 1 || day > 31 || month < 0 || month > 11 || hours > 24 || minutes > 59 || seconds > 60) return null;
  const moment = Date.UTC(year, month, day, hours, minutes, seconds) - (parts.zoneMinutes ?? 0) * 60_000;
  return Number.isFinite(moment) ? moment : null;
}

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A Date field's value (RFC 5322 §3.3) in this computer's own zone, as the writer's clock shows it. */
export function formatDate(moment: number): string {
  const date = new Date(moment);
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const day = `${dayNames[date.getDay()]}, ${date.getDate()} ${monthNames[date.getMonth()]} ${date.getFullYear()}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
