import type { Flag } from './message.ts';

/** What a person types into the search has so many characters at most. */
export const longestQuery = 1000;

/** Where the words of a search are looked for. `to` is every recipient: To, Cc and Bcc. */
export type SearchField = 'any' | 'from' | 'to' | 'subject' | 'body' | 'filename';

/** What a person typed into the search, as a tree. Dates are epoch milliseconds, sizes octets. */
export type SearchNode =
  | { readonly kind: 'words'; readonly field: SearchField; readonly text: string; readonly isPrefix: boolean }
  | { readonly kind: 'folder'; readonly name: string }
  | { readonly kind: 'flag'; readonly flag: Flag; readonly isSet: boolean }
  | { readonly kind: 'attachment' }
  /** Here by its beginning only. */
  | { readonly kind: 'beginning' }
  | { readonly kind: 'tag'; readonly tag: string }
  /** `from` is included, `until` is not. */
  | { readonly kind: 'date'; readonly from: number | null; readonly until: number | null }
  /** Both are included. */
  | { readonly kind: 'size'; readonly atLeast: number | null; readonly atMost: number | null }
  | { readonly kind: 'not'; readonly node: SearchNode }
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly SearchNode[] };

/** A value an operator cannot use: `before:soon`. The rest of the search holds without it. */
export interface SearchProblem {
  readonly operator: string;
  readonly value: string;
  readonly wants: 'date' | 'size' | 'state' | 'attachment';
}

export interface ParsedSearch {
  /** Null: nothing is asked for. */
  readonly node: SearchNode | null;
  readonly problems: readonly SearchProblem[];
}

interface Token {
  readonly kind: 'term' | 'or' | 'and' | 'open' | 'close';
  readonly isNegated: boolean;
  /** Lower case; null for plain words. */
  readonly operator: string | null;
  readonly value: string;
  readonly isPhrase: boolean;
  readonly isLast: boolean;
}

const fields: ReadonlyMap<string, SearchField> = new Map([
  ['from', 'from'],
  ['to', 'to'],
  ['cc', 'to'],
  ['bcc', 'to'],
  ['subject', 'subject'],
  ['body', 'body'],
  ['filename', 'filename'],
  ['file', 'filename'],
]);
const others = new Set(['in', 'is', 'has', 'tag', 'before', 'after', 'on', 'larger', 'smaller']);

const states: ReadonlyMap<string, { flag: Flag; isSet: boolean }> = new Map([
  ['unread', { flag: 'seen', isSet: false }],
  ['read', { flag: 'seen', isSet: true }],
  ['seen', { flag: 'seen', isSet: true }],
  ['flagged', { flag: 'flagged', isSet: true }],
  ['starred', { flag: 'flagged', isSet: true }],
  ['unflagged', { flag: 'flagged', isSet: false }],
  ['answered', { flag: 'answered', isSet: true }],
  ['replied', { flag: 'answered', isSet: true }],
  ['unanswered', { flag: 'answered', isSet: false }],
  ['forwarded', { flag: 'forwarded', isSet: true }],
  ['draft', { flag: 'draft', isSet: true }],
]);

/**
 * Reads what a person typed: words (all must be there), "phrases", `from: to: subject: body: filename: in: is: has: tag:
 * before: after: on: larger: smaller:`, `-not`, `OR` (which binds its two neighbours, before everything else) and
 * parentheses. A word cut off while it is being typed also finds longer words (after a minus it
 * does not); so does `word*`. Never throws: what
 * makes no sense as an operator is looked for as words. Dates are days where this runs; `now` is for `after:7d`.
 */
export function parseSearch(query: string, now: number): ParsedSearch {
  const problems: SearchProblem[] = [];
  const reader = { tokens: tokensOf(query.replaceAll('\0', ' ')), at: 0 };
  const all: SearchNode[] = [];
  while (reader.at < reader.tokens.length) {
    const node = readAll(reader, problems, now, 0);
    if (node !== null) all.push(node);
    // A parenthesis closed that was never opened.
    reader.at += 1;
  }
  return { node: joined('and', all), problems };
}

/** The plain words looked for, for marking them where they were found; nothing that must not be there. */
export function wordsLookedFor(query: string): string[] {
  const words: string[] = [];
  const collect = (node: SearchNode): void => {
    if (node.kind === 'words') words.push(node.text.replace(/\*+$/, ''));
    else if (node.kind === 'and' || node.kind === 'or') node.nodes.forEach(collect);
  };
  const { node } = parseSearch(query, 0);
  if (node !== null) collect(node);
  return words.filter((word) => word !== '');
}

/** One token: a parenthesis, or a minus, the name of an operator, a phrase and the quotation mark that ends it, a bare word. */
export const searchToken = /([()])|(-?)(?:([\p{Letter}]+):(?=\S))?(?:"([^"]*)("?)|([^\s"()]+))/gu;

function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  const isBeingTyped = /[\p{Letter}\p{Mark}]{3}$/u.test(query);
  for (const match of query.matchAll(searchToken)) {
    const [, bracket, minus, name, phrase, , bare] = match;
    const isLast = isBeingTyped && match.index + match[0].length === query.length;
    const rest = { isNegated: minus === '-', isPhrase: phrase !== undefined, isLast };
    if (bracket !== undefined) {
      const kind = bracket === '(' ? 'open' : 'close';
      tokens.push({
        ...rest,
        kind,
        operator: null,
        value: '',
        isNegated: isAfterMinus(query, match.index),
      });
    } else if (bare === 'OR' && name === undefined && minus === '') tokens.push(connective('or'));
    else if (bare === 'AND' && name === undefined && minus === '') tokens.push(connective('and'));
    else {
      const operator = name?.toLowerCase() ?? null;
      const value = phrase ?? bare ?? '';
      if (operator === null || fields.has(operator) || others.has(operator))
        tokens.push({ ...rest, kind: 'term', operator, value });
      else tokens.push({ ...rest, kind: 'term', operator: null, value: `${name ?? ''}:${value}` });
    }
  }
  return tokens;
}

/** `-(a b)`: a minus that begins a word. */
function isAfterMinus(query: string, at: number): boolean {
  return query[at - 1] === '-' && /^[\s(]?$/u.test(query[at - 2] ?? '');
}

function connective(kind: 'or' | 'and'): Token {
  return { kind, isNegated: false, operator: null, value: '', isPhrase: false, isLast: false };
}

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
}

/** Deeper parentheses than anybody types are read as if they were not there. */
const deepest = 50;

/** Up to a closing parenthesis or the end: terms that must all hold, each perhaps with alternatives. */
function readAll(reader: Reader, problems: SearchProblem[], now: number, depth: number): SearchNode | null {
  const all: SearchNode[] = [];
  let alternatives: SearchNode[] = [];
  let isAlternative = false;
  const end = (): void => {
    const node = joined('or', alternatives);
    if (node !== null) all.push(node);
    alternatives = [];
  };
  for (;;) {
    const token = reader.tokens[reader.at];
    if (token === undefined || token.kind === 'close') break;
    reader.at += 1;
    if (token.kind === 'or' || token.kind === 'and') {
      isAlternative = token.kind === 'or';
      continue;
    }
    const node = token.kind === 'open' ? readGroup(reader, token, problems, now, depth) : nodeOf(token, problems, now);
    if (node === null) continue;
    if (!isAlternative) end();
    alternatives.push(node);
    isAlternative = false;
  }
  end();
  return joined('and', all);
}

function readGroup(
  reader: Reader,
  { isNegated }: Token,
  problems: SearchProblem[],
  now: number,
  depth: number,
): SearchNode | null {
  if (depth >= deepest) return null;
  const node = readAll(reader, problems, now, depth + 1);
  reader.at += 1;
  return node !== null && isNegated ? { kind: 'not', node } : node;
}

function joined(kind: 'and' | 'or', nodes: readonly SearchNode[]): SearchNode | null {
  const [first] = nodes;
  if (first === undefined) return null;
  return nodes.length === 1 ? first : { kind, nodes };
}

function nodeOf(token: Token, problems: SearchProblem[], now: number): SearchNode | null {
  const node = token.operator === null ? wordsNode('any', token) : operatorNode(token.operator, token, problems, now);
  return node !== null && token.isNegated ? { kind: 'not', node } : node;
}

/** Null for what holds no letter, digit or sign worth looking for. */
function wordsNode(field: SearchField, { value, isPhrase, isLast, isNegated }: Token): SearchNode | null {
  if (!/[\p{Letter}\p{Number}\p{Mark}\p{Private_Use}\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(value))
    return null;
  // What must not be there is meant as it stands: a beginning would keep away more than was written, unseen.
  const isBeginning = isLast && !isNegated;
  return { kind: 'words', field, text: value, isPrefix: !isPhrase && (value.endsWith('*') || isBeginning) };
}

function operatorNode(operator: string, token: Token, problems: SearchProblem[], now: number): SearchNode | null {
  const field = fields.get(operator);
  if (field !== undefined) return wordsNode(field, token);
  const { value } = token;
  const problem = (wants: SearchProblem['wants']): null => {
    problems.push({ operator, value, wants });
    return null;
  };
  switch (operator) {
    case 'in':
      return { kind: 'folder', name: value };
    case 'tag':
      return { kind: 'tag', tag: value };
    case 'has':
      return /^attachments?$/i.test(value) ? { kind: 'attachment' } : problem('attachment');
    case 'is': {
      if (/^(partial|beginning)$/i.test(value)) return { kind: 'beginning' };
      const state = states.get(value.toLowerCase());
      return state === undefined ? problem('state') : { kind: 'flag', ...state };
    }
    case 'larger':
    case 'smaller': {
      const octets = octetsOf(value);
      if (octets === null) return problem('size');
      return operator === 'larger'
        ? { kind: 'size', atLeast: octets, atMost: null }
        : { kind: 'size', atLeast: null, atMost: octets };
    }
    default: {
      const days = daysOf(value, now);
      if (days === null) return problem('date');
      if (operator === 'before') return { kind: 'date', from: null, until: days.from };
      if (operator === 'after') return { kind: 'date', from: days.isAgo ? days.from : days.until, until: null };
      return { kind: 'date', from: days.from, until: days.until };
    }
  }
}

/** `500`, `20k`, `5M`, `1.5 MB`: powers of ten, as sizes are shown. */
function octetsOf(value: string): number | null {
  const match = /^(\d+(?:[.,]\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(value.trim());
  if (match === null) return null;
  const power = ['', 'k', 'm', 'g'].indexOf((match[2] ?? '').toLowerCase());
  return Math.round(Number((match[1] ?? '').replace(',', '.')) * 1000 ** power);
}

/** A year, a month, a day (`2026`, `2026-11`, `2026-11-21`), `today`, `yesterday`, or so long ago (`7d`, `2w`, `3m`, `1y`). */
function daysOf(value: string, now: number): { from: number; until: number; isAgo: boolean } | null {
  const today = new Date(now);
  const day = (year: number, month: number, date: number): number => new Date(year, month, date).getTime();
  const around = (back: number): { from: number; until: number; isAgo: boolean } => {
    const date = today.getDate() - back;
    const [year, month] = [today.getFullYear(), today.getMonth()];
    return { from: day(year, month, date), until: day(year, month, date + 1), isAgo: false };
  };
  const wanted = value.toLowerCase();
  if (wanted === 'today') return around(0);
  if (wanted === 'yesterday') return around(1);
  const ago = /^(\d{1,4})([dwmy])$/.exec(wanted);
  if (ago !== null) {
    const count = Number(ago[1]);
    const from = new Date(today.getFullYear(), today.getMonth(), today.getDate());
    if (ago[2] === 'd') from.setDate(from.getDate() - count);
    else if (ago[2] === 'w') from.setDate(from.getDate() - 7 * count);
    else if (ago[2] === 'm') from.setMonth(from.getMonth() - count);
    else from.setFullYear(from.getFullYear() - count);
    const until = new Date(from.getFullYear(), from.getMonth(), from.getDate() + 1);
    return { from: from.getTime(), until: until.getTime(), isAgo: true };
  }
  const match = /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$/.exec(wanted);
  if (match === null) return null;
  const [year, month, date] = [Number(match[1]), match[2], match[3]];
  if (month === undefined) return { from: day(year, 0, 1), until: day(year + 1, 0, 1), isAgo: false };
  if (Number(month) < 1 || Number(month) > 12) return null;
  const m = Number(month) - 1;
  if (date === undefined) return { from: day(year, m, 1), until: day(year, m + 1, 1), isAgo: false };
  const first = new Date(year, m, Number(date));
  if (first.getMonth() !== m) return null;
  return { from: first.getTime(), until: day(year, m, Number(date) + 1), isAgo: false };
}
