import { expect, it } from 'vitest';
import { CheckedEndpoint } from '#shared/job.ts';
import { probeOf, problemsOfProbe, serverFromProbe } from './probe-form.ts';

const answered = (port: number, security: string, more: object = {}) =>
  CheckedEndpoint.parse({ endpoint: { host: 'mail.example', port, security }, steps: [], transcript: [], ...more });
const refused = { error: { code: 'EREFUSED', message: 'Nothing answers.' } };

it('asks for the usual ports unless some are named', () => {
  expect(probeOf({ host: ' mail.example ', ports: '' })).toEqual({ host: 'mail.example' });
  expect(probeOf({ host: 'mail.example', ports: '25, 587;2525' })).toEqual({
    host: 'mail.example',
    ports: [25, 587, 2525],
  });
});

it('says what is no host and what is no port', () => {
  expect(problemsOfProbe({ host: 'a b', ports: '0' })).toEqual(['host-wrong', 'ports-wrong']);
  expect(problemsOfProbe({ host: '', ports: '25 smtp' })).toEqual(['host-wrong', 'ports-wrong']);
  expect(problemsOfProbe({ host: '::1', ports: Array.from({ length: 21 }, (_, n) => n + 1).join(' ') })).toEqual([
    'ports-wrong',
  ]);
  expect(probeOf({ host: '', ports: '' })).toBeNull();
});

it('makes a server of what answered, in clear only when nothing else did', () => {
  const form = serverFromProbe([
    answered(465, 'tls', refused),
    answered(587, 'starttls', { authMethods: ['PLAIN'] }),
    answered(25, 'none'),
  ]);
  expect(form).toMatchObject({ label: 'mail.example', method: 'auto', endpoints: [{ port: '587' }] });
  expect(serverFromProbe([answered(25, 'none', { authMethods: [] })])).toMatchObject({
    method: 'none',
    endpoints: [{ port: '25', security: 'none' }],
  });
  expect(serverFromProbe([answered(465, 'tls', refused)])).toBeNull();
});
