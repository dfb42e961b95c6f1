import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Flag } from '#shared/mail/message.ts';
import { parseSearch, type SearchNode } from '#shared/mail/search-query.ts';
import type { Store } from './store-api.ts';
import { folderPath, type Home, keyOf, mail, makeHome } from './testing/store-fixture.ts';

let home: Home;
let store: Store;

interface Known {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly folder: string;
  readonly flags: Flag[];
  readonly tags: string[];
  readonly date: number;
  readonly file: string | null;
  readonly octets: number;
}

const pick = <T>(from: readonly T[], at: number): T => from[at % from.length] ?? expect.fail('nothing to pick');
const names = ['anna', 'bertil', 'chloé', 'jürgen'];
const wordsThere = ['berth', 'crane', 'harbour', 'sail', 'straße', '東京', 'offer'];

function messageAt(at: number): Known {
  return {
    subject: `${pick(wordsThere, at)} ${pick(wordsThere, at * 5 + 2)} s${at}`,
    from: pick(names, at * 3),
    to: pick(names, at + 1),
    body: `${pick(wordsThere, at * 11 + 3)} and ${pick(wordsThere, at * 7)} ${'.'.repeat(at * 40)}`,
    folder: pick(['Inbox', 'Archive', 'Work/Müller', 'Work'], at >> 1),
    flags: (['seen', 'flagged', 'answered'] as const).filter((_flag, bit) => ((at >> bit) & 1) === 1),
    tags: at % 5 === 0 ? ['Travel'] : [],
    date: Date.UTC(2020, at % 36, 1 + (at % 27), 12),
    file: at % 4 === 0 ? `${pick(wordsThere, at)}-plan.pdf` : null,
    octets: 0,
  };
}

const known: Known[] = [];

beforeAll(async () => {
  home = makeHome();
  store = await home.open();
  for (const path of ['Work', 'Work/Müller']) await store.createFolder(folderPath(path));
  for (let at = 0; at < 72; at++) {
    const message = messageAt(at);
    const body =
      message.file === null
        ? message.body
        : `--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${message.body}\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=UTF-8''${encodeURIComponent(message.file)}\r\n\r\nx\r\n--b--`;
    const bytes = mail(message.subject, body, {
      From: `${message.from} <f${at}@sender.example>`,
      To: `${message.to} <t${at}@recipient.example>`,
      Date: new Date(message.date).toUTCString(),
      ...(message.file === null ? {} : { 'Content-Type': 'multipart/mixed; boundary=b' }),
    });
    known.push({ ...message, octets: bytes.length });
    const messageKey = keyOf(`m${at}`, bytes);
    await store.file([
      { folder: folderPath(message.folder), messageKey, bytes, flags: message.flags, tags: message.tags },
    ]);
  }
});

afterAll(async () => {
  await store.close();
  home.remove();
});

async function found(query: string, limit = 1000): Promise<number[]> {
  const { rows, total } = await store.search({ query, offset: 0, limit });
  if (limit === 1000) expect(total).toBe(rows.length);
  const dates = rows.map(({ date }) => date);
  expect(dates).toEqual(dates.toSorted().reverse());
  return rows.map(({ subject }) => Number(/s(\d+)$/.exec(subject)?.[1]));
}

const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase();
const hasWord = (text: string, { text: word, isPrefix }: { text: string; isPrefix: boolean }): boolean => {
  const wanted = folded(word.replace(/\*$/, ''));
  return folded(text)
    .split(/[^\p{Letter}\p{Number}]+/u)
    .some((one) => (isPrefix ? one.startsWith(wanted) : one === wanted));
};

/** What the search means, said as plainly as can be. */
function holds(node: SearchNode, message: Known): boolean {
  switch (node.kind) {
    case 'words': {
      const { subject, from, to, body, file } = message;
      const where = {
        any: [subject, from, to, body, file ?? ''],
        from: [from],
        to: [to],
        subject: [subject],
        body: [body],
        filename: [file ?? ''],
      };
      return where[node.field].some((text) => hasWord(text, node));
    }
    case 'and':
      return node.nodes.every((one) => holds(one, message));
    case 'or':
      return node.nodes.some((one) => holds(one, message));
    case 'not':
      return !holds(node.node, message);
    case 'flag':
      return message.flags.includes(node.flag) === node.isSet;
    case 'attachment':
      return message.file !== null;
    case 'beginning':
      return false;
    case 'tag':
      return message.tags.some((tag) => tag.toLowerCase() === node.tag.toLowerCase());
    case 'date':
      return (
        message.date >= (node.from ?? Number.NEGATIVE_INFINITY) &&
        message.date < (node.until ?? Number.POSITIVE_INFINITY)
      );
    case 'size':
      return message.octets >= (node.atLeast ?? 0) && message.octets <= (node.atMost ?? Number.POSITIVE_INFINITY);
    case 'folder':
      return `/${folded(message.folder)}/`.includes(`/${folded(node.name)}/`);
  }
}

const simple = fc.constantFrom(
  ...wordsThere,
  ...names.map((name) => `from:${name}`),
  ...names.map((name) => `to:${name}`),
  'subject:berth',
  'body:crane',
  'filename:sail',
  'harb*',
  'Strasse',
  'jurgen',
  'in:inbox',
  'in:Work',
  'in:muller',
  'is:unread',
  'is:flagged',
  'is:unanswered',
  'has:attachment',
  'tag:travel',
  'before:2021-06',
  'after:2021',
  'on:2020-03',
  'larger:1.2k',
  'smaller:900',
  'nowhere',
);
const { query } = fc.letrec<{ query: string; term: string }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 3 },
    simple,
    simple.map((one) => `-${one}`),
    tie('query').map((inner) => `(${inner})`),
    tie('query').map((inner) => `-(${inner})`),
  ),
  query: fc
    .array(fc.tuple(tie('term'), fc.constantFrom(' ', ' OR ')), { minLength: 1, maxLength: 4 })
    .map((terms) => `${terms.map(([term, join], at) => (at === 0 ? '' : join) + term).join('')} `),
}));

describe('search', () => {
  it('finds exactly what a plain reading of the query says, newest first', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (wanted) => {
        const { node, problems } = parseSearch(wanted, Date.now());
        expect(problems).toEqual([]);
        const expected = known.flatMap((message, at) => (node !== null && holds(node, message) ? [at] : []));
        expect(
          (await found(wanted)).toSorted((a, b) => a - b),
          wanted,
        ).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  it('finds Japanese words in the field where they stand', async () => {
    const inSubject = known.flatMap(({ subject }, at) => (subject.includes('東京') ? [at] : []));
    expect((await found('subject:東京')).toSorted((a, b) => a - b)).toEqual(inSubject);
    expect((await found('subject:京')).toSorted((a, b) => a - b)).toEqual(inSubject);
    expect(await found('from:東京')).toEqual([]);
  });

  it('answers a page and the whole count', async () => {
    const all = await found('-nowhere is:unread');
    const page = await store.search({ query: '-nowhere is:unread', offset: 5, limit: 4 });
    expect(page).toMatchObject({ total: all.length, unread: all.length });
    expect(page.rows.map(({ subject }) => Number(/s(\d+)$/.exec(subject)?.[1]))).toEqual(all.slice(5, 9));
  });

  it('finds nothing for nothing', async () => {
    for (const query of ['', '()', 'before:soon', '"', 'in:nowhere']) expect(await found(query)).toEqual([]);
  });

  it('counts all of more hits than it looks at, whether a whole word is asked for or its beginning', async () => {
    const full = makeHome();
    const many = await full.open();
    try {
      const count = 1100;
      const parts = Array.from({ length: count }, (_, at) => {
        const bytes = mail(`berths s${at}`, 'x', { Date: new Date(Date.UTC(2020, 0, 1, 0, at)).toUTCString() });
        // Only the oldest have not been read.
        const flags: Flag[] = at < 150 ? [] : ['seen'];
        return { folder: folderPath('Inbox'), messageKey: keyOf(`m${at}`, bytes), bytes, flags, tags: [] };
      });
      await many.file(parts);
      for (const query of ['berths ', 'berth', 'berth* after:2019']) {
        const page = await many.search({ query, offset: 2, limit: 3 });
        expect(page, query).toMatchObject({ total: count, unread: 50 });
        expect(page.rows.map(({ subject }) => subject)).toEqual(['berths s1097', 'berths s1096', 'berths s1095']);
        const end = await many.search({ query, offset: count - 2, limit: 9 });
        expect(end.rows.map(({ subject }) => subject)).toEqual(['berths s1', 'berths s0']);
      }
    } finally {
      await many.close();
      full.remove();
    }
  });
});
