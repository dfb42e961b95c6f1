import type { Entry } from './outbox-entries.ts';

/**
 * Does something with a message that no pass must meet half-way: while it is in hand none begins. Who else wants the same
 * message waits, and finds it as it was left.
 */
export async function inHand<T>(entry: Entry, work: () => Promise<T>): Promise<T> {
  const turn = (entry.hand ?? Promise.resolve()).then(work);
  const mine = turn.then(
    () => undefined,
    () => undefined,
  );
  entry.hand = mine;
  try {
    return await turn;
  } finally {
    if (entry.hand === mine) entry.hand = undefined;
  }
}
