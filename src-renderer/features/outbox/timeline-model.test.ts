import { expect, it } from 'vitest';
import { Attempt } from '#shared/mail/outbox.ts';
import { attemptsAsText, logFileName, ticksOf, wordsOf } from './timeline-model.ts';

const refused = Attempt.parse({
  serverId: 'office',
  serverLabel: 'Office relay',
  endpoint: 'relay.example:587',
  stage: 'mail',
  outcome: 'permanent',
  replyCode: 553,
  enhancedStatusCode: '5.7.1',
  text: '5.7.1 Sender address rejected',
  durationMs: 84,
  startedAt: '2026-03-01T10:00:00.000Z',
  stages: [
    { stage: 'resolve', ok: true, durationMs: 2 },
    { stage: 'connect', ok: true, durationMs: 10 },
    { stage: 'greeting', ok: true, durationMs: 5, text: '220 relay.example' },
    { stage: 'ehlo', ok: true, durationMs: 3 },
    { stage: 'mail', ok: false, durationMs: 4, text: '553 5.7.1 Sender address rejected' },
  ],
  transcript: ['S: 220 relay.example', 'C: EHLO [127.0.0.1]'],
  meaning: 'This server does not send for you.',
});

it('ticks what was done, marks the last stage, and does not claim what was not part of the dialogue', () => {
  expect(ticksOf(refused).map(({ stage, kind }) => `${stage} ${kind}`)).toEqual([
    'resolve done',
    'connect done',
    'tls skipped',
    'greeting done',
    'ehlo done',
    'auth skipped',
    'mail last',
    'rcpt unreached',
    'data unreached',
    'final-dot unreached',
  ]);
});

it('quotes the server with each code once', () => {
  expect(wordsOf(refused)).toBe('553 5.7.1 Sender address rejected');
  expect(wordsOf({ text: '553 no', replyCode: 553 })).toBe('553 no');
  expect(wordsOf({})).toBe('');
});

it('gives the whole log as text', () => {
  const text = attemptsAsText([refused]);
  expect(text).toContain('relay.example:587');
  expect(text).toContain('permanent at mail: 553 5.7.1 Sender address rejected');
  expect(text).toContain('     C: EHLO [127.0.0.1]');
});

it('names the file of a log so that any system takes it', () => {
  expect(logFileName('Re: "Grüße"/a\\b', [refused])).toBe('Delivery log 2026-03-01 Re Grüße a b.txt');
  expect(logFileName('', [])).toBe('Delivery log.txt');
});
