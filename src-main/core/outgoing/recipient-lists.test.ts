import { afterEach, describe, expect, it } from 'vitest';
import { startProvider, type Talk } from './kick/testing/scripted-provider.ts';
import { closeAll, harness } from './testing/delivery-harness.ts';
import { serverAt } from './testing/servers.ts';

afterEach(closeAll);

const people = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}@b.example`);

/** A relay that takes so many recipients in one transaction, and says so to the others in its own way. */
async function relayTaking(most: number, tooMany: string, offers: string[] = ['PIPELINING']) {
  const taken: string[][] = [];
  const asked: string[] = [];
  const provider = await startProvider(async (talk) => {
    talk.say('220 relay.example ready');
    let to: string[] = [];
    for (let line = await talk.hear(); line !== null; line = await talk.hear()) {
      if (line.startsWith('EHLO')) talk.say('250-relay.example', ...offers.map((offer) => `250-${offer}`), '250 HELP');
      else if (line.startsWith('RCPT')) {
        const mailbox = /<(.*)>/.exec(line)?.[1] ?? '';
        asked.push(mailbox);
        if (to.length < most) to.push(mailbox);
        talk.say(to.includes(mailbox) ? '250 2.1.5 fine' : tooMany);
      } else if (line === 'DATA') {
        if (to.length === 0) {
          talk.say('554 5.5.1 nobody');
          continue;
        }
        await swallow(talk);
        taken.push(to);
        to = [];
      } else talk.say('250 2.0.0 fine');
    }
  });
  return { provider, taken, asked };
}

async function swallow(talk: Talk): Promise<void> {
  talk.say('354 go on');
  for (let line = await talk.hear(); line !== '.' && line !== null; line = await talk.hear());
  talk.say('250 2.0.0 taken');
}

describe('a long list of recipients', () => {
  it.each([
    ['452 4.5.3 too many recipients', ['PIPELINING']],
    ['452 4.5.3 too many recipients', []],
    ['452 too many recipients', ['PIPELINING']],
    ['552 too many recipients', ['PIPELINING']],
    ['552 5.5.3 too many', ['PIPELINING']],
  ])('goes on at once in the next transaction of the same session after “%s” (offers %j)', async (tooMany, offers) => {
    const { provider, taken, asked } = await relayTaking(100, tooMany, offers);
    const { run, recipients, attempts, dots, lessons } = harness();
    const end = await run([serverAt('one', [provider.port])], people(250));
    expect(end.pending).toEqual([]);
    expect(taken.map((to) => to.length)).toEqual([100, 100, 50]);
    expect(taken.flat()).toEqual(people(250));
    // All at once is asked once only: what it refuses, it may count as errors.
    expect(asked).toHaveLength(250 + 150);
    expect(dots.flat()).toEqual(people(250));
    expect(provider.connections).toBe(1);
    expect([...recipients.values()].filter(({ state }) => state === 'accepted')).toHaveLength(250);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(lessons.map(({ kind }) => kind)).toEqual(['success', 'success', 'success']);
  });

  it('is split beforehand where the limit is known', async () => {
    const { provider, taken } = await relayTaking(100, '452 4.5.3 too many recipients');
    const { run, recipients } = harness();
    await run([serverAt('one', [provider.port], { maxRecipients: 90 })], people(250));
    expect(taken.map((to) => to.length)).toEqual([90, 90, 70]);
    expect([...recipients.values()].every(({ state }) => state === 'accepted')).toBe(true);
  });

  it('ends where a server takes nobody at all: the next server is asked', async () => {
    const { provider: none } = await relayTaking(0, '452 4.5.3 too many recipients');
    const { provider: good, taken } = await relayTaking(1000, '');
    const { run } = harness();
    const end = await run([serverAt('none', [none.port]), serverAt('good', [good.port])], people(3));
    expect(end.pending).toEqual([]);
    expect(taken).toEqual([people(3)]);
    expect(none.heard.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
  });

  it.each(['452 4.2.2 mailbox full', '452 4.3.1 no room'])('is no reason to ask again for “%s”', async (reply) => {
    const { provider, taken } = await relayTaking(1, reply);
    const { run } = harness();
    const end = await run([serverAt('one', [provider.port])], people(2));
    expect(end.pending).toEqual(['p1@b.example']);
    expect(taken).toEqual([['p0@b.example']]);
    expect(provider.heard.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
  });
});
