import { expect, it } from 'vitest';
import type { OutboxRecipient, OutboxRecord } from '#shared/mail/outbox.ts';
import { type PassEnd, settleRecord } from './settle-record.ts';
import { outboxRecord } from './testing/outbox-record.ts';

const end: PassEnd = {
  now: Date.UTC(2026, 10, 21, 12),
  isContentRefused: false,
  isCancelled: false,
  isOffline: false,
  isPutOff: false,
  limits: [],
  stuckOn: null,
};

function record(...states: OutboxRecipient['state'][]): OutboxRecord {
  const recipients = states.map((state, index) => ({ mailbox: `r${index}@b.example`, state }));
  return outboxRecord({ recipients, queuedAt: end.now });
}

it.each([
  [['accepted'], 'sent', 'Sent.'],
  [['accepted', 'accepted'], 'sent', 'Sent to 2 recipients.'],
  [['accepted', 'refused'], 'sent', 'Sent to 1 of 2 recipients; the other one was refused.'],
  [['accepted', 'refused', 'refused'], 'sent', 'Sent to 1 of 3 recipients; the others were refused.'],
  [
    ['accepted', 'refused', 'pending'],
    'deferred',
    'Sent to 1 of 3 recipients. What is still to send is tried again by itself.',
  ],
  [['refused'], 'failed', 'It was refused. The servers’ words are below; nothing was delivered.'],
  [
    ['refused', 'refused'],
    'failed',
    'It was refused for every recipient. The servers’ words are below; nothing was delivered.',
  ],
] as const)('says of %j: %s, “%s”', (states, state, explanation) => {
  expect(settleRecord(record(...states), end)).toMatchObject({ state, explanation });
});

it('says why it waits: the server’s words, or why there are none', () => {
  const said = (lastWords: PassEnd['lastWords']) => settleRecord(record('pending'), { ...end, lastWords }).explanation;
  expect(said({ serverLabel: 'Office relay', replyCode: 451, text: '4.3.2 Greylisted' })).toBe(
    'No server takes it now. Office relay said: “4.3.2 Greylisted”. It is tried again by itself.',
  );
  expect(said({ serverLabel: 'Home', text: 'Nobody listens there.' })).toBe(
    'No server takes it now. Home: Nobody listens there. It is tried again by itself.',
  );
  expect(said({ serverLabel: 'Home', replyCode: 421, text: 'x'.repeat(3000) }).length).toBeLessThan(300);
  expect(said({ serverLabel: 'Home', text: ' ' })).toBe('No server takes it now. It is tried again by itself.');
});

it('uncertain, it says what happened once the whole message had gone', () => {
  const asked = record('uncertain');
  const said = (text?: string) =>
    settleRecord({ ...asked, recipients: asked.recipients.map((own) => ({ ...own, text })) }, end).explanation;
  expect(said('mx answered the message with “what?”, which is neither a yes nor a no.')).toBe(
    'The whole message had gone, and then: mx answered the message with “what?”, which is neither a yes nor a no. It may have arrived: say whether it did, or send it again.',
  );
  expect(said()).toMatch(/^The whole message had gone, and then: the connection was lost\. It may/);
});
