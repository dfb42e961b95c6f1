import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { baseSubject } from './base-subject.ts';
import { checkConversations, readConversation } from './conversations.ts';
import { byFirst, folderNames, type Letter, openBench, outlineOf, type ThreadBench } from './testing/thread-bench.ts';
import { nodesOf, numberOf, type ThreadedMessage } from './thread-claims.ts';
import { chooseParents, conversationsOf, flatten, forestOf, mergeThreads } from './thread-forest.ts';

const open: ThreadBench[] = [];
const bench = (): ThreadBench => {
  const made = openBench();
  open.push(made);
  return made;
};
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

const right = { misplaced: 0, lacking: 0, miscounted: 0 };
const letter = (name: string, references: string[] = [], extra: Partial<Letter> = {}): Letter => ({
  name,
  messageId: `<${name}>`,
  references: references.map((each) => `<${each}>`),
  at: name.charCodeAt(0),
  subject: `Subject of ${name}`,
  ...extra,
});

/** The conversation of a letter as lines: its name behind as many dots as it is deep. */
function treeOf({ sql }: ThreadBench, name: string): string[] {
  const [inbox, ...others] = folderNames;
  const found = readConversation(sql, MessageKey.parse(name), inbox, others);
  return (found?.messages ?? []).map(({ summary, depth }) => '.'.repeat(depth) + summary.messageKey);
}

async function settled(letters: readonly Letter[]): Promise<ThreadBench> {
  const made = bench();
  made.add(letters);
  await made.queue.settle();
  expect(checkConversations(made.sql)).toEqual(right);
  return made;
}

describe('threads', () => {
  it('follow References', async () => {
    const made = await settled([
      letter('a'),
      letter('b', ['a']),
      letter('c', ['a', 'b']),
      letter('d', ['a']),
      letter('x'),
    ]);
    expect(treeOf(made, 'c')).toEqual(['a', '.b', '..c', '.d']);
    expect(treeOf(made, 'x')).toEqual(['x']);
  });

  it('pass over messages that are missing, and hold their answers together', async () => {
    const same = { subject: 'Re: Berth' };
    const made = await settled([
      letter('c', ['a', 'b'], same),
      letter('d', ['a', 'b'], same),
      letter('e', ['a'], same),
    ]);
    expect(treeOf(made, 'c')).toEqual(['c', 'd', 'e']);
    made.add([letter('b', ['a'], { subject: 'Re: Berth' })]);
    await made.queue.settle();
    expect(treeOf(made, 'c')).toEqual(['b', '.c', '.d', 'e']);
    made.add([letter('a', [], { subject: 'Berth' })]);
    await made.queue.settle();
    expect(treeOf(made, 'c')).toEqual(['a', '.b', '..c', '..d', '.e']);
  });

  it('take the first of In-Reply-To where References are missing, and only there', async () => {
    const made = await settled([
      letter('a'),
      letter('b', [], { inReplyTo: ['<a>', '<x>'] }),
      letter('c', ['a'], { inReplyTo: ['<x>'] }),
      letter('x'),
    ]);
    expect(treeOf(made, 'a')).toEqual(['a', '.b', '.c']);
  });

  it('join by base subject only at the top', async () => {
    const made = await settled([
      letter('a', [], { subject: 'Berth' }),
      letter('b', [], { subject: 'Re: [boats] Berth' }),
      letter('c', [], { subject: 'berth' }),
      letter('m', [], { subject: 'Moorings' }),
      letter('n', ['m'], { subject: 'Berth' }),
    ]);
    expect(made.together()).toEqual([
      ['a', 'b', 'c'],
      ['m', 'n'],
    ]);
    expect(treeOf(made, 'a')).toEqual(['a', '.b', 'c']);
  });

  it('an answer without its question becomes an answer to the message of its subject', async () => {
    const made = await settled([letter('a', [], { subject: 'Re: Berth' }), letter('b', [], { subject: 'Berth' })]);
    expect(treeOf(made, 'a')).toEqual(['b', '.a']);
  });

  it('do not join messages without a subject', async () => {
    const made = await settled([letter('a', [], { subject: '' }), letter('b', [], { subject: 'Re: ' })]);
    expect(made.together()).toEqual([['a'], ['b']]);
  });

  it('leave out the link that would close a circle', async () => {
    const made = await settled([letter('a', ['c']), letter('b', ['a']), letter('c', ['b'])]);
    expect(treeOf(made, 'a')).toEqual(['c', '.a', '..b']);
    const self = await settled([letter('a', ['a'])]);
    expect(treeOf(self, 'a')).toEqual(['a']);
  });

  it('come apart when the message that held them is removed for good, and tell its folder apart', async () => {
    const made = await settled([letter('a'), letter('b', ['a']), letter('c', ['b'])]);
    made.place('b', 1, 'S');
    await made.queue.settle();
    expect(made.sql.all('SELECT folder_id, total, unread FROM conversations ORDER BY folder_id')).toEqual([
      { folder_id: made.folders[0], total: 2, unread: 2 },
      { folder_id: made.folders[1], total: 1, unread: 0 },
    ]);
    made.remove(['b']);
    await made.queue.settle();
    expect(made.together()).toEqual([['a'], ['c']]);
    expect(checkConversations(made.sql)).toEqual(right);
    made.remove(['a', 'c']);
    await made.queue.settle();
    for (const table of ['threads', 'thread_nodes', 'thread_claims', 'threaded', 'conversations', 'dirty_nodes'])
      expect(made.sql.all(`SELECT * FROM ${table}`)).toEqual([]);
  });

  it('that came apart are told apart, though nothing but their place tells them', async () => {
    const none = { subject: '' };
    const made = await settled([
      letter('a', [], none),
      letter('b', ['a'], none),
      letter('c', ['b'], none),
      letter('d', ['c'], none),
    ]);
    expect(made.together()).toEqual([['a', 'b', 'c', 'd']]);
    made.remove(['b']);
    await made.queue.settle();
    expect(made.together()).toEqual([['a'], ['c', 'd']]);
    made.add([letter('b', ['a'], none)]);
    await made.queue.settle();
    expect(made.together()).toEqual([['a', 'b', 'c', 'd']]);
    expect(checkConversations(made.sql)).toEqual(right);
  });

  it('without their first message go by the subject of the earliest that is there', async () => {
    const made = await settled([letter('c', ['a'], { subject: 'Late' }), letter('d', [], { subject: 'Early' })]);
    made.add([letter('b', ['a'], { subject: 'Early' })]);
    await made.queue.settle();
    expect(made.together()).toEqual([['b', 'c', 'd']]);
    expect(checkConversations(made.sql)).toEqual(right);
  });

  it('that lose their earliest branch to another thread go by what is left', async () => {
    // The earliest letter has it that f answers x; f itself says that it answers y.
    const made = await settled([
      letter('b', ['x', 'f'], { subject: 'Early' }),
      letter('c', ['x'], { subject: 'Late' }),
      letter('z', [], { subject: 'Late' }),
    ]);
    expect(made.together()).toEqual([['b', 'c'], ['z']]);
    made.add([letter('f', ['y'], { subject: 'Other' })]);
    await made.queue.settle();
    expect(checkConversations(made.sql)).toEqual(right);
    expect(made.together()).toEqual([
      ['b', 'f'],
      ['c', 'z'],
    ]);
  });

  it('keep copies of one message together', async () => {
    const copy = letter('a2', [], { messageId: '<a>', at: 98, subject: 'Subject of a' });
    const made = await settled([letter('a'), copy, letter('b', ['a'])]);
    expect(made.together()).toEqual([['a', 'a2', 'b']]);
  });
});

const names = [...'abcdefghij'];
/** Anything, contradictions and circles included. */
const anyLetter = fc.record({
  id: fc.constantFrom(...names, ''),
  references: fc.array(fc.constantFrom(...names, 'x', 'y'), { maxLength: 4 }),
  inReplyTo: fc.array(fc.constantFrom(...names), { maxLength: 2 }),
  at: fc.integer({ min: 1, max: 6 }),
  subject: fc.constantFrom('', 'Re:', 'Berth', 'Re: Berth', 'Moorings', 'Fwd: Moorings'),
});
const anyLetters = fc.array(anyLetter, { maxLength: 14 }).map((all) =>
  all.map(
    ({ id, references, ...rest }, at): Letter => ({
      name: `k${at}`,
      messageId: id === '' ? '' : `<${id}>`,
      references: references.map((each) => `<${each}>`),
      ...rest,
      inReplyTo: rest.inReplyTo.map((each) => `<${each}>`),
    }),
  ),
);

function asThreaded(letters: readonly Letter[]): ThreadedMessage[] {
  return letters.map((each, id) => {
    const [node = 0, ...refs] = nodesOf(each.name, outlineOf(each));
    const { base, isReply } = baseSubject(each.subject);
    const subject = base === '' ? 0 : numberOf(base);
    return { id, node, refs, date: each.at * 1000, tie: numberOf(each.name), subject, isReply };
  });
}

function fromScratch(letters: readonly Letter[]): string[][] {
  const groups = Map.groupBy(conversationsOf(asThreaded(letters)), ([, name]) => name);
  return [...groups.values()].map((all) => all.map(([id]) => letters[id]?.name ?? '').sort()).sort(byFirst);
}

/** The whole tree of a letter's conversation, from scratch. */
function treeFromScratch(letters: readonly Letter[], name: string): string[] {
  const messages = asThreaded(letters);
  const place = conversationsOf(messages);
  const own = place.get(letters.findIndex((each) => each.name === name));
  const threads = forestOf(chooseParents(messages), messages).filter(
    (tree) => place.get(flatten(tree)[0]?.message.id ?? -1) === own,
  );
  const merged = mergeThreads(threads);
  return merged === undefined
    ? []
    : flatten(merged).map(({ message, depth }) => '.'.repeat(depth) + letters[message.id]?.name);
}

describe('threads kept up message by message', () => {
  it('are what threads made from scratch are, whatever comes in whatever order and goes again', async () => {
    const act = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), at: fc.nat(20) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: fc.nat(20) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('place' as const), at: fc.nat(20) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('step' as const), at: fc.nat(20) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const), at: fc.nat(20) }) },
    );
    const made = bench();
    await fc.assert(
      fc.asyncProperty(anyLetters, fc.array(act, { maxLength: 40 }), async (letters, acts) => {
        const here = new Set<Letter>();
        for (const { kind, at } of acts) {
          const one = letters[at % Math.max(1, letters.length)];
          if (kind === 'settle') await made.queue.settle();
          else if (kind === 'step') made.queue.step();
          else if (one === undefined) continue;
          else if (kind === 'place') made.place(one.name, at % 2 === 0 ? 0 : 1, at % 3 === 0 ? 'S' : '');
          else if (kind === 'add') {
            here.add(one);
            made.add([one]);
          } else {
            here.delete(one);
            made.remove([one.name]);
          }
        }
        await made.queue.settle();
        const left = [...here];
        expect(made.together()).toEqual(fromScratch(left));
        expect(checkConversations(made.sql)).toEqual(right);
        for (const { name } of left) expect(treeOf(made, name)).toEqual(treeFromScratch(left, name));
        made.remove(left.map(({ name }) => name));
        await made.queue.settle();
        expect(made.sql.all('SELECT * FROM thread_nodes')).toEqual([]);
        expect(made.sql.all('SELECT * FROM threads')).toEqual([]);
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  it('do not depend on the order in which messages arrive', () => {
    fc.assert(
      fc.property(
        anyLetters.chain((letters) =>
          fc.tuple(fc.constant(letters), fc.shuffledSubarray(letters, { minLength: letters.length })),
        ),
        ([letters, shuffled]) => {
          expect(fromScratch(shuffled)).toEqual(fromScratch(letters));
        },
      ),
    );
  });
});

/**
 * RFC 5256 step by step, message after message, as it is written: for mail whose References agree with each other and whose
 * answers come after what they answer.
 */
function byTheBook(letters: readonly Letter[]): Map<string, string | undefined> {
  const parents = new Map<string, string>();
  const isBelow = (node: string, above: string): boolean => {
    for (let at: string | undefined = node; at !== undefined; at = parents.get(at)) if (at === above) return true;
    return false;
  };
  for (const { messageId, references } of letters.toSorted((a, b) => a.at - b.at)) {
    references.forEach((child, at) => {
      const parent = references[at - 1];
      if (parent !== undefined && !parents.has(child) && !isBelow(parent, child)) parents.set(child, parent);
    });
    parents.delete(messageId);
    const last = references.at(-1);
    if (last !== undefined && !isBelow(last, messageId)) parents.set(messageId, last);
  }
  const has = new Set(letters.map(({ messageId }) => messageId));
  const nearest = (id: string): string | undefined => {
    let at = parents.get(id);
    while (at !== undefined && !has.has(at)) at = parents.get(at);
    return at;
  };
  return new Map(letters.map(({ messageId }) => [messageId, nearest(messageId)]));
}

it('the tree is the one the RFC makes, where mail is as it should be, however much of it is missing', () => {
  const mailbox = fc
    .array(fc.tuple(fc.nat(30), fc.boolean(), fc.nat(3)), { minLength: 1, maxLength: 30 })
    .map((made) => {
      const chains: string[][] = [];
      return made.flatMap(([above, isMissing, cut], at): Letter[] => {
        const chain = at === 0 || above > at ? [] : [...(chains[above % at] ?? []), `<m${above % at}>`];
        chains.push(chain);
        // Some programs leave out the middle.
        const references = cut === 0 && chain.length > 3 ? [...chain.slice(0, 1), ...chain.slice(-2)] : chain;
        return isMissing ? [] : [{ name: `m${at}`, messageId: `<m${at}>`, references, at, subject: `${at}` }];
      });
    });
  fc.assert(
    fc.property(mailbox, (letters) => {
      const expected = byTheBook(letters);
      const messages = asThreaded(letters);
      const nameOf = (id: number): string => letters[id]?.messageId ?? '';
      const actual = new Map<string, string | undefined>();
      for (const tree of forestOf(chooseParents(messages), messages)) {
        const above: { depth: number; name: string }[] = [];
        for (const { message, depth } of flatten(tree)) {
          while ((above.at(-1)?.depth ?? -1) >= depth) above.pop();
          actual.set(nameOf(message.id), above.at(-1)?.name);
          above.push({ depth, name: nameOf(message.id) });
        }
      }
      expect(actual).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
