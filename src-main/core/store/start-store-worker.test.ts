import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import type { StoreChange } from '#shared/rpc/contract.ts';
import { openStore } from './open-store.ts';
import { startStoreWorker } from './start-store-worker.ts';
import { type Home, makeHome, request, workerUrl } from './testing/store-fixture.ts';

let home: Home | undefined;
afterEach(() => home?.remove());
const log = { info: () => {}, warn: () => {}, error: () => {} };

it('a thread that was ready before anybody listened is taken over, with what changed meanwhile', async () => {
  home = makeHome();
  const { profileDir, mailFolder } = home;
  const worker = startStoreWorker({ workerUrl, profileDir, mailFolder });
  // It has spoken, and nobody was there.
  await once(worker.worker, 'message');
  const store = await openStore({ profileDir, mailFolder, workerUrl, worker, keepsChanges: true, log });
  const filed = request('early');
  await store.file([filed]);
  const { revision } = await store.state();
  const heard: StoreChange[] = [];
  store.onChanged((change) => heard.push(change));
  expect(heard.at(-1)?.toRevision).toBe(revision);
  expect(heard.flatMap(({ added }) => added)).toMatchObject([{ messageKey: filed.messageKey }]);
  const later = request('later');
  await store.file([later]);
  expect(heard.at(-1)?.added).toMatchObject([{ messageKey: later.messageKey }]);
  await store.close();
});

it('a profile that could not be opened before anybody listened is refused in words', async () => {
  home = makeHome();
  const { mailFolder } = home;
  // A folder cannot be made below a device.
  const worker = startStoreWorker({ workerUrl, profileDir: '/dev/null/profile', mailFolder });
  await once(worker.worker, 'exit');
  const opening = openStore({ profileDir: '/dev/null/profile', mailFolder, workerUrl, worker, log });
  await expect(opening).rejects.toMatchObject({ name: 'MailError' });
});

it('a thread nobody came to use is ended', async () => {
  home = makeHome();
  const { profileDir, mailFolder } = home;
  const { worker, abandon } = startStoreWorker({ workerUrl, profileDir, mailFolder });
  const exited = once(worker, 'exit');
  await abandon();
  await exited;
  const store = await home.open();
  expect((await store.listFolders()).length).toBeGreaterThan(0);
  await store.close();
});
