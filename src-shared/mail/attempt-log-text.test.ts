import { expect, test } from 'vitest';
import { ServerId } from '../ids.ts';
import { attemptLogText, stamp } from './attempt-log-text.ts';
import { Attempt } from './outbox.ts';

const attempt = Attempt.parse({
  serverId: 'office',
  serverLabel: 'Office relay',
  endpoint: 'relay.example:587',
  stage: 'rcpt',
  outcome: 'transient',
  replyCode: 451,
  enhancedStatusCode: '4.7.1',
  text: '4.7.1 greylisted',
  recipients: [{ mailbox: 'b@b.example', replyCode: 451, text: '4.7.1 greylisted' }],
  durationMs: 84,
  startedAt: '2026-03-01T10:00:00.000Z',
  stages: [
    { stage: 'connect', ok: true, durationMs: 10 },
    { stage: 'rcpt', ok: false, durationMs: 4, text: '451 4.7.1 greylisted' },
  ],
  transcript: ['S: 220 relay.example', 'C: AUTH PLAIN ••••', 'S: 235 2.7.0 ok'],
  meaning: 'The server asks to come again later.',
});

const message = {
  messageId: '<m@a.example>',
  from: 'a@a.example',
  sizeOctets: 1234,
  queuedAt: '2026-03-01T09:59:00.000Z',
  explanation: 'No server takes it now. It is tried again by itself.',
  accepted: ['c@c.example'],
  refused: [{ mailbox: 'd@d.example', replyCode: 550, text: '5.1.1 unknown' }],
  pending: ['b@b.example'],
  uncertain: ['e@e.example'],
  skipped: [{ serverId: ServerId.parse('home'), reason: 'network-not-allowed' as const }],
  attempts: [attempt],
};
const context = {
  version: '1.2.3',
  now: Date.UTC(2026, 2, 1, 12),
  labelOf: (id: string) => (id === 'home' ? 'Home relay' : id),
};

test('tells of every recipient, stage, reply and line, with what to call them', () => {
  const text = attemptLogText(message, context);
  for (const part of [
    'Postrider 1.2.3',
    'Message-ID: <m@a.example>',
    '<c@c.example> accepted',
    '<d@d.example> refused: 550 5.1.1 unknown',
    '<e@e.example> uncertain: it may have arrived',
    '<b@b.example> still to be sent',
    'Office relay (relay.example:587), 84 ms',
    'transient at rcpt: 451 4.7.1 greylisted',
    'rcpt      failed      4 ms  451 4.7.1 greylisted',
    'C: AUTH PLAIN ••••',
    'Home relay: network not allowed',
  ])
    expect(text).toContain(part);
  expect(text.endsWith('\n')).toBe(true);
});

test('says so when nothing has been tried', () => {
  expect(attemptLogText({ ...message, attempts: [], skipped: [] }, context)).toContain('No server has been tried yet.');
});

test('writes every time with its distance from UTC', () => {
  const text = stamp(Date.UTC(2026, 2, 1, 12, 34, 56));
  expect(text).toMatch(/^2026-03-0[12] \d\d:\d\d:56 [+-]\d{4}$/);
  expect(
    Date.parse(
      text
        .replace(/(\d\d)(\d\d)$/, '$1:$2')
        .replace(' ', 'T')
        .replace(' ', ''),
    ),
  ).toBe(Date.UTC(2026, 2, 1, 12, 34, 56));
});
