import { expect, test } from 'vitest';
import type { Api } from '#shared/rpc/client.ts';
import { accountAt } from '../core/incoming/testing/maildrops.ts';
import { findAccount } from './account-argument.ts';

const accounts = [
  accountAt(110, { id: 'one', label: 'Home', user: 'me@example.org' }),
  accountAt(110, { id: 'two', label: 'Work', user: 'me@work.example' }),
  accountAt(110, { id: 'three', label: 'work', user: 'home' }),
];
const api: Pick<Api, 'call'> = { call: async (_name, _params) => JSON.parse(JSON.stringify(accounts)) };

test.each([
  ['two', 'two'],
  ['home', 'one'],
  ['me@example.org', 'one'],
])('“%s” is %s', async (word, id) => {
  expect(await findAccount(api, word)).toBe(id);
});

test('who is not there, or is not the only one, is said', async () => {
  await expect(findAccount(api, 'nobody')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(findAccount(api, 'work')).rejects.toMatchObject({ code: 'EINVALID' });
});
