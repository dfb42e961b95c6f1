import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type Command, makeCommand } from './testing/command.ts';

let postrider: Command;
beforeEach(async () => {
  postrider = await makeCommand();
});
afterEach(() => postrider.remove());

const Failed = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

test('what is not there, or is no address, is told and changes nothing', async () => {
  const file = join(postrider.profileDir, '..', 'letter.eml');
  await writeFile(file, 'From: a@example.org\r\nTo: b@example.net\r\n\r\nHello\r\n');
  const words: [string[], RegExp][] = [
    [['send', file, '--server', 'nope'], /no outgoing server “nope”/],
    [['route', 'explain', '--from', 'nonsense'], /“nonsense” is not a complete address/],
    [['route', 'explain', '--from', 'a@b.c', '--to', 'd@e.f, g'], /“g” is not a complete address/],
    [['outbox', 'flush', 'nope'], /not in the outbox any more/],
    [['probe', 'mail.example.com:25'], /no host name/],
    [['sendmail', 'b@example.net', 'a b@c.d'], /“a b@c.d” is not a complete address/],
  ];
  for (const [args, told] of words) {
    const ended = await postrider.run([...args, '--json'], { stdin: 'Subject: x\n\nx\n' });
    expect([args, ended.code]).toEqual([args, 65]);
    expect(Failed.parse(ended.json()).error.message).toMatch(told);
  }
  expect((await postrider.run(['outbox', 'list', '--json'])).stdout.toString()).toBe('');
});

test('without a route an address of a big provider goes by its own server alone', async () => {
  const endpoints = (host: string) => [{ host, port: 465, security: 'tls' }];
  const add = (what: string, json: object) => postrider.run([what, 'add', '--json'], { stdin: JSON.stringify(json) });
  const Id = z.object({ id: z.string() });
  await add('server', { label: 'Other', endpoints: endpoints('relay.example.net') });
  const own = await add('server', { label: 'Gmail', endpoints: endpoints('smtp.gmail.com') });
  const identity = { displayName: 'A', address: 'a@gmail.com' };
  expect((await add('identity', identity)).stderr).toMatch(/by Gmail alone/);
  await add('identity', { ...identity, address: 'a@example.org' });
  await add('identity', { ...identity, route: { kind: 'any' } });
  expect((await postrider.run(['identity', 'list', '--json'])).json()).toMatchObject([
    { route: { kind: 'only', serverId: Id.parse(own.json()).id } },
    { route: { kind: 'any' } },
    { route: { kind: 'any' } },
  ]);
});
