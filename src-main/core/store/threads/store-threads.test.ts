import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FolderPath } from '#shared/ids.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import type { Store } from '../store-api.ts';
import { conversationsIn, type Home, inbox, keyOf, mail, makeHome, request } from '../testing/store-fixture.ts';

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

/** A letter that answers others; later letters of the alphabet are later. */
function answer(name: string, references: string[] = [], subject = `About ${name}`): Uint8Array<ArrayBuffer> {
  return mail(subject, 'Hello.', {
    'Message-ID': `<${name}@example.com>`,
    References: references.map((each) => `<${each}@example.com>`).join('\r\n '),
    Date: `Mon, 01 Jan 2024 10:00:${name.charCodeAt(0) - 87} +0000`,
  });
}

const key = (name: string, bytes = answer(name)) => keyOf(name, bytes);

async function file(name: string, references: string[] = [], folder: FolderPath = inbox, subject?: string) {
  const bytes = answer(name, references, subject);
  const messageKey = keyOf(name, bytes);
  await store.file([request(name, bytes, { folder, messageKey })]);
  return messageKey;
}

async function listed(folder: FolderPath = inbox) {
  const { rows } = await store.listConversations({ folder, offset: 0, limit: 100 });
  return rows.map(({ newest, count, unread }) => `${newest.subject} ${unread}/${count}`);
}

const sound = { messages: expect.any(Number), problems: [] };

describe('conversations of the store', () => {
  it('come with the mail, follow its moves, flags and removal', async () => {
    const a = await file('a');
    const b = await file('b', ['a']);
    await file('c');
    expect(await listed()).toEqual(['About c 1/1', 'About b 2/2']);
    await store.setFlags([a], ['seen'], []);
    expect(await listed()).toEqual(['About c 1/1', 'About b 1/2']);
    await store.move([b], fixed.archive);
    expect(await listed()).toEqual(['About c 1/1', 'About a 0/1']);
    expect(await listed(fixed.archive)).toEqual(['About b 1/1']);
    await store.move([b], fixed.trash);
    await store.destroy([b]);
    expect(await listed(fixed.trash)).toEqual([]);
    expect(await store.conversation(b, inbox)).toBeNull();
    expect(await store.checkIndex()).toEqual(sound);
  });

  it('hold the own answers from Sent, at their place, and act on what lies in the folder', async () => {
    const a = await file('a');
    const b = await file('b', ['a'], fixed.sent);
    const c = await file('c', ['a', 'b']);
    const found = await store.conversation(c, inbox);
    expect(found?.messages.map(({ summary, depth }) => [summary.messageKey, summary.folder, depth])).toEqual([
      [a, 'Inbox', 0],
      [b, 'Sent', 1],
      [c, 'Inbox', 2],
    ]);
    expect(await listed()).toEqual(['About c 2/2']);
    expect(await store.conversationKeys(inbox, [found?.conversationId ?? ''])).toEqual([a, c]);
  });

  it('follow what other programs do while Postrider is closed', async () => {
    await file('a');
    await file('b', ['a']);
    await file('d', ['b']);
    await store.close();
    const current = join(home.mailFolder, '.Archive');
    for (const name of readdirSync(join(home.mailFolder, 'new')))
      if (name.startsWith(key('b', answer('b', ['a']))))
        renameSync(join(home.mailFolder, 'new', name), join(current, 'cur', `${name}:2,S`));
      else if (name.startsWith(key('a'))) rmSync(join(home.mailFolder, 'new', name));
    mkdirSync(join(home.mailFolder, 'new'), { recursive: true });
    writeFileSync(join(home.mailFolder, 'new', 'from-elsewhere'), answer('c', ['b']));
    store = await home.open();
    expect(await listed()).toEqual(['About d 2/2']);
    expect(await listed(fixed.archive)).toEqual(['About b 0/1']);
    expect(await store.checkIndex()).toEqual(sound);
  });

  it('are the same after a rebuild, and after the index was thrown away', async () => {
    for (const [at, name] of [...'abcdefghijkl'].entries())
      await file(
        name,
        at % 3 === 0 ? [] : [...'abcdefghijkl'].slice(Math.max(0, at - 2), at),
        at % 4 === 0 ? fixed.sent : inbox,
        at % 5 === 0 ? 'Re: Berth' : undefined,
      );
    await store.setFlags([key('a')], ['seen'], []).catch(() => undefined);
    const before = await conversationsIn(store);
    await store.rebuildIndex(() => undefined, new AbortController().signal);
    expect(await conversationsIn(store)).toEqual(before);
    await store.close();
    for (const name of readdirSync(home.profileDir))
      if (name.startsWith('index.sqlite')) rmSync(join(home.profileDir, name));
    store = await home.open();
    expect(await conversationsIn(store)).toEqual(before);
    expect(await store.checkIndex()).toEqual(sound);
  });

  it('are put together by themselves when nobody asks', async () => {
    await file('a');
    await file('b', ['a']);
    await store.close();
    store = await home.open();
    const before = await store.listConversations({ folder: inbox, offset: 0, limit: 1 });
    expect(before.rows.map(({ count }) => count)).toEqual([2]);
  });
});
