import type { Person } from './person.ts';
import { columnOf } from './phone-kinds.ts';

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
  const phones = phoneColumns(people);
  const rows = people.map((person) => [
    guarded(person.displayName),
    guarded(person.nickname ?? ''),
    ...mailboxes.map((_name, at) => person.mailboxes[at] ?? ''),
    ...phones.map(({ name, at }) => person.phones?.filter(({ kinds }) => columnOf(kinds) === name)[at]?.number ?? ''),
    guarded(person.note),
  ]);
  const numbers = phones.map(({ name, at }) => (at === 0 ? name : `${name} ${at + 1}`));
  const head = ['Display Name', 'Nickname', ...mailboxes, ...numbers, 'Notes'];
  return `\ufeff${[head, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('')}`;
}

/** As many columns of each kind as somebody has numbers of it, in the order in which kinds are met. */
function phoneColumns(people: readonly Person[]): { name: string; at: number }[] {
  const most = new Map<string, number>();
  for (const { phones = [] } of people) {
    const own = new Map<string, number>();
    for (const { kinds } of phones) own.set(columnOf(kinds), (own.get(columnOf(kinds)) ?? 0) + 1);
    for (const [name, count] of own) most.set(name, Math.max(most.get(name) ?? 0, count));
  }
  return [...most].flatMap(([name, count]) => Array.from({ length: count }, (_, at) => ({ name, at })));
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
