import { expect, test } from 'vitest';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import { checkAddress, checkInput, noteUnknown, noteUnknownWithin } from './check-input.ts';

const account = { label: 'A', host: 'pop.example.org', port: 995, security: 'tls', user: 'anna' };

test('a field that is missing or wrong is named', () => {
  expect(() => checkInput(AccountInput, { ...account, port: 'x' }, 'account')).toThrow(/port/);
  expect(() => checkInput(AccountInput, { label: 'A' }, 'account')).toThrow(/host is missing/);
});

test('what is no address is told without its controls', () => {
  expect(() => checkAddress('a@b.c')).not.toThrow();
  expect(() => checkAddress('nonsense')).toThrow('“nonsense” is not a complete address (name@example.com).');
  expect(() => checkAddress('a@b.c\r\nQUIT')).toThrow(/“a@b.c QUIT”/);
});

const noted = (note: typeof noteUnknown | typeof noteUnknownWithin, given: object, kept: object): string => {
  const notes: string[] = [];
  note({ note: (text) => void notes.push(text) }, given, kept, 'account');
  return notes.map((text) => text.replace(/\. The .*$/, '')).join();
};

test('a misspelt field does not pass in silence, however deep; what a list shows may be copied', () => {
  const of = (given: object) => noted(noteUnknown, given, AccountInput.parse(given));
  expect(of({ ...account, id: 'x', hasSecret: true, retention: { kind: 'leave-days', days: 3 } })).toBe('');
  expect(of({ ...account, retension: {} })).toBe('Left out: “retension”');
  const multidrop = {
    fields: ['to'],
    routes: [
      { match: 'a', folder: 'A' },
      { match: 'b', folder: 'B', folders: 'C' },
    ],
  };
  expect(of({ ...account, retention: { kind: 'leave', days: 3 }, multidrop: { ...multidrop, felds: [] } })).toBe(
    'Left out: “retention.days”, “multidrop.routes.1.folders”, “multidrop.felds”',
  );
  const server = {
    label: 'S',
    kind: 'relay',
    endpoints: [{ host: 'a.example', port: 25, security: 'none', prot: 1 }],
    auth: { method: 'plain', user: 'u', secret: 's', usr: 'v' },
    networks: { rule: 'any', locations: [], location: 'x' },
    rate: { perHour: 3, perWeek: 5 },
  };
  expect(noted(noteUnknown, server, ServerInput.parse(server))).toBe(
    'Left out: “endpoints.0.prot”, “auth.usr”, “networks.location”, “rate.perWeek”',
  );
});

test('of a patch, what lies within its fields is looked at; what was removed, and secrets, are rightly not shown', () => {
  const stored = { label: 'S', auth: { method: 'plain', user: 'u' }, proxy: { host: 'p' } };
  const patch = {
    auth: { methd: 'login', secret: 'x' },
    proxy: { password: 'y', user: null },
    rate: null,
    secret: 'z',
  };
  expect(noted(noteUnknownWithin, patch, stored)).toBe('Left out: “auth.methd”');
});
