import { expect, it } from 'vitest';
import {
  emptyEndpoint,
  fromEndpointForm,
  moved,
  problemsOfEndpoint,
  toEndpointForm,
  withHost,
  withPort,
  withSecurity,
} from './endpoint-form.ts';

it('begins with TLS and the port that goes with it', () => {
  expect(emptyEndpoint('pop3')).toMatchObject({ port: '995', security: 'tls' });
  expect(emptyEndpoint('submission')).toMatchObject({ port: '465', security: 'tls' });
});

it('moves port and security together while they are the usual ones', () => {
  const form = emptyEndpoint('submission');
  expect(withSecurity(form, 'starttls', 'submission').port).toBe('587');
  expect(withSecurity({ ...form, port: '2525' }, 'starttls', 'submission').port).toBe('2525');
  expect(withPort(form, '587', 'submission').security).toBe('starttls');
});

it('never takes encryption away or puts it in place of a deliberate “none”', () => {
  expect(withPort(emptyEndpoint('submission'), '25', 'submission').security).toBe('tls');
  expect(withPort({ ...emptyEndpoint('submission'), security: 'none' }, '587', 'submission').security).toBe('none');
});

it('splits what was pasted', () => {
  expect(withHost(emptyEndpoint('pop3'), 'pop3://mail.example.com:110', 'pop3')).toMatchObject({
    host: 'mail.example.com',
    port: '110',
    security: 'starttls',
  });
  expect(withHost(emptyEndpoint('pop3'), '::1', 'pop3').host).toBe('::1');
});

it('names what is missing', () => {
  expect(problemsOfEndpoint(emptyEndpoint('pop3'))).toEqual(['host-missing']);
  const form = toEndpointForm({ host: 'a b', port: 1, security: 'tls' });
  expect(problemsOfEndpoint({ ...form, port: '70000', pinnedCertificateSha256: 'xyz' })).toEqual([
    'host-wrong',
    'port-wrong',
    'fingerprint-wrong',
  ]);
  expect(fromEndpointForm({ ...form, host: '' })).toBeNull();
});

it('stores what was typed, a pasted fingerprint in plain form', () => {
  const form = toEndpointForm({ host: ' mail.example.com ', port: 995, security: 'tls' });
  expect(fromEndpointForm(form)).toEqual({ host: 'mail.example.com', port: 995, security: 'tls' });
  const pin = `${'AB:'.repeat(31)}AB`;
  expect(fromEndpointForm({ ...form, pinnedCertificateSha256: pin })?.pinnedCertificateSha256).toBe('ab'.repeat(32));
});

it('moves rows', () => {
  expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
  expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a'], 0, 1)).toEqual(['a']);
});
