import type { Person } from './person.ts';

/**
 * People as a table (RFC 4180) with the columns of Thunderbird's, as many for addresses and numbers as somebody has. It
 * begins with a byte order mark, without which a spreadsheet takes it for Windows' Western text.
 */
export function writeCsv(people: readonly Person[]): string {
  const most = (count: (person: Person) => number): number => Math.max(1, ...people.map(count));
  const mailboxes = columnNames(
    most((person) => person.mailboxes.length),
    (at) => (at === 0 ? 'Primary Email' : at === 1 ? 'Secondary Email' : `Email ${at + 1}`),
  );
  const phones = columnNames(
    most((person) => person.phones?.length ?? 0),
    (at) => (at === 0 ? 'Mobile Number' : `Phone ${at + 1}`),
  );
  const rows = people.map((person) => [
    guarded(person.displayName),
    guarded(person.nickname ?? ''),
    ...mailboxes.map((_name, at) => person.mailboxes[at] ?? ''),
    ...phones.map((_name, at) => person.phones?.[at] ?? ''),
    guarded(person.note),
  ]);
  const head = ['Display Name', 'Nickname', ...mailboxes, ...phones, 'Notes'];
  return `\ufeff${[head, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('')}`;
}

function columnNames(count: number, name: (at: number) => string): string[] {
  return Array.from({ length: count }, (_, at) => name(at));
}

function quoted(field: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** A spreadsheet would calculate what begins so; names come from strangers. */
function guarded(text: string): string {
  return /^[=+\-@]/.test(text) ? `'${text}` : text;
}

/** A field as it was before it was guarded against spreadsheets. */
export function withoutGuard(text: string): string {
  return /^'[=+\-@]/.test(text) ? text.slice(1) : text;
}
