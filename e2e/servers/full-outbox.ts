import { join } from 'node:path';
import { MessageKey, OutboxId, ServerId } from '#shared/ids.ts';
import { Attempt, type OutboxRecord } from '#shared/mail/outbox.ts';
import { openStore } from '../../src-main/core/store/open-store.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const now = Date.now();

/** Fills the outbox of a profile that is not open with this many messages, of every state there is. Their files are missing. */
export async function fillOutbox(profileDir: string, count: number): Promise<void> {
  const workerUrl = new URL('../../src-main/core/workers/store-worker.ts', import.meta.url);
  const store = await openStore({ profileDir, mailFolder: join(profileDir, 'Mail'), workerUrl, log: quiet });
  const records = Array.from({ length: count }, (_, index) => recordOf(index));
  await store.putOutbox(records);
  for (const { outboxId, state } of records.slice(0, 200))
    if (state !== 'held') await store.appendAttempts(outboxId, [attemptOf('transient'), attemptOf('unreachable')]);
  await store.close();
}

const standings = [
  { state: 'deferred', dueAt: now + 3_600_000, explanation: 'No server takes it now. It is tried again by itself.' },
  {
    state: 'held',
    heldFor: 'content',
    explanation: 'A server read the message and refused what is in it. Change it, or try another server.',
  },
  {
    state: 'failed',
    explanation: 'It was refused for every recipient. The servers’ words are below; nothing was delivered.',
  },
  { state: 'held', heldFor: 'send-later', dueAt: now + 86_400_000, explanation: 'It goes at the time you chose.' },
  {
    state: 'held',
    heldFor: 'uncertain',
    explanation: 'The connection was lost after the whole message had gone. It may have arrived.',
  },
] as const;

function recordOf(index: number): OutboxRecord {
  const standing = standings[index % standings.length] ?? standings[0];
  const isUncertain = standing.state === 'held' && standing.heldFor === 'uncertain';
  const number = String(index + 1).padStart(5, '0');
  return {
    outboxId: OutboxId.parse(`00000000-0000-4000-8000-${number.padStart(12, '0')}`),
    messageKey: MessageKey.parse(`${number.padStart(32, '0')}-0000000000000000`),
    messageId: `<${number}@home.test>`,
    identityId: null,
    reversePath: 'anna@home.test',
    subject: `Message number ${number}${index % 7 === 0 ? ', whose subject is rather long, as subjects are when somebody means well' : ''}`,
    sizeOctets: 2000 + index,
    recipients: [
      {
        mailbox: 'friend@away.test',
        state: isUncertain ? 'uncertain' : standing.state === 'failed' ? 'refused' : 'pending',
      },
      { mailbox: 'colleague@away.test', state: index % 2 === 0 ? 'accepted' : isUncertain ? 'uncertain' : 'pending' },
    ],
    queuedAt: now - 3_600_000 + index,
    deferrals: 1,
    skipped: [],
    delayNoticeSent: false,
    ...standing,
  };
}

function attemptOf(outcome: 'transient' | 'unreachable'): Attempt {
  const isReached = outcome === 'transient';
  return Attempt.parse({
    serverId: ServerId.parse('office'),
    serverLabel: 'Office relay',
    endpoint: isReached ? 'relay.office.test:587' : 'relay.office.test:25',
    stage: isReached ? 'rcpt' : 'connect',
    outcome,
    ...(isReached
      ? { replyCode: 451, enhancedStatusCode: '4.7.1', text: '4.7.1 Greylisted, come back in five minutes' }
      : { text: 'No answer within 10 seconds.' }),
    durationMs: isReached ? 240 : 10_000,
    startedAt: new Date(now - (isReached ? 1_800_000 : 1_900_000)).toISOString(),
    stages: isReached
      ? ['resolve', 'connect', 'greeting', 'ehlo', 'mail', 'rcpt'].map((stage) => ({
          stage,
          ok: stage !== 'rcpt',
          durationMs: 20,
        }))
      : [{ stage: 'resolve', ok: true, durationMs: 3 }],
    transcript: isReached ? Array.from({ length: 30 }, (_, line) => `S: 250-LINE ${line}`) : [],
    meaning: isReached ? 'The server asks to come again later.' : 'Nobody answered there.',
  });
}
