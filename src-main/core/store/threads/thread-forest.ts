import { byMoment, byWeight, claimsOf, cutsIn, type DatedClaim, type ThreadedMessage } from './thread-claims.ts';

/** Threads made from scratch, of messages in memory: for showing one conversation, and to prove the index right. */

/** A message, or (without one) the common parent of messages whose own is missing. */
interface Tree {
  readonly message: ThreadedMessage | null;
  readonly children: Tree[];
}

/** Every node's parent, circles cut. */
export function chooseParents(messages: readonly ThreadedMessage[]): Map<number, number> {
  const chosen = new Map<number, DatedClaim>();
  for (const { node, refs, date, tie } of messages) {
    for (const claim of claimsOf(node, refs)) {
      const dated = { ...claim, date, tie };
      const known = chosen.get(claim.child);
      if (known === undefined || byWeight(dated, known) < 0) chosen.set(claim.child, dated);
    }
  }
  const parents = new Map([...chosen].map(([child, { parent }]) => [child, parent]));
  for (const child of cutsIn(parents, (node) => chosen.get(node) ?? { date: 0, tie: 0 })) parents.delete(child);
  return parents;
}

/** Steps 2 to 4 of the RFC: the threads, without dummies but for those that hold several together, the oldest first. */
export function forestOf(parentOf: ReadonlyMap<number, number>, messages: readonly ThreadedMessage[]): Tree[] {
  const sorted = [...messages].sort(byMoment);
  const trees = new Map<number, Tree>();
  for (const message of sorted) if (!trees.has(message.node)) trees.set(message.node, { message, children: [] });
  const above = nearestAbove(parentOf, trees);
  const tops = new Map<number, Tree[]>();
  for (const message of sorted) {
    const own = trees.get(message.node);
    if (own === undefined) continue;
    // Of messages with one Message-ID the first counts; the others stand beside it.
    const tree = own.message === message ? own : { message, children: [] };
    const top = above(message.node);
    const parent = trees.get(top);
    if (parent !== undefined && top !== message.node) parent.children.push(tree);
    else tops.set(top, [...(tops.get(top) ?? []), tree]);
  }
  return [...tops.values()].map((children): Tree => {
    const [only, ...others] = children;
    return only !== undefined && others.length === 0 ? only : { message: null, children };
  });
}

/** For a node: the nearest node above it that has a message; else the topmost one, which may be itself. */
function nearestAbove(
  parentOf: ReadonlyMap<number, number>,
  trees: ReadonlyMap<number, Tree>,
): (node: number) => number {
  const known = new Map<number, number>();
  return (node) => {
    const passed: number[] = [];
    let at = node;
    for (;;) {
      const next = parentOf.get(at);
      if (next === undefined) break;
      at = next;
      if (trees.has(at)) break;
      const shortcut = known.get(at);
      if (shortcut !== undefined) {
        at = shortcut;
        break;
      }
      passed.push(at);
    }
    for (const each of passed) known.set(each, at);
    return at;
  };
}

/** The message a thread's subject is taken from. */
function firstOf(tree: Tree): ThreadedMessage | undefined {
  return tree.message ?? tree.children[0]?.message ?? undefined;
}

/** Step 5 of the RFC, for threads of one base subject: they become one. */
export function mergeThreads(threads: readonly Tree[]): Tree | undefined {
  const isReply = (tree: Tree): boolean => firstOf(tree)?.isReply === true;
  let entry = threads[0];
  for (const tree of threads.slice(1)) {
    if (entry === undefined || entry.message === null) break;
    if (tree.message === null || (isReply(entry) && !isReply(tree))) entry = tree;
  }
  if (entry === undefined) return undefined;
  let merged = { message: entry.message, children: [...entry.children] };
  for (const tree of threads) {
    if (tree === entry) continue;
    if (merged.message === null && tree.message === null) merged.children.push(...tree.children);
    else if (merged.message === null || (isReply(tree) && !isReply(merged))) merged.children.push(tree);
    else merged = { message: null, children: [merged, tree] };
  }
  return merged;
}

/** Step 6: every message of a thread with its depth, siblings by date. */
export function flatten(tree: Tree): { message: ThreadedMessage; depth: number }[] {
  const rows: { message: ThreadedMessage; depth: number }[] = [];
  const waiting: { tree: Tree; depth: number }[] = [{ tree, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { message, children } = next.tree;
    if (message !== null) rows.push({ message, depth: next.depth });
    const depth = message === null ? next.depth : next.depth + 1;
    const sorted = children.toSorted((a, b) => byMoment(firstOf(b) ?? zero, firstOf(a) ?? zero));
    for (const child of sorted) waiting.push({ tree: child, depth });
  }
  return rows;
}

const zero = { date: 0, tie: 0 };

/** The conversations of a whole mailbox, from scratch: those messages belong together whose answers are equal. */
export function conversationsOf(messages: readonly ThreadedMessage[]): Map<number, string> {
  const found = new Map<number, string>();
  for (const tree of forestOf(chooseParents(messages), messages)) {
    const first = firstOf(tree);
    if (first === undefined) continue;
    const name = first.subject === 0 ? `thread ${first.id}` : `subject ${first.subject}`;
    for (const { message } of flatten(tree)) found.set(message.id, name);
  }
  return found;
}
