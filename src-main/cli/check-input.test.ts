import { expect, test } from 'vitest';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import { checkInput, noteUnknown } from './check-input.ts';

const account = { label: 'A', host: 'pop.example.org', port: 995, security: 'tls', user: 'anna' };

test('a field that is missing or wrong is named', () => {
  expect(() => checkInput(AccountInput, { ...account, port: 'x' }, 'account')).toThrow(/port/);
  expect(() => checkInput(AccountInput, { label: 'A' }, 'account')).toThrow(/host is missing/);
});

test('a misspelt field does not pass in silence; what a list shows may be copied', () => {
  const notes: string[] = [];
  const out = { note: (text: string) => void notes.push(text) };
  noteUnknown(out, AccountInput, { ...account, id: 'x', hasSecret: true }, 'account');
  expect(notes).toEqual([]);
  noteUnknown(out, AccountInput, { ...account, retension: {} }, 'account');
  expect(notes).toEqual([expect.stringMatching(/“retension”/)]);
});
