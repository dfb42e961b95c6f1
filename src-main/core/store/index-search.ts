import { type ParsedSearch, parseSearch, type SearchNode } from '#shared/mail/search-query.ts';
import type { MessagePage } from '#shared/rpc/contract.ts';
import { revisionOf } from './index-read.ts';
import { fold, summaryColumns, toSummary } from './index-rows.ts';
import { matchOf } from './index-words.ts';
import { flagsToLetters } from './maildir-names.ts';
import { integer, type Sql, text } from './sql.ts';

/** Unread ones are counted among so many of the newest hits: counting them all would cost a look at every row. */
const countedUnread = 1000;

export interface IndexSearch {
  readonly query: string;
  /** Only in this folder; null for all. */
  readonly folderId: number | null;
  readonly offset: number;
  readonly limit: number;
  /** Epoch milliseconds, for `after:7d`. */
  readonly now: number;
}

/**
 * Newest first. Words are asked of the full text, which yields its hits in the order of ids, that is by date, so nothing is
 * sorted; everything else is asked of the rows as they come.
 */
export function searchIndex(sql: Sql, query: IndexSearch): MessagePage {
  const { node }: ParsedSearch = parseSearch(query.query, query.now);
  const revision = revisionOf(sql);
  const plan = node === null ? null : planOf(sql, node, query.folderId);
  if (plan === null) return { rows: [], total: 0, unread: 0, revision };
  const { offset, limit } = query;
  const ids = sql
    .all(
      `SELECT ${plan.id} AS id ${plan.from} ORDER BY ${plan.id} DESC LIMIT ? OFFSET ?`,
      ...plan.values,
      limit,
      offset,
    )
    .map((row) => integer(row, 'id'));
  const rows = ids.flatMap((id) =>
    sql.all(`SELECT ${summaryColumns} FROM messages m JOIN folders f ON f.id = m.folder_id WHERE m.id = ?`, id),
  );
  const isAll = ids.length < limit && (offset === 0 || ids.length > 0);
  const total = isAll ? offset + ids.length : count(sql, `SELECT count(*) AS n ${plan.from}`, plan.values);
  const unread = count(
    sql,
    `SELECT count(*) AS n FROM (SELECT ${plan.id} AS id ${plan.from} ORDER BY ${plan.id} DESC LIMIT ${countedUnread})
       AS hit CROSS JOIN messages m ON m.id = hit.id AND instr(m.letters, 'S') = 0`,
    plan.values,
  );
  return { rows: rows.map(toSummary), total, unread, revision };
}

type Value = string | number;

function count(sql: Sql, query: string, values: readonly Value[]): number {
  const row = sql.one(query, ...values);
  return row === undefined ? 0 : integer(row, 'n');
}

interface Plan {
  /** The column that is the message's id. */
  readonly id: string;
  /** From `FROM` to the end of the conditions. */
  readonly from: string;
  readonly values: readonly Value[];
}

/** Null: nothing can be found. */
function planOf(sql: Sql, node: SearchNode, folderId: number | null): Plan | null {
  const parts = node.kind === 'and' ? node.nodes : [node];
  const wanted = parts.flatMap((part) => asMatch(part) ?? []);
  const match = wanted.join(' AND ');
  const asked = condition(sql);
  const conditions = parts.filter((part) => asMatch(part) === null).map((part) => asked.of(part));
  if (folderId !== null) conditions.unshift('h.folder_id = ?');
  const scope = folderId === null ? [] : [folderId];
  if (match === '') {
    if (conditions.length === 0) return null;
    return {
      id: 'h.id',
      from: `FROM messages h WHERE ${conditions.join(' AND ')}`,
      values: [...scope, ...asked.values],
    };
  }
  const rows =
    conditions.length === 0 ? '' : `CROSS JOIN messages h ON h.id = words.rowid AND ${conditions.join(' AND ')}`;
  return {
    id: 'words.rowid',
    from: `FROM words ${rows} WHERE words MATCH ?`,
    values: [...scope, ...asked.values, match],
  };
}

/** What the full text can answer by itself: words, and words joined. Null for everything else. */
function asMatch(node: SearchNode): string | null {
  if (node.kind === 'words') return matchOf(node);
  if (node.kind !== 'and' && node.kind !== 'or') return null;
  const parts: string[] = [];
  for (const part of node.nodes) {
    const match = asMatch(part);
    if (match === null) return null;
    parts.push(match);
  }
  return `(${parts.join(node.kind === 'and' ? ' AND ' : ' OR ')})`;
}

/** Conditions on a row `h` of messages; their values are gathered in the order in which they stand. */
function condition(sql: Sql): { readonly values: Value[]; of(node: SearchNode): string } {
  const values: Value[] = [];
  const value = (given: Value): string => {
    values.push(given);
    return '?';
  };
  const of = (node: SearchNode): string => {
    switch (node.kind) {
      case 'words': {
        const match = matchOf(node);
        return match === null ? '1' : `h.id IN (SELECT rowid FROM words WHERE words MATCH ${value(match)})`;
      }
      case 'and':
      case 'or':
        return `(${node.nodes.map(of).join(node.kind === 'and' ? ' AND ' : ' OR ')})`;
      case 'not':
        return `NOT ${of(node.node)}`;
      case 'flag':
        return `(instr(h.letters, ${value(flagsToLetters([node.flag]))}) ${node.isSet ? '>' : '='} 0)`;
      case 'attachment':
        return '(h.has_attachments = 1)';
      case 'tag':
        return `(h.tags <> '[]' AND EXISTS (SELECT 1 FROM json_each(h.tags) WHERE lower(value) = ${value(node.tag.toLowerCase())}))`;
      case 'date':
        return between('h.date', node.from, node.until === null ? null : node.until - 1, value);
      case 'size':
        return between('h.size', node.atLeast, node.atMost, value);
      case 'folder': {
        const ids = foldersNamed(sql, node.name);
        return ids.length === 0 ? '0' : `(h.folder_id IN (${ids.join(', ')}))`;
      }
    }
  };
  return { values, of };
}

function between(column: string, least: number | null, most: number | null, value: (given: number) => string): string {
  const conditions = [
    ...(least === null ? [] : [`${column} >= ${value(least)}`]),
    ...(most === null ? [] : [`${column} <= ${value(most)}`]),
  ];
  return conditions.length === 0 ? '1' : `(${conditions.join(' AND ')})`;
}

/** By its whole path or its last name, with all below it; case and accents do not count. */
function foldersNamed(sql: Sql, name: string): number[] {
  const wanted = fold(name.replace(/\/+$/, ''));
  return sql
    .all('SELECT id, path FROM folders')
    .filter((row) => `/${fold(text(row, 'path'))}/`.includes(`/${wanted}/`))
    .map((row) => integer(row, 'id'));
}
