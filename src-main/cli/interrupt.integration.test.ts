import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Script, type ScriptedSmtp, startScriptedSmtp } from '../core/outgoing/testing/scripted-smtp.ts';
import { type Command, makeCommand } from './testing/command.ts';
import { startApp } from './testing/running-app.ts';

// Ctrl-C while a message is on its way: what is said afterwards is what stands.

let postrider: Command;
let server: ScriptedSmtp;
let file = '';

beforeEach(async () => {
  postrider = await makeCommand();
  server = await startScriptedSmtp();
  file = join(postrider.profileDir, '..', 'letter.eml');
  await writeFile(file, 'From: a@example.org\r\nTo: b@example.net\r\nMessage-ID: <one@example.org>\r\n\r\nHello\r\n');
  const endpoints = [{ host: '127.0.0.1', port: server.port, security: 'none' }];
  await postrider.run(['server', 'add'], { stdin: JSON.stringify({ label: 'One', endpoints }) });
});
afterEach(async () => {
  await server.close();
  await postrider.remove();
});

const hasWhole = /has the whole message and has yet to answer/;

/** A command that waits for the reply to the final dot, interrupted. */
async function interruptedAtDot(args: string[]): Promise<ReturnType<Command['start']>> {
  const child = postrider.start(args);
  await server.until(() => server.messages.length === 1);
  child.kill('SIGINT');
  await child.says(hasWhole);
  return child;
}

function answeringLater(): { script: Script; answer: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { script: { finalDotAfter: promise }, answer: resolve };
}

test('at the final dot of send: the answer is waited for, and told', async () => {
  const { script, answer } = answeringLater();
  server.script = script;
  const child = await interruptedAtDot(['send', file, '--json']);
  answer();
  const ended = await child.ended;
  expect([ended.code, ended.json()]).toMatchObject([0, { state: 'sent', accepted: ['b@example.net'] }]);
  expect((await postrider.run(['outbox', 'list', '--json'])).stdout.toString()).toBe('');
});

test('at the final dot of a server that does not answer: it ends soon, and the message is uncertain', async () => {
  server.script = { finalDot: 'silence' };
  const child = await interruptedAtDot(['send', file]);
  const ended = await child.ended;
  expect([ended.code, ended.stderr]).toEqual([75, expect.stringMatching(/may have the message.*kept as uncertain/s)]);
  await postrider.run(['outbox', 'flush', '--now']);
  expect((await postrider.run(['outbox', 'list', '--json'])).json()).toMatchObject({ heldFor: 'uncertain' });
  expect(server.messages).toHaveLength(1);
});

test('at the final dot of flush: nothing is left when the answer came', async () => {
  server.script = { mail: '451 4.3.0 later' };
  expect((await postrider.run(['send', file])).code).toBe(69);
  const { script, answer } = answeringLater();
  server.script = script;
  const child = await interruptedAtDot(['outbox', 'flush', '--now']);
  answer();
  const ended = await child.ended;
  expect([ended.code, ended.stderr]).toEqual([130, expect.stringContaining('Nothing is left in the Outbox.')]);
  expect(server.accepted).toHaveLength(1);
});

test('before a server has it: it is not sent, and it says how it goes', async () => {
  server.script = { rcpt: 'silence' };
  const child = postrider.start(['send', file, '--json']);
  await server.until(() => server.commands.some((line) => line.startsWith('RCPT')));
  child.kill('SIGINT');
  const ended = await child.ended;
  expect([ended.code, ended.json()]).toMatchObject([130, { state: 'queued' }]);
  expect(ended.stderr).toMatch(/before a server had the message.*postrider outbox flush/);
  server.script = {};
  expect((await postrider.run(['outbox', 'flush'])).code).toBe(0);
  expect(server.accepted).toHaveLength(1);
});

test('with the app running: it goes on with the message, and that is said', async () => {
  server.script = { rcpt: 'silence' };
  const app = await startApp(postrider.profileDir);
  try {
    const child = postrider.start(['send', file]);
    await server.until(() => server.commands.some((line) => line.startsWith('RCPT')));
    child.kill('SIGINT');
    const ended = await child.ended;
    expect([ended.code, ended.stderr]).toEqual([130, expect.stringContaining('running Postrider goes on')]);
    expect(await app.api.call('outbox.list', { light: true })).toMatchObject([{ state: 'sending' }]);
  } finally {
    await app.close();
  }
});
