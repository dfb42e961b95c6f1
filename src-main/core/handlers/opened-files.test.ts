import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FolderPath, type UploadId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { DraftAttachment } from '#shared/mail/message.ts';
import { openedFileKey } from '#shared/mail/opened-file.ts';
import { events } from '#shared/rpc/events.ts';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';

// A message file on the disk, as a person opens it: read, filed nowhere, and copied where they say.
let app: CoreOnAProfile;
beforeAll(async () => {
  app = await openCore();
});
afterAll(() => app.dispose());

const letter = [
  'From: Dora <dora@away.test>',
  'Subject: From the disk',
  'Date: Sat, 21 Nov 2026 10:00:00 +0000',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'Grüße vom See',
  '--b',
  'Content-Type: text/csv',
  'Content-Disposition: attachment; filename=depths.csv',
  '',
  '1;2;3',
  '--b--',
  '',
].join('\n');

async function upload(text: string): Promise<UploadId> {
  const request = new Request('http://app/blob/upload?name=letter.eml&type=message%2Frfc822', {
    method: 'POST',
    body: text,
  });
  return DraftAttachment.parse(await (await app.core.handleBlob(request)).json()).uploadId;
}

const bytesAt = async (path: string): Promise<string> =>
  (await app.core.handleBlob(new Request(`http://app/blob/${path}`))).text();

test('it is read with its parts and its source, and lies in no folder', async () => {
  const uploadId = await upload(letter);
  const opened = await app.api.call('openedFile.get', { uploadId });
  expect(opened).toMatchObject({ subject: 'From the disk', text: expect.stringContaining('Grüße vom See') });
  expect(opened.attachments).toMatchObject([{ fileName: 'depths.csv' }]);
  const key = openedFileKey(uploadId);
  expect(opened.messageKey).toBe(key);
  expect(await bytesAt(`part/${key}/${opened.attachments[0]?.partId}`)).toBe('1;2;3');
  expect(await bytesAt(`message/${key}`)).toBe(letter);
  const folders = await app.api.call('folder.list', {});
  expect(folders.map(({ total }) => total)).toEqual(folders.map(() => 0));
});

test('copied to a folder it is there octet for octet, and once however often that is asked', async () => {
  const uploadId = await upload(letter);
  const first = await app.api.call('openedFile.copy', { uploadId, folder: folder.archive });
  expect(first.wasThere).toBe(false);
  const { path } = await app.api.call('message.locate', { messageKey: first.messageKey });
  expect(await readFile(path, 'utf8')).toBe(letter);
  expect(await app.api.call('openedFile.copy', { uploadId, folder: folder.archive })).toEqual({
    messageKey: first.messageKey,
    wasThere: true,
  });
  const boats = FolderPath.parse('Boats');
  expect((await app.api.call('openedFile.copy', { uploadId, folder: boats })).wasThere).toBe(false);
  expect((await app.api.call('message.list', { folder: boats })).rows).toMatchObject([
    { subject: 'From the disk', flags: ['seen'] },
  ]);
  expect((await app.api.call('message.list', { folder: folder.archive })).total).toBe(1);
  for (const closed of [folder.quarantine, folder.outbox, folder.drafts])
    await expect(app.api.call('openedFile.copy', { uploadId, folder: closed })).rejects.toThrow('by hand');
});

test.each([
  ['a picture', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'not a message'],
  ['nothing', '', 'not a message'],
  ['a text with colons', 'Shopping: milk\n\nand: bread\n', 'not a message'],
  ['a mailbox', `From dora@away.test Sat Nov 21 10:00:00 2026\n${letter}`, 'mbox'],
])('%s is refused in words, and nothing is filed', async (_, text, words) => {
  const uploadId = await upload(text);
  await expect(app.api.call('openedFile.get', { uploadId })).rejects.toThrow(words);
  await expect(app.api.call('openedFile.copy', { uploadId, folder: folder.trash })).rejects.toThrow(words);
  expect((await app.api.call('message.list', { folder: folder.trash })).total).toBe(0);
});

test('closed, it is gone; and no path can be asked for in its place', async () => {
  const uploadId = await upload(letter);
  await app.api.call('upload.discard', { uploadId });
  await expect(app.api.call('openedFile.get', { uploadId })).rejects.toThrow('Open it again');
  expect((await app.core.handleBlob(new Request(`http://app/blob/message/${openedFileKey(uploadId)}`))).status).toBe(
    404,
  );
  expect(
    (await app.core.handleBlob(new Request('http://app/blob/message/opened-file-..%2Fsettings.json'))).status,
  ).toBe(404);
});

test('a second start with a file has the screens read it; what cannot be read is told in words', async () => {
  const raised = (): Promise<unknown> => new Promise((resolve) => app.api.on('window.raise', resolve));
  const path = join(app.profileDir, 'Grüße #1.eml');
  await writeFile(path, letter);
  const first = raised();
  app.core.raise(pathToFileURL(path).href);
  const { file } = Raised.parse(await first);
  expect(file.fileName).toBe('Grüße #1.eml');
  expect(await app.api.call('openedFile.get', { uploadId: file.uploadId })).toMatchObject({ subject: 'From the disk' });
  for (const url of [pathToFileURL(app.profileDir).href, 'file:///not/there.eml', 'file://elsewhere/%00.eml']) {
    const told = raised();
    app.core.raise(url);
    expect(await told).toEqual({ problem: expect.stringMatching(/\w/) });
  }
});

const Raised = events['window.raise'].required({ file: true });
