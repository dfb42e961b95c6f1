import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openStore } from './open-store.ts';
import { type Home, inbox, makeHome } from './testing/store-fixture.ts';

let home: Home | undefined;
afterEach(() => home?.remove());
const log = { info: () => {}, warn: () => {}, error: () => {} };

it('a worker that dies rejects what waits and what comes, in words', async () => {
  home = makeHome();
  const workerUrl = new URL('./testing/dying-worker.ts', import.meta.url);
  const store = await openStore({ profileDir: home.profileDir, mailFolder: home.mailFolder, workerUrl, log });
  const stopped = { code: 'EINTERNAL', message: expect.stringContaining('has stopped') };
  const first = store.listFolders();
  const second = store.listKeys(inbox);
  await expect(first).rejects.toMatchObject(stopped);
  await expect(second).rejects.toMatchObject(stopped);
  await expect(store.state()).rejects.toMatchObject(stopped);
});

it('a profile that cannot be opened is refused in words', async () => {
  home = makeHome();
  writeFileSync(join(home.path, 'profile'), 'a file where a folder should be');
  await expect(home.open()).rejects.toMatchObject({ name: 'MailError', code: 'EIO' });
});
