import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { greetPolitely, type Provider, startProvider } from '../core/outgoing/kick/testing/scripted-provider.ts';
import { closeAll } from '../core/outgoing/testing/delivery-harness.ts';
import { type Command, makeCommand } from './testing/command.ts';

let postrider: Command;

beforeEach(async () => {
  postrider = await makeCommand();
});
afterEach(async () => {
  await closeAll();
  await postrider.remove();
});

async function addServer(port: number, kick: unknown): Promise<string> {
  const server = {
    label: 'Provider',
    endpoints: [{ host: '127.0.0.1', port, security: 'none' }],
    auth: { method: 'plain', user: 'me', secret: 'geheim' },
    kick,
  };
  const ended = await postrider.run(['server', 'add', '--json'], { stdin: JSON.stringify(server) });
  expect(ended.stderr).toBe('');
  return z.object({ id: z.string() }).parse(ended.json()).id;
}

function answering(...replies: string[]): Promise<Provider> {
  return startProvider(async (talk, connection) => {
    await greetPolitely(talk);
    talk.say(replies[connection - 1] ?? '500 no');
    await talk.hear();
  });
}

test('server kick says what came of it and ends by it', async () => {
  const provider = await answering('250 started', '458 not now', '459 not you');
  const id = await addServer(provider.port, { kind: 'etrn', host: 'mine.example' });
  const first = await postrider.run(['server', 'kick', id]);
  expect([first.code, first.stdout.toString()]).toEqual([
    0,
    'Provider begins to deliver what waits for mine.example.\n',
  ]);
  const second = await postrider.run(['server', 'kick', id, '--json']);
  expect(second.code).toBe(75);
  expect(second.json()).toMatchObject({ ok: false, received: 0, error: { code: 'ETRANSIENT', replyCode: 458 } });
  const third = await postrider.run(['server', 'kick', id]);
  expect([third.code, third.stdout.toString()]).toEqual([65, '']);
  expect(third.stderr).toContain('(It said: 459 not you)');
});

test('server kick collects by ATRN: what was handed over is there', async () => {
  const provider = await startProvider(async (talk) => {
    await greetPolitely(talk);
    talk.say('250 OK now reversing the connection');
    for (const line of ['EHLO p', 'MAIL FROM:<s@far.example>', 'RCPT TO:<me@mine.example>', 'DATA']) {
      await talk.hearReply();
      talk.say(line);
    }
    await talk.hearReply();
    talk.say('Subject: handed over', '', 'text', '.', 'QUIT');
    await talk.hearReply();
    await talk.hearReply();
  });
  const id = await addServer(provider.port, { kind: 'atrn', domains: ['mine.example'] });
  const kicked = await postrider.run(['--json', 'server', 'kick', id]);
  expect(kicked.json()).toEqual({ ok: true, text: 'Provider handed over 1 message.', received: 1 });
  const listed = await postrider.run(['list', 'Inbox', '--json']);
  expect(listed.lines()).toMatchObject([{ subject: 'handed over', folder: 'Inbox' }]);
});

test('server kick needs a kick to give, and a server that is there', async () => {
  const id = await addServer(25, undefined);
  const none = await postrider.run(['server', 'kick', id, '--json']);
  expect(none.code).toBe(65);
  expect(none.json()).toEqual({ error: { code: 'EINVALID', message: 'No kick is set up for Provider.' } });
  expect((await postrider.run(['server', 'kick', 'nobody'])).code).toBe(65);
  expect((await postrider.run(['server', 'kick'])).code).toBe(64);
});
