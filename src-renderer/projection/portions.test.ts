import { expect, it } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { inPortions, portionSize } from './portions.ts';

const keysOf = (count: number): MessageKey[] =>
  Array.from({ length: count }, (_, index) => MessageKey.parse(`key-${index}`));

it('acts on every message once, in order, never on more than a portion at a time', async () => {
  const keys = keysOf(portionSize * 3 + 7);
  const seen: MessageKey[][] = [];
  await inPortions(keys, 'Moving', async (portion) => {
    seen.push(portion);
  });
  expect(seen.map(({ length }) => length)).toEqual([portionSize, portionSize, portionSize, 7]);
  expect(seen.flat()).toEqual(keys);
});

it('goes no further after a failure', async () => {
  let calls = 0;
  const act = async (): Promise<void> => {
    calls += 1;
    throw new Error('disk');
  };
  await expect(inPortions(keysOf(portionSize * 2), 'Moving', act)).rejects.toThrow('disk');
  expect(calls).toBe(1);
});
