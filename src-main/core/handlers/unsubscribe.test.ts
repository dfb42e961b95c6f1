import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';

let app: CoreOnAProfile;

beforeAll(async () => {
  app = await openCore();
  for (const address of ['anna@home.example', 'anna@work.example'])
    await app.api.call('identity.add', { displayName: 'Anna', address, route: { kind: 'any' } });
});
afterAll(() => app.dispose());

async function arrived(name: string, ...fields: string[]): Promise<MessageKey> {
  const head = ['From: News <news@list.example>', 'To: readers@list.example', `Subject: ${name}`, ...fields];
  await writeFile(join(app.profileDir, 'Mail', 'new', `1700000000.${name}.host`), `${head.join('\r\n')}\r\n\r\nHi\r\n`);
  const { rows } = await app.api.call('message.list', { folder: folder.inbox });
  return rows.find(({ subject }) => subject === name)?.messageKey ?? expect.fail(`${name} is missing`);
}

it('sends the message the list asks for, from the address the list writes to, as any other message', async () => {
  const messageKey = await arrived(
    'issue',
    'Delivered-To: anna@work.example',
    'List-Unsubscribe: <mailto:leave@list.example?subject=leave%20anna&body=please>',
  );
  const { item } = await app.api.call('message.unsubscribe', { messageKey, way: 'mail' });
  expect(item).toMatchObject({
    from: 'anna@work.example',
    subject: 'leave anna',
    pending: ['leave@list.example'],
    state: 'held',
    heldFor: 'undo',
  });
  const { path } = await app.api.call('message.locate', { messageKey: item?.messageKey ?? messageKey });
  const sent = await readFile(path, 'utf8');
  expect(sent).toContain('please');
  expect(sent).not.toMatch(/^(?:In-Reply-To|References):/m);
  expect((await app.api.call('message.summary', { messageKey }))?.flags).not.toContain('answered');
});

it('does nothing in a way the message does not offer', async () => {
  const messageKey = await arrived(
    'page',
    'List-Id: News of "all" <news.list.example>',
    'List-Unsubscribe: <https://list.example/leave>',
  );
  const before = (await app.api.call('outbox.list', {})).length;
  for (const way of ['mail', 'one-click'] as const)
    await expect(app.api.call('message.unsubscribe', { messageKey, way })).rejects.toThrow('no such way');
  expect(await app.api.call('outbox.list', {})).toHaveLength(before);
  expect((await app.api.call('message.get', { messageKey })).listId).toBe('news.list.example');
  expect((await app.api.call('message.get', { messageKey })).unsubscribe).toEqual({
    page: 'https://list.example/leave',
  });
});
