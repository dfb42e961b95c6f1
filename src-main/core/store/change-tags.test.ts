import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from './store-api.ts';
import { type Home, makeHome, request } from './testing/store-fixture.ts';

let home: Home;
let store: Store;

beforeEach(async () => {
  home = makeHome();
  store = await home.open();
});
afterEach(async () => {
  await store.close();
  home.remove();
});

it('a tag of very many messages is changed in portions, so that others get their turn', async () => {
  const asked = Array.from({ length: 1201 }, (_, index) => request(`letter ${index}`));
  await store.file(asked);
  const keys = asked.map(({ messageKey }) => messageKey);
  await store.setTags(keys, ['Work'], []);
  const portions: number[] = [];
  store.onChanged(({ updated }) => portions.push(updated.length));
  expect((await store.replaceTag('Work', 'Office')).sort()).toEqual([...keys].sort());
  expect(Math.max(...portions)).toBeLessThanOrEqual(500);
  expect(await store.tags()).toEqual([{ tag: 'Office', messages: 1201 }]);
});
