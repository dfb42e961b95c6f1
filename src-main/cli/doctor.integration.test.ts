import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { startScriptedSmtp } from '../core/outgoing/testing/scripted-smtp.ts';
import { type Command, makeCommand } from './testing/command.ts';
import { credentials, openPracticeBox } from './testing/kill-box.ts';

const Report = z.object({
  ok: z.boolean(),
  findings: z.array(z.object({ check: z.string(), ok: z.boolean(), text: z.string() })),
});

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function add(postrider: Command, what: 'account' | 'server', given: object): Promise<void> {
  const { code, stderr } = await postrider.run([what, 'add', '--json'], { stdin: JSON.stringify(given) });
  expect([code, stderr]).toEqual([0, '']);
}

test('doctor --servers signs in everywhere and says what each answered; nothing is collected', async () => {
  const [box, relay] = [await openPracticeBox(), await startScriptedSmtp({})];
  ends.push(box.close, relay.close);
  const postrider = await makeCommand();
  ends.push(postrider.remove);
  const near = { host: '127.0.0.1', security: 'none' };
  const account = { ...near, port: box.port, ...credentials, auth: 'user-pass', retention: { kind: 'delete' } };
  await add(postrider, 'account', { ...account, label: 'Right' });
  await add(postrider, 'account', { ...account, label: 'Wrong', secret: 'forgotten' });
  const server = { kind: 'relay', auth: { method: 'none' } };
  await add(postrider, 'server', { ...server, label: 'Relay', endpoints: [{ ...near, port: relay.port }] });
  await add(postrider, 'server', { ...server, label: 'Gone', endpoints: [{ ...near, port: 1 }] });
  await add(postrider, 'server', { ...server, label: 'Off', enabled: false, endpoints: [{ ...near, port: 1 }] });
  await box.deliver('a', Buffer.from('Subject: a\r\n\r\na\r\n'));

  const { code, stdout } = await postrider.run(['doctor', '--servers', '--json']);
  expect(code).toBe(78);
  const { ok, findings } = Report.parse(JSON.parse(stdout.toString()));
  expect(ok).toBe(false);
  const called = findings.filter(({ check }) => check === 'called');
  expect(called.map((each) => [each.text.split(':')[0], each.ok])).toEqual([
    ['Right', true],
    ['Wrong', false],
    ['Relay', true],
    ['Gone', false],
  ]);
  expect(await box.lying()).toHaveLength(1);
  expect(relay.commands.some((line) => line.startsWith('MAIL'))).toBe(false);

  const quiet = Report.parse(JSON.parse((await postrider.run(['doctor', '--json'])).stdout.toString()));
  expect(quiet.findings.filter(({ check }) => check === 'called')).toEqual([]);
});
