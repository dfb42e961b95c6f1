import { expect, it } from 'vitest';
import { AccountInput } from './incoming-account.ts';

const account = { label: 'A', host: 'pop.example.org', port: 995, security: 'tls', user: 'ann' };
const oauth = { refreshToken: 'r', clientId: 'c', tokenUrl: 'https://login.example.org/token' };
const words = (input: object): string[] =>
  AccountInput.safeParse({ ...account, ...input }).error?.issues.map(({ message }) => message) ?? [];

it('takes the scopes of a sign-in with tokens as text or as a list', () => {
  for (const scopes of ['mail offline', ['mail', 'offline']])
    expect(AccountInput.parse({ ...account, secret: { ...oauth, scopes } }).secret).toEqual({
      ...oauth,
      scopes: 'mail offline',
    });
  expect(words({ secret: { refreshToken: 'r' } })).toEqual([expect.stringContaining('for xoauth2 {"refreshToken"')]);
});

it('takes the names of header fields with and without a colon, and none that no header can have', () => {
  const routes = [{ match: '@example.org', folder: 'Family' }];
  const { multidrop } = AccountInput.parse({ ...account, multidrop: { fields: [' Delivered-To: ', 'X-To'], routes } });
  expect(multidrop).toEqual({ fields: ['Delivered-To', 'X-To'], routes });
  for (const name of ['X Y', '', ':', 'Ä', 'a\nb'])
    expect(words({ multidrop: { fields: [name], routes } })).toHaveLength(1);
});

it('takes addresses and domains to sort by, and nothing that matches no address', () => {
  const routes = ['ann@example.org', '@example.org', '*@example.org', 'example.org', '*', ' bob@x.org '];
  const multidrop = { fields: [], routes: routes.map((match) => ({ match, folder: 'Family' })) };
  expect(AccountInput.parse({ ...account, multidrop }).multidrop?.routes.map(({ match }) => match)).toEqual(
    routes.map((match) => match.trim()),
  );
  for (const match of ['', ' ', 'foo bar', 'ann@', 'a@b@c', 'a@b.c, d@e.f'])
    expect(words({ multidrop: { fields: [], routes: [{ match, folder: 'Family' }] } })).toHaveLength(1);
});
