import { afterEach, expect, it } from 'vitest';
import { closeAll, start } from './testing/delivery-harness.ts';
import { alongHarness, direct, zone } from './testing/direct-harness.ts';
import type { Script } from './testing/scripted-smtp.ts';
import { serverAt } from './testing/servers.ts';

afterEach(closeAll);

const dns = zone({ mx: { 'b.example': [[10, 'mx.b.example']], 'c.example': [[10, 'mx.c.example']] } });
const to = ['one@b.example', 'two@b.example', 'three@c.example'];

async function byDirect(script: Script) {
  const [small, good] = [await start(script), await start()];
  return { ...alongHarness(dns, { 'mx.b.example': small.port, 'mx.c.example': good.port }), small, good };
}

it.each<[string, Script, RegExp]>([
  ['what it announces', { offers: ['SIZE 20'] }, /at most 20 octets/],
  ['its word for it', { finalDot: '552 5.3.4 too big for us' }, /too big for us/],
])(
  'larger than the domain’s own server takes, by %s: refused for good, the other domain has it',
  async (_by, script, text) => {
    const { run, recipients, good } = await byDirect(script);
    const end = await run(to);
    expect(end.pending).toEqual([]);
    for (const mailbox of ['one@b.example', 'two@b.example'])
      expect(recipients.get(mailbox)).toMatchObject({
        state: 'refused',
        serverId: 'direct',
        text: expect.stringMatching(text),
      });
    expect(recipients.get('three@c.example')?.state).toBe('accepted');
    expect(good.accepted).toHaveLength(1);
  },
);

it('where a relay stands behind it in the route, that one is asked', async () => {
  const { run, recipients } = await byDirect({ offers: ['SIZE 20'] });
  const relay = await start();
  const end = await run(['one@b.example'], [direct, serverAt('relay', [relay.port])]);
  expect(end.pending).toEqual([]);
  expect(recipients.get('one@b.example')).toMatchObject({ state: 'accepted', serverId: 'relay' });
});

it('put off for another reason, it waits', async () => {
  const { run, recipients } = await byDirect({ rcpt: '451 4.7.1 greylisted' });
  const end = await run(['one@b.example']);
  expect(end.pending).toEqual(['one@b.example']);
  expect(recipients.get('one@b.example')?.state).toBe('pending');
});
