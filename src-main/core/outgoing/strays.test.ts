import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';
import { builtMessage } from './testing/outbox-harness.ts';

// A kill between the file of a message and its record in the ledger, as it is found by the next start.
let app: CoreOnAProfile;
beforeEach(async () => {
  app = await openCore();
});
afterEach(() => app.dispose());

const rows = async (where: string) => {
  const page = await app.api.call('message.list', { folder: where, limit: 50 });
  return page.rows.map(({ subject }) => subject);
};
const notices = async () => (await app.api.call('app.info', {})).notices.map(({ text }) => text);

/** The file as it stands in Outbox, and nothing of it in the ledger. */
async function leaveStray(name: string, bytes: Uint8Array): Promise<void> {
  const outbox = join(app.profileDir, 'Mail', '.Outbox');
  await writeFile(join(outbox, 'tmp', name), bytes);
  await rename(join(outbox, 'tmp', name), join(outbox, 'cur', `${name}:2,S`));
}

async function queue(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes);
  await app.api.call('outbox.submitFile', { path, wait: false, options: {} });
}

it('becomes a draft, with a word to the user, and is not sent', async () => {
  await leaveStray('1700000000.M1.host', builtMessage(['b@b.example'], { subject: 'half queued' }).bytes);
  app = await app.reopen();
  await app.core.start();
  expect(await rows(folder.outbox)).toEqual([]);
  expect(await rows(folder.drafts)).toEqual(['half queued']);
  expect(await app.api.call('outbox.list', {})).toEqual([]);
  expect(await notices()).toEqual([expect.stringMatching(/“half queued” lay in the Outbox .* It is in Drafts/)]);
});

it('goes to Trash when its message was queued again since; that one stays where it is', async () => {
  const { bytes } = builtMessage(['b@b.example'], { subject: 'twice' });
  await queue(join(app.profileDir, 'a.eml'), bytes);
  await leaveStray('1700000000.M2.host', bytes);
  app = await app.reopen();
  await app.core.start();
  expect([await rows(folder.outbox), await rows(folder.trash), await rows(folder.drafts)]).toEqual([
    ['twice'],
    ['twice'],
    [],
  ]);
  expect(await notices()).toEqual([expect.stringMatching(/second copy .* Trash/)]);
});

it('leaves alone what is queued, and says nothing', async () => {
  await queue(join(app.profileDir, 'a.eml'), builtMessage(['b@b.example'], { subject: 'waits' }).bytes);
  app = await app.reopen();
  await app.core.start();
  expect(await rows(folder.outbox)).toEqual(['waits']);
  expect(await notices()).toEqual([]);
});
