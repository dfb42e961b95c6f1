import { expect, it } from 'vitest';
import { makeCredentials } from './sign-in.ts';

const noTokens = () => () => Promise.reject(new Error('nobody asks for one'));

it('a method that signs somebody in needs a name to sign in with', () => {
  for (const method of ['plain', 'login', 'cram-md5', 'xoauth2'] as const) {
    expect(() => makeCredentials({ method }, 'secret', noTokens)).toThrow(/user name for this server is missing/);
    expect(() => makeCredentials({ method, user: 'u' }, undefined, noTokens)).toThrow(/password for this server/);
    expect(makeCredentials({ method, user: 'u' }, 'secret', noTokens)).toMatchObject({ user: 'u' });
  }
  expect(makeCredentials({ method: 'auto' }, undefined, noTokens)).toEqual({ kind: 'none' });
});
