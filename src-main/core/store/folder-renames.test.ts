import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoreChange } from '#shared/rpc/contract.ts';
import { renameAll } from './folders.ts';
import type { Store } from './store-api.ts';
import { folderPath, type Home, mail, makeHome, request } from './testing/store-fixture.ts';

let home: Home;
let store: Store;
beforeAll(async () => {
  home = makeHome();
  store = await home.open();
});
afterAll(async () => {
  await store.close();
  home.remove();
});

const own = async (): Promise<string[]> => (await store.listFolders()).slice(7).map(({ folder }) => folder);

it('a level that is no folder itself is renamed with what is in it', async () => {
  await store.createFolder(folderPath('Année/Été/日本'));
  await store.renameFolder(folderPath('Année'), folderPath('Jahr'));
  expect(await own()).toEqual(['Jahr/Été/日本']);
  await expect(store.renameFolder(folderPath('Année'), folderPath('x'))).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

it('nothing is renamed when the name of one within would be too long, or one is taken there', async () => {
  await store.createFolder(folderPath('Jahr/Été'));
  const tooLong = folderPath(`${'日'.repeat(90)}`);
  await expect(store.renameFolder(folderPath('Jahr'), tooLong)).rejects.toMatchObject({ code: 'EINVALID' });
  await store.createFolder(folderPath('Other/Été/日本'));
  await expect(store.renameFolder(folderPath('Jahr'), folderPath('Other'))).rejects.toThrow(
    'There is a folder “Other/Été/日本” already',
  );
  expect((await own()).toSorted()).toEqual(['Jahr/Été', 'Jahr/Été/日本', 'Other/Été/日本']);
  expect((await store.checkIndex()).problems).toEqual([]);
});

it('when the disk refuses one rename, those before it are taken back', () => {
  const names = new Set(['.a', '.a.b', '.a.c', '.a.d']);
  const rename = (from: string, to: string): void => {
    if (from === '.a.c') throw new Error('no space');
    if (!names.delete(from)) throw new Error(`${from} is not there`);
    names.add(to);
  };
  const renames = [...names].map((from) => ({ from, to: from.replace('.a', '.x') }));
  expect(() => renameAll(rename, renames)).toThrow('no space');
  expect([...names].toSorted()).toEqual(['.a', '.a.b', '.a.c', '.a.d']);
});

it('what waits in quarantine, or for the rules, goes to the folder under its new name', async () => {
  const to = folderPath('Projects/House');
  const bytes = mail('held');
  const asked = request('held', bytes, { folder: folderPath('Quarantine') });
  const record = {
    folder: to,
    state: 'waiting',
    words: '',
    filedAt: 1,
    judgedAt: null,
    retryAt: null,
    releasedAt: null,
    releasedBy: null,
    tries: 0,
  } as const;
  await store.createFolder(to);
  await store.file([{ ...asked, quarantine: record }]);
  await store.file([request('new', mail('new'), { folder: to, isArrival: true })]);
  await store.renameFolder(folderPath('Projects'), folderPath('Done'));
  expect((await store.quarantineRecord(asked.messageKey))?.folder).toBe('Done/House');
  expect((await store.arrivals(10)).map(({ folder }) => folder)).toEqual(['Done/House']);
});

it('screens are told which folders are gone, at once and when they catch up', async () => {
  const { storeId, revision } = await store.state();
  const told: StoreChange[] = [];
  const stop = store.onChanged((change) => told.push(change));
  await store.createFolder(folderPath('Boats'));
  await store.renameFolder(folderPath('Boats'), folderPath('Ships'));
  await store.removeFolder(folderPath('Ships'));
  expect(told.map(({ goneFolders }) => goneFolders)).toEqual([undefined, ['Boats'], ['Ships']]);
  stop();
  const since = await store.changesSince(storeId, revision);
  expect(since).toMatchObject({ changes: [{ goneFolders: ['Boats', 'Ships'], folders: [] }] });
});
