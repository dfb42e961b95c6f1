import { expect, it } from 'vitest';
import { OutgoingServerView, ServerInput } from '#shared/mail/outgoing-server.ts';
import { emptyServerForm, isSameForm, type ServerForm, toServerForm } from './server-form.ts';
import { serverInputOf, serverPatchOf } from './server-input.ts';
import { partOf, patternsIn, problemsOfServerForm } from './server-problems.ts';

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
  sizeLimitOctets: 10_240_001,
  rate: { perHour: 100 },
  maxRecipients: 50,
  ehloName: 'laptop.example',
  timeouts: { connectMs: 2500, finalDotMs: 900_000 },
  proxy: { kind: 'socks5', host: '127.0.0.1', port: 9050, user: 'ann' },
  dsn: { notify: ['failure', 'delay'], ret: 'full' },
  kick: { kind: 'trigger-port', port: 79, line: 'ann', when: 'on-connect' },
});
const kicks = [
  { kind: 'etrn', host: '@example.com', when: 'on-demand' },
  {
    kind: 'atrn',
    domains: ['example.com', 'example.org'],
    endpoint: { host: 'relay.example', port: 366, security: 'starttls' },
    when: 'on-connect',
  },
  { kind: 'wake-up-mail', to: 'wake@relay.example', when: 'on-demand' },
  { kind: 'trigger-port', host: 'other.example', port: 1234, line: '', when: 'on-demand' },
];

it('takes a stored server there and back without a change, to the octet', () => {
  const { id: _id, hasSecret: _hasSecret, ...fields } = stored;
  expect(ServerInput.parse(serverInputOf(toServerForm(stored)))).toEqual(fields);
});

it.each(kicks)('takes a kick there and back: $kind', (kick) => {
  const form = toServerForm(OutgoingServerView.parse({ ...stored, kick }));
  expect(ServerInput.parse(serverInputOf(form)).kick).toEqual(kick);
});

it('leaves the password alone unless a new one was typed', () => {
  expect(serverPatchOf(toServerForm(stored))?.auth).toEqual({ method: 'plain', user: 'ann' });
  const typed = { ...toServerForm(stored), password: 'new' };
  expect(serverPatchOf(typed)?.auth).toEqual({ method: 'plain', user: 'ann', secret: 'new' });
});

it('stores a ready access token as it is, a refresh token with what it needs', () => {
  const form: ServerForm = { ...toServerForm(stored), method: 'xoauth2', password: 'token' };
  expect(serverInputOf(form)?.auth).toMatchObject({ method: 'xoauth2', secret: 'token' });
  const oauth = { clientId: 'client', tokenUrl: 'https://login.example/token', scopes: 'send' };
  expect(serverInputOf({ ...form, oauth })?.auth).toMatchObject({ secret: { refreshToken: 'token', ...oauth } });
  expect(problemsOfServerForm({ ...form, oauth: { ...oauth, clientId: '', tokenUrl: 'login' } })).toEqual([
    'token-url-wrong',
    'client-id-missing',
  ]);
});

it('removes what was emptied, also within the proxy', () => {
  const form: ServerForm = {
    ...toServerForm(stored),
    senders: ' ',
    networkRule: 'any',
    sizeLimitMb: '',
    perHour: '',
    maxRecipients: '',
    ehloName: '',
    timeouts: emptyServerForm().timeouts,
    dsnNotify: [],
    dsnRet: 'hdrs',
    kick: { ...toServerForm(stored).kick, kind: 'none' },
  };
  const emptied = { senders: null, networks: null, sizeLimitOctets: null, rate: null, maxRecipients: null };
  expect(serverPatchOf(form)).toMatchObject({ ...emptied, ehloName: null, timeouts: null, dsn: null, kick: null });
  expect(serverPatchOf(form)?.proxy).not.toHaveProperty('password');
  const typed = { ...form.proxy, password: 'tunnel' };
  expect(serverPatchOf({ ...form, proxy: typed })?.proxy).toMatchObject({ user: 'ann', password: 'tunnel' });
  const proxy = { ...typed, user: '' };
  expect(serverPatchOf({ ...form, proxy })?.proxy).toEqual({
    kind: 'socks5',
    host: '127.0.0.1',
    port: 9050,
    user: null,
    password: null,
  });
  expect(serverPatchOf({ ...form, proxy: { ...proxy, isUsed: false } })?.proxy).toBeNull();
});

it('names what is wrong', () => {
  expect(problemsOfServerForm(emptyServerForm())).toEqual(['label-missing', 'host-missing', 'user-missing']);
  const form: ServerForm = {
    ...toServerForm(stored),
    senders: 'ann',
    locations: [],
    sizeLimitMb: 'big',
    perDay: '0',
    maxRecipients: '-1',
    ehloName: 'a b',
    timeouts: { connectMs: '0', greetingMs: 'soon', commandMs: '1,5', dataMs: ' ', finalDotMs: '600' },
    proxy: { isUsed: true, host: '', port: '70000', user: '', password: '' },
    kick: { ...toServerForm(stored).kick, triggerPort: '', line: 'x'.repeat(501) },
  };
  const problems = problemsOfServerForm(form);
  expect(problems).toEqual([
    'ehlo-wrong',
    'sender-wrong',
    'location-missing',
    'size-wrong',
    'per-day-wrong',
    'max-recipients-wrong',
    'timeout-connectMs-wrong',
    'timeout-greetingMs-wrong',
    'proxy-host-wrong',
    'proxy-port-wrong',
    'kick-port-wrong',
    'kick-line-wrong',
  ]);
  expect(new Set(problems.map((problem) => partOf(problem, form)))).toEqual(
    new Set(['timeouts', 'use', 'limits', 'proxy', 'kick']),
  );
  expect(serverInputOf(form)).toBeNull();
});

it('direct delivery has no endpoints, signs in nowhere, needs a name, and cannot use a proxy', () => {
  const direct: ServerForm = { ...toServerForm(stored), kind: 'direct-mx', ehloName: '' };
  expect(problemsOfServerForm(direct)).toEqual(['ehlo-missing', 'proxy-direct']);
  const ready = { ...direct, ehloName: 'mail.example.com', proxy: { ...direct.proxy, isUsed: false } };
  expect(serverInputOf(ready)).toMatchObject({ kind: 'direct-mx', endpoints: [], auth: { method: 'none' } });
});

it('knows whether anything was changed, whatever the rows are called', () => {
  expect(isSameForm(toServerForm(stored), toServerForm(stored))).toBe(true);
  expect(isSameForm(toServerForm(stored), { ...toServerForm(stored), perDay: '5' })).toBe(false);
});

it('reads patterns however they were parted', () => {
  expect(patternsIn('a@b.c, @d.e;\n*')).toEqual(['a@b.c', '@d.e', '*']);
});
