import { decodeMorkValue } from '../sources/mork-name.ts';

/** A row's cells: texts by the names of their columns. */
export type MorkRow = ReadonlyMap<string, string>;

/** The rows of a Mork file by their scope, and those of each kind of table. */
export interface MorkStore {
  /** All rows of a scope. */
  rows(scope: string): MorkRow[];
  /** Rows of a scope that stand in a table of this kind. */
  rowsIn(tableKind: string, scope: string): MorkRow[];
}

interface Table {
  kind: string;
  readonly members: Set<string>;
}

/**
 * Reads the Mork format as Thunderbird wrote its address books until version 68: dictionaries `<(id=value)>`, tables
 * `{id:^scope {(k^kind:c)} …}`, rows `[id:^scope(^column^value)(^column=value)]`, and what was appended later in groups.
 * A lenient reader of just that: what it does not know it passes over, and it takes time linear in the size.
 */
export function readMork(octets: Uint8Array): MorkStore {
  const reader = new MorkReader(Buffer.from(octets).toString('latin1'));
  reader.read();
  return reader;
}

class MorkReader implements MorkStore {
  readonly #text: string;
  #at = 0;
  /** Names of columns, scopes and kinds; and values. Both count from 80. */
  readonly #columns = new Map<string, string>();
  readonly #atoms = new Map<string, string>();
  /** By scope and id. */
  readonly #rows = new Map<string, Map<string, string>>();
  readonly #tables = new Map<string, Table>();

  constructor(text: string) {
    this.#text = text;
  }

  rows(scope: string): MorkRow[] {
    return [...this.#rows].filter(([key]) => key.startsWith(`${scope} `)).map(([, row]) => row);
  }

  rowsIn(tableKind: string, scope: string): MorkRow[] {
    const keys = [...this.#tables.values()]
      .filter(({ kind }) => kind === tableKind)
      .flatMap(({ members }) => [...members]);
    return [...new Set(keys)].flatMap((key) => {
      const row = this.#rows.get(key);
      return row !== undefined && key.startsWith(`${scope} `) ? [row] : [];
    });
  }

  read(): void {
    for (let next = this.#next(); next !== ''; next = this.#next()) {
      if (next === '<') this.#readDictionary();
      else if (next === '{') this.#readTable();
      else if (next === '[') this.#readRow('');
      // Groups (`@$${1{@ … @$$}1}@`) hold the same things: their marks are passed over.
      else if (next === '@') this.#at = endOf(this.#text, '@', this.#at);
    }
  }

  /** The next character that means something; '' at the end. */
  #next(): string {
    for (;;) {
      const char = this.#text[this.#at++];
      if (char === undefined) return '';
      if (char === '/' && this.#text[this.#at] === '/') this.#at = endOf(this.#text, '\n', this.#at);
      else if (char > ' ') return char;
    }
  }

  #readDictionary(): void {
    let target = this.#atoms;
    for (let next = this.#next(); next !== '' && next !== '>'; next = this.#next()) {
      // `<(a=c)>` within: what follows are columns.
      if (next === '<') {
        const meta = this.#upTo('>');
        if (/\(\s*a\s*=\s*c\s*\)/.test(meta)) target = this.#columns;
      } else if (next === '(') {
        const [id, value] = halves(this.#cell());
        if (value !== undefined) target.set(id.trim(), decodeMorkValue(value));
      }
    }
  }

  #readTable(): void {
    const { id, scope, isCut } = this.#readId('');
    const key = `${scope} ${id}`;
    const table: Table = this.#tables.get(key) ?? { kind: '', members: new Set() };
    this.#tables.set(key, table);
    if (isCut) table.members.clear();
    for (let next = this.#next(); next !== '' && next !== '}'; next = this.#next()) {
      if (next === '{') {
        const kind = /\(\s*k\s*\^([0-9A-Fa-f]+)/.exec(this.#upTo('}'))?.[1];
        if (kind !== undefined) table.kind = this.#columns.get(kind) ?? '';
      } else if (next === '[') table.members.add(this.#readRow(scope));
      else if (next === '-' || /[0-9A-Fa-f]/.test(next)) {
        // A row told elsewhere; with a minus it leaves the table.
        this.#at--;
        const row = this.#readId(scope);
        if (row.isCut) table.members.delete(`${row.scope} ${row.id}`);
        else table.members.add(`${row.scope} ${row.id}`);
      }
    }
  }

  /** After `[`. Answers the row's key. With a minus its cells are told anew. */
  #readRow(tableScope: string): string {
    const { id, scope, isCut } = this.#readId(tableScope);
    const key = `${scope} ${id}`;
    const row = isCut ? new Map<string, string>() : (this.#rows.get(key) ?? new Map<string, string>());
    this.#rows.set(key, row);
    for (let next = this.#next(); next !== '' && next !== ']'; next = this.#next()) {
      if (next === '[') this.#upTo(']');
      else if (next === '(') this.#setCell(row, this.#cell());
    }
    return key;
  }

  #setCell(row: Map<string, string>, cell: string): void {
    const [, columnId, columnName, valueId, value] =
      /^(?:\^([0-9A-Fa-f]+)|([^=^]+))(?::[^=^]*)?(?:\^([0-9A-Fa-f]+)(?::[^=^]*)?|=([\s\S]*))$/.exec(cell) ?? [];
    const column = columnId === undefined ? columnName : this.#columns.get(columnId);
    if (column === undefined) return;
    row.set(column, valueId === undefined ? decodeMorkValue(value ?? '') : (this.#atoms.get(valueId) ?? ''));
  }

  /** `1`, `-1`, `1:^80`, `1:name`. */
  #readId(scope: string): { id: string; scope: string; isCut: boolean } {
    const pattern = /\s*(-?)\s*([0-9A-Fa-f]*)(?::(?:\^([0-9A-Fa-f]+)|([^\s()[\]{}^]+)))?/y;
    pattern.lastIndex = this.#at;
    const [, minus = '', id = '', scopeId, scopeName] = pattern.exec(this.#text) ?? [];
    this.#at = Math.max(this.#at + (id === '' ? 1 : 0), pattern.lastIndex);
    const named = scopeId === undefined ? scopeName : this.#columns.get(scopeId);
    return { id, scope: named ?? scope, isCut: minus !== '' };
  }

  /** After `(`, up to the `)` that is not escaped. */
  #cell(): string {
    const start = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at];
      if (char === '\\') this.#at++;
      else if (char === ')') break;
    }
    return this.#text.slice(start, this.#at++);
  }

  #upTo(end: string): string {
    const start = this.#at;
    this.#at = endOf(this.#text, end, start);
    return this.#text.slice(start, this.#at);
  }
}

/** Behind the next `end`; at the text's end when there is none. */
function endOf(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found < 0 ? text.length : found + end.length;
}

function halves(cell: string): [string, string | undefined] {
  const at = cell.indexOf('=');
  return at < 0 ? [cell, undefined] : [cell.slice(0, at), cell.slice(at + 1)];
}
