import { expect, it } from 'vitest';
import { OutgoingServerView, ServerInput } from '#shared/mail/outgoing-server.ts';
import {
  emptyServerForm,
  patternsIn,
  problemsOfServerForm,
  serverInputOf,
  serverPatchOf,
  toServerForm,
} from './server-form.ts';

const stored = OutgoingServerView.parse({
  id: 'office',
  label: 'Office relay',
  kind: 'relay',
  endpoints: [
    { host: 'relay.example', port: 587, security: 'starttls', pinnedCertificateSha256: 'ab'.repeat(32) },
    { host: 'relay.example', port: 25, security: 'starttls' },
  ],
  auth: { method: 'plain', user: 'ann' },
  hasSecret: true,
  senders: ['@example.com', 'ann@other.example'],
  networks: { rule: 'only', locations: ['lan'] },
  sizeLimitOctets: 10 * 1024 * 1024,
  rate: { perHour: 100 },
  ehloName: 'laptop.example',
});

it('takes a stored server there and back without a change', () => {
  const { id: _id, hasSecret: _hasSecret, ...fields } = stored;
  expect(ServerInput.parse(serverInputOf(toServerForm(stored)))).toEqual(fields);
});

it('leaves the password alone unless a new one was typed', () => {
  expect(serverPatchOf(toServerForm(stored))?.auth).toEqual({ method: 'plain', user: 'ann' });
  const typed = { ...toServerForm(stored), password: 'new' };
  expect(serverPatchOf(typed)?.auth).toEqual({ method: 'plain', user: 'ann', secret: 'new' });
});

it('removes what was emptied', () => {
  const form = { ...toServerForm(stored), senders: ' ', networkRule: 'any', sizeLimitMb: '', perHour: '' } as const;
  expect(serverPatchOf({ ...form, ehloName: '' })).toMatchObject({
    senders: null,
    networks: null,
    sizeLimitOctets: null,
    rate: null,
    ehloName: null,
  });
});

it('names what is wrong', () => {
  expect(problemsOfServerForm(emptyServerForm())).toEqual(['host-missing', 'label-missing', 'user-missing']);
  const form = { ...toServerForm(stored), senders: 'ann', locations: [], sizeLimitMb: 'big', perDay: '0' };
  expect(problemsOfServerForm({ ...form, ehloName: 'a b' })).toEqual([
    'sender-wrong',
    'location-missing',
    'size-wrong',
    'rate-wrong',
    'ehlo-wrong',
  ]);
  expect(serverInputOf(emptyServerForm())).toBeNull();
});

it('reads patterns however they were parted', () => {
  expect(patternsIn('a@b.c, @d.e;\n*')).toEqual(['a@b.c', '@d.e', '*']);
});
