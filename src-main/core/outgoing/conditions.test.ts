import { expect, it } from 'vitest';
import type { Attempt } from '#shared/mail/outbox.ts';
import { conditionOf } from './conditions.ts';
import { learnRefusal } from './memory.ts';
import { here, serverAt } from './testing/servers.ts';

const server = serverAt('s', [25]);
const now = Date.UTC(2026, 10, 21, 12);
const minute = 60_000;

function attempt(outcome: Attempt['outcome'], ageMs: number): Attempt {
  return {
    serverId: server.id,
    serverLabel: 's',
    endpoint: '127.0.0.1:25',
    stage: 'mail',
    outcome,
    durationMs: 10,
    startedAt: new Date(now - ageMs).toISOString(),
    stages: [],
    transcript: [],
    meaning: '',
  };
}

const cooling = (ageMs: number) =>
  learnRefusal([], 'cool-down', {
    serverId: server.id,
    endpoint: '127.0.0.1:25',
    locationId: here,
    sender: 'a@a.example',
    octets: 1,
    now: now - ageMs,
  }).entries.map((entry) => ({ ...entry, failures: 6 }));

it.each([
  ['unreachable', 10_000, 'not answering'],
  ['unreachable', minute, 'not answering for a minute'],
  ['unreachable', 5 * minute, 'not answering for 5 minutes'],
  ['transient', 5 * minute, 'put mail off 5 minutes ago, has a rest'],
] as const)('a server that was %s %i ms ago and is left alone: “%s”', (outcome, ageMs, words) => {
  expect(conditionOf(server, [attempt(outcome, ageMs)], cooling(ageMs), now, here)).toMatchObject({
    state: 'waiting',
    words,
  });
});

it('a server that took mail says when', () => {
  expect(conditionOf(server, [attempt('accepted', 2 * minute)], [], now, here)).toMatchObject({
    state: 'took-it',
    words: 'took mail 2 minutes ago',
    typicalMs: 10,
  });
});
