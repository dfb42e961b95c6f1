import { renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import type { Store } from './store-api.ts';
import { type Home, inbox, mail, makeHome, request } from './testing/store-fixture.ts';

// A file in the Mail folder whose bytes the system does not give: no permission, a bad sector. /proc/self/mem is a file whose
// first octet nobody can read, not even the administrator as whom these tests may run.
const unreadableFile = '/proc/self/mem';

let home: Home;
let store: Store;

beforeEach(async () => {
  home = makeHome();
  store = await home.open();
});

afterEach(async () => {
  await store.close();
  home.remove();
});

const subjects = async (): Promise<string[]> =>
  (await store.listMessages({ folder: inbox, offset: 0, limit: 100 })).rows.map(({ subject }) => subject).sort();

/** A message file that is a link; what it leads to can be exchanged without the folder changing. */
function fileByLink(): { name: string; becomeReadable(): void; becomeUnreadable(): void } {
  const name = '1700000000.M1P2.host';
  const target = join(home.profileDir, 'target');
  const lead = (make: (path: string) => void) => () => {
    make(`${target}.made`);
    renameSync(`${target}.made`, target);
  };
  const becomeUnreadable = lead((path) => symlinkSync(unreadableFile, path));
  becomeUnreadable();
  symlinkSync(target, join(home.mailFolder, 'new', name));
  return { name, becomeUnreadable, becomeReadable: lead((path) => writeFileSync(path, mail('by link'))) };
}

describe.skipIf(process.platform !== 'linux')('a message file that cannot be read', () => {
  it('hides nothing else, is named by the check, and is listed once it can be read, though its folder did not change', async () => {
    await store.file([request('one')]);
    const file = fileByLink();
    await store.rescan();
    expect(await subjects()).toEqual(['one']);
    expect((await store.checkIndex()).problems).toEqual([
      expect.stringContaining(`${file.name} cannot be read, and is not listed`),
    ]);
    file.becomeReadable();
    await vi.waitFor(async () => expect(await subjects()).toEqual(['by link', 'one']), 5000);
    expect((await store.checkIndex()).problems).toEqual([]);
  });

  it('is found at the next start too, also after the index was made anew', async () => {
    const file = fileByLink();
    // Long ago: a folder that changed a moment before the last look is listed again anyway.
    utimesSync(join(home.mailFolder, 'new'), 1_700_000_000, 1_700_000_000);
    expect(await store.rebuildIndex(() => undefined, new AbortController().signal)).toEqual({ messages: 0 });
    await store.close();
    file.becomeReadable();
    store = await home.open();
    expect(await subjects()).toEqual(['by link']);
  });

  it('is not called gone when it was listed before', async () => {
    const file = fileByLink();
    file.becomeReadable();
    await store.rescan();
    file.becomeUnreadable();
    await expect(store.read(MessageKey.parse(file.name))).rejects.toMatchObject({
      code: 'EIO',
      message: expect.stringContaining('the disk does not give its bytes'),
    });
  });

  it('a link to itself, or to nothing, is no message and no reason not to list the others', async () => {
    await store.file([request('one')]);
    symlinkSync('loop', join(home.mailFolder, 'new', 'loop'));
    symlinkSync('nothing', join(home.mailFolder, 'cur', 'gone:2,S'));
    await store.rescan();
    expect(await subjects()).toEqual(['one']);
    expect((await store.checkIndex()).problems).toEqual([]);
  });
});
