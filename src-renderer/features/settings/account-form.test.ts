import { expect, it } from 'vitest';
import { AccountInput, IncomingAccountView } from '#shared/mail/incoming-account.ts';
import { accountInputOf, accountPatchOf, problemsOfAccount, toAccountForm } from './account-form.ts';

const stored = IncomingAccountView.parse({
  id: 'home',
  label: 'Home',
  host: 'pop.example.com',
  port: 995,
  security: 'tls',
  user: 'ann',
  hasSecret: true,
  maxOctets: 1000,
  pinnedCertificateSha256: 'ab'.repeat(32),
});

it('keeps the password unless a new one was typed, and the pin unless it was taken away', () => {
  const form = toAccountForm(stored);
  expect(accountPatchOf(form)).not.toHaveProperty('secret');
  expect(accountPatchOf({ ...form, password: 'new' })).toHaveProperty('secret', 'new');
  expect(accountPatchOf(form)).toHaveProperty('pinnedCertificateSha256', 'ab'.repeat(32));
  const unpinned = { ...form, endpoint: { ...form.endpoint, pinnedCertificateSha256: null } };
  expect(accountPatchOf(unpinned)).toHaveProperty('pinnedCertificateSha256', null);
});

it('tests what stands in the form, with everything else as stored', () => {
  const form = toAccountForm(stored);
  const input = accountInputOf(
    { ...form, endpoint: { ...form.endpoint, host: 'other', pinnedCertificateSha256: null } },
    stored,
  );
  expect(AccountInput.parse(input)).toMatchObject({ host: 'other', maxOctets: 1000 });
  expect(input).not.toHaveProperty('pinnedCertificateSha256');
});

it('names what is wrong', () => {
  const form = toAccountForm(stored);
  expect(problemsOfAccount({ ...form, label: '', user: ' ', retention: { kind: 'leave-days', days: 0 } })).toEqual([
    'label-missing',
    'user-missing',
    'days-wrong',
  ]);
  expect(accountPatchOf({ ...form, label: '' })).toBeNull();
});

it('keeps the limits as they are stored, and takes them away at 0', () => {
  const form = toAccountForm(stored);
  expect(accountPatchOf(form)).toMatchObject({ maxOctets: 1000, warnAboveOctets: null, multidrop: null });
  expect(accountPatchOf({ ...form, maxOctets: 0, warnAboveOctets: 9_000_000 })).toMatchObject({
    maxOctets: null,
    warnAboveOctets: 9_000_000,
  });
  expect(
    accountPatchOf({ ...form, multidrop: { fields: '', routes: [{ id: 1, match: 'ann', folder: '' }] } }),
  ).toBeNull();
});
