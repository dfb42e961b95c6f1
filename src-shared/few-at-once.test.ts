import { expect, test } from 'vitest';
import { fewAtOnce } from './few-at-once.ts';

test('runs so many at once, the others in the order they came, and goes on after a failure', async () => {
  const run = fewAtOnce(2);
  const begun: number[] = [];
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const work = (index: number) => () => {
    begun.push(index);
    return new Promise<number>((resolve, reject) => {
      ends[index] = { resolve: () => resolve(index), reject };
    });
  };
  const all = Promise.allSettled([0, 1, 2, 3].map((index) => run(work(index))));
  expect(begun).toEqual([0, 1]);
  ends[1]?.reject(new Error('no'));
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  ends[0]?.resolve();
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  ends[2]?.resolve();
  ends[3]?.resolve();
  expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});
