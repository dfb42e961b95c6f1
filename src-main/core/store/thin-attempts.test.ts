import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutboxId, ServerId } from '#shared/ids.ts';
import type { Attempt, OutboxRecord } from '#shared/mail/outbox.ts';
import { type Home, keyOf, mail, makeHome } from './testing/store-fixture.ts';

let home: Home;

beforeEach(() => {
  home = makeHome();
});

afterEach(() => home.remove());

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

function attempt(startedAt: string): Attempt {
  return {
    serverId: ServerId.parse('s1'),
    serverLabel: 'Relay',
    endpoint: 'relay.example:587',
    stage: 'final-dot',
    outcome: 'accepted',
    replyCode: 250,
    text: 'OK',
    durationMs: 12,
    startedAt,
    stages: [],
    transcript: ['S: 220 relay.example', 'C: EHLO [127.0.0.1]'],
    meaning: 'It took the message.',
  };
}

function record(name: string, state: OutboxRecord['state']): OutboxRecord {
  return {
    outboxId: OutboxId.parse(name),
    messageKey: keyOf(name, mail(name)),
    messageId: `<${name}@example.org>`,
    identityId: null,
    reversePath: 'me@example.org',
    subject: name,
    sizeOctets: 100,
    recipients: [{ mailbox: 'you@example.org', state: state === 'sent' ? 'accepted' : 'pending' }],
    state,
    queuedAt: 1,
    deferrals: 0,
    skipped: [],
    delayNoticeSent: false,
    explanation: '',
  };
}

describe('old attempts', () => {
  it('lose their dialogue when the message is done with, and nothing else', async () => {
    const first = await home.open();
    const [sent, waiting, removed] = ['sent', 'waiting', 'removed'].map((name) => OutboxId.parse(name));
    if (sent === undefined || waiting === undefined || removed === undefined) return expect.fail();
    await first.putOutbox([record('sent', 'sent'), record('waiting', 'deferred')]);
    await first.appendAttempts(sent, [attempt(daysAgo(100))]);
    await first.appendAttempts(waiting, [attempt(daysAgo(99))]);
    await first.appendAttempts(removed, [attempt(daysAgo(98))]);
    await first.appendAttempts(sent, [attempt(daysAgo(80))]);
    await first.close();

    const store = await home.open();
    const ofSent = await store.attemptsOf(sent);
    expect(ofSent.map(({ transcript }) => transcript.length)).toEqual([0, 2]);
    expect(ofSent[0]).toMatchObject({ ...attempt(ofSent[0]?.startedAt ?? ''), transcript: [] });
    expect((await store.attemptsOf(waiting)).map(({ transcript }) => transcript.length)).toEqual([2]);
    expect((await store.attemptsOf(removed)).map(({ transcript }) => transcript.length)).toEqual([0]);
    await store.close();
  });
});
