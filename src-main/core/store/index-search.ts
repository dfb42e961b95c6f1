import { type ParsedSearch, parseSearch, type SearchNode } from '#shared/mail/search-query.ts';
import type { MessagePage } from '#shared/rpc/contract.ts';
import { revisionOf } from './index-read.ts';
import { fold, summaryColumns, toSummary } from './index-rows.ts';
import { asksForBeginning, matchOf } from './index-words.ts';
import { flagsToLetters } from './maildir-names.ts';
import { lastTellable, rowIdsBetween } from './row-ids.ts';
import { integer, type Sql, text, textOrNull } from './sql.ts';

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
  const wanted = Math.max(countedUnread, offset + limit);
  const { newest, total } = (plan.isGathered ? gatheredHits : newestHits)(sql, plan, wanted);
  const rows = sql.all(
    `SELECT ${summaryColumns} FROM json_each(?) AS hit CROSS JOIN messages m ON m.id = hit.value
       JOIN folders f ON f.id = m.folder_id ORDER BY hit.key`,
    JSON.stringify(newest.slice(offset, offset + limit)),
  );
  return { rows: rows.map(toSummary), total, unread: unreadAmong(sql, newest.slice(0, countedUnread)), revision };
}

interface Hits {
  /** Ids, newest first: all, or as many as were wanted. */
  readonly newest: readonly number[];
  readonly total: number;
}

/** A run that ends at the last one wanted; the number of all takes another, where there are more. */
function newestHits(sql: Sql, plan: Plan, wanted: number): Hits {
  const found = sql.all(
    `SELECT ${plan.id} AS id ${plan.from} ORDER BY ${plan.id} DESC LIMIT ?`,
    ...plan.values,
    wanted,
  );
  const newest = found.map((row) => integer(row, 'id'));
  return { newest, total: newest.length < wanted ? newest.length : countHits(sql, plan) };
}

/** All hits of a search, as one value: a row for each of 100,000 would cost more than the search. */
interface Gathered {
  readonly asked: string;
  /** Ascending, like `1,2,3`; null for none. */
  readonly ids: string | null;
  readonly total: number;
}

/** The last ones of each index: whoever scrolls through many hits asks for page after page. */
const lastGathered = new WeakMap<Sql, Gathered>();

/**
 * The full text gathers all hits of a beginning of a word before it yields the first, so a second run for their number would
 * cost as much again. One run yields them all, in ascending order: it has no other, and being asked for it costs a tenth.
 */
function gatheredHits(sql: Sql, plan: Plan, wanted: number): Hits {
  const asked = askedNow(sql, plan);
  const known = lastGathered.get(sql);
  const { ids, total } = known?.asked === asked ? known : gather(sql, plan, asked);
  return { newest: ids === null ? [] : lastNumbers(ids, wanted), total };
}

function gather(sql: Sql, { id, from, values }: Plan, asked: string): Gathered {
  const row = sql.one(`SELECT count(*) AS n, group_concat(${id}) AS ids ${from}`, ...values);
  const gathered =
    row === undefined
      ? { asked, ids: null, total: 0 }
      : { asked, ids: textOrNull(row, 'ids'), total: integer(row, 'n') };
  lastGathered.set(sql, gathered);
  return gathered;
}

/** The last ones of a list like `1,2,3`, backwards. */
function lastNumbers(list: string, wanted: number): number[] {
  const numbers: number[] = [];
  for (let end = list.length; end > 0 && numbers.length < wanted; ) {
    const comma = list.lastIndexOf(',', end - 1);
    numbers.push(Number(list.slice(comma + 1, end)));
    end = comma;
  }
  return numbers;
}

function unreadAmong(sql: Sql, ids: readonly number[]): number {
  const row = sql.one(
    `SELECT count(*) AS n FROM json_each(?) AS hit CROSS JOIN messages m ON m.id = hit.value
      WHERE instr(m.letters, 'S') = 0`,
    JSON.stringify(ids),
  );
  return row === undefined ? 0 : integer(row, 'n');
}

/** The last counts of each index: whoever scrolls through many hits asks for page after page. */
const knownCounts = new WeakMap<Sql, Map<string, number>>();
const keptCounts = 20;

function countHits(sql: Sql, plan: Plan): number {
  const counts = knownCounts.get(sql) ?? new Map<string, number>();
  knownCounts.set(sql, counts);
  const asked = askedNow(sql, plan);
  const known = counts.get(asked);
  if (known !== undefined) return known;
  const row = sql.one(`SELECT count(*) AS n ${plan.from}`, ...plan.values);
  const counted = row === undefined ? 0 : integer(row, 'n');
  counts.set(asked, counted);
  for (const oldest of counts.keys()) if (counts.size > keptCounts) counts.delete(oldest);
  return counted;
}

/** Another one after every change of the index, also of one that no list shows: this connection alone writes to it. */
function askedNow(sql: Sql, { from, values }: Plan): string {
  return JSON.stringify([sql.one('SELECT total_changes() AS changes')?.changes, from, values]);
}

type Value = string | number;

interface Plan {
  /** The column that is the message's id. */
  readonly id: string;
  /** From `FROM` to the end of the conditions. */
  readonly from: string;
  readonly values: readonly Value[];
  /** The full text gathers all hits of its own accord before it yields the first. */
  readonly isGathered: boolean;
}

/** Null: nothing can be found. */
function planOf(sql: Sql, node: SearchNode, folderId: number | null): Plan | null {
  const { match, rest } = splitAnd(node.kind === 'and' ? node.nodes : [node]);
  const asked = condition(sql);
  const id = match === null ? 'h.id' : 'words.rowid';
  const conditions = rest.filter((part) => !isAskedOfIds(part)).map((part) => asked.of(part));
  if (folderId !== null) conditions.unshift('h.folder_id = ?');
  const scope = folderId === null ? [] : [folderId];
  const within: Value[] = [];
  const [least, most] = idsAskedFor(rest);
  const when = between(id, least, most, (bound) => {
    within.push(bound);
    // A number this large is bound as a real one, and the full text begins and ends early at integers alone.
    return 'CAST(? AS INTEGER)';
  });
  if (match === null) {
    return {
      id,
      from: `FROM messages h WHERE ${[...conditions, when].join(' AND ')}`,
      values: [...scope, ...asked.values, ...within],
      isGathered: false,
    };
  }
  const rows =
    conditions.length === 0 ? '' : `CROSS JOIN messages h ON h.id = words.rowid AND ${conditions.join(' AND ')}`;
  return {
    id,
    from: `FROM words ${rows} WHERE words MATCH ? AND ${when}`,
    values: [...scope, ...asked.values, match, ...within],
    isGathered: asksForBeginning(match),
  };
}

/** Since ids are in the order of dates, a span of days is a span of ids: what lies outside is not even looked at. */
function idsAskedFor(parts: readonly SearchNode[]): [number | null, number | null] {
  let ids: [number | null, number | null] = [null, null];
  for (const part of parts) {
    if (part.kind !== 'date') continue;
    const { least, most } = rowIdsBetween(part.from, part.until === null ? null : part.until - 1);
    ids = [
      Math.max(ids[0] ?? 0, least ?? 0),
      Math.min(ids[1] ?? Number.MAX_SAFE_INTEGER, most ?? Number.MAX_SAFE_INTEGER),
    ];
  }
  return ids;
}

/** Whole seconds within the span that ids tell apart (whole days are) need not be asked of the rows again. */
function isAskedOfIds(part: SearchNode): boolean {
  const isWhole = (moment: number | null): boolean =>
    moment === null || (moment > 0 && moment < lastTellable && moment % 1000 === 0);
  return part.kind === 'date' && isWhole(part.from) && isWhole(part.until);
}

/** Of parts that must all hold: what the full text can answer by itself, and the others. */
function splitAnd(parts: readonly SearchNode[]): { match: string | null; rest: readonly SearchNode[] } {
  const wanted: string[] = [];
  const unwanted: string[] = [];
  const rest: SearchNode[] = [];
  for (const part of parts) {
    const match = asMatch(part.kind === 'not' ? part.node : part);
    if (match === null) rest.push(part);
    else (part.kind === 'not' ? unwanted : wanted).push(match);
  }
  if (wanted.length === 0) return { match: null, rest: parts };
  const all = wanted.length === 1 ? wanted.join('') : `(${wanted.join(' AND ')})`;
  return { match: unwanted.length === 0 ? all : `(${all} NOT (${unwanted.join(' OR ')}))`, rest };
}

/** What the full text can answer by itself: words, and words joined. Null for everything else. */
function asMatch(node: SearchNode): string | null {
  if (node.kind === 'words') return matchOf(node);
  if (node.kind === 'and') {
    const { match, rest } = splitAnd(node.nodes);
    return rest.length === 0 ? match : null;
  }
  if (node.kind !== 'or') return null;
  const parts = node.nodes.map(asMatch);
  return parts.includes(null) ? null : `(${parts.join(' OR ')})`;
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
      case 'beginning':
        return "(instr(h.key, '.beginning-of-') > 0)";
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
