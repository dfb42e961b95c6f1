import { expect, it } from 'vitest';
import { sharedRun } from './shared-run.ts';

function runs() {
  const begun: PromiseWithResolvers<number>[] = [];
  const ask = sharedRun(() => {
    const run = Promise.withResolvers<number>();
    begun.push(run);
    return run.promise;
  });
  return { begun, ask };
}

it('gives who asks during a run the next one, and the same to all of them', async () => {
  const { begun, ask } = runs();
  const first = ask();
  const others = [ask(), ask(), ask()];
  expect(begun).toHaveLength(1);
  begun[0]?.resolve(1);
  expect(await first).toBe(1);
  expect(begun).toHaveLength(2);
  begun[1]?.resolve(2);
  expect(await Promise.all(others)).toEqual([2, 2, 2]);
  void ask();
  expect(begun).toHaveLength(3);
});

it('goes on after a run that failed', async () => {
  const { begun, ask } = runs();
  const first = ask();
  const second = ask();
  begun[0]?.reject(new Error('no'));
  await expect(first).rejects.toThrow('no');
  begun[1]?.resolve(2);
  expect(await second).toBe(2);
});
