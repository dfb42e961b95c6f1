import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import type { Log } from '../../ports.ts';
import { testResources } from '../../testing/workers.ts';
import { openStore } from '../open-store.ts';
import type { FileRequest, Store } from '../store-api.ts';

export const workerUrl = testResources.worker('store-worker');

export const inbox = FolderPath.parse('Inbox');
export const folderPath = (path: string): FolderPath => FolderPath.parse(path);

/** A profile in a directory of its own, with the log kept for the test to read. */
export interface Home {
  readonly path: string;
  readonly profileDir: string;
  readonly mailFolder: string;
  readonly logged: string[];
  open(): Promise<Store>;
  remove(): void;
}

export function makeHome(parent = tmpdir()): Home {
  const path = mkdtempSync(join(parent, 'postrider-store-'));
  const logged: string[] = [];
  const log: Log = {
    info: (message) => void logged.push(message),
    warn: (message) => void logged.push(message),
    error: (message, error) => void logged.push(`${message} ${String(error)}`),
  };
  const profileDir = join(path, 'profile');
  const mailFolder = join(path, 'Mail');
  return {
    path,
    profileDir,
    mailFolder,
    logged,
    open: () => openStore({ profileDir, mailFolder, workerUrl, log }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** An RFC 5322 message, CRLF throughout. */
export function mail(subject: string, body = 'Hello.', fields: Record<string, string> = {}): Uint8Array<ArrayBuffer> {
  const header = {
    From: 'Ann <ann@example.com>',
    To: 'bob@example.org',
    Subject: subject,
    Date: 'Mon, 01 Jan 2024 10:00:00 +0000',
    'Content-Type': 'text/plain; charset=utf-8',
    ...fields,
  };
  const lines = Object.entries(header).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`]));
  return new Uint8Array(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}\r\n`));
}

export function keyOf(name: string, bytes: Uint8Array): MessageKey {
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return MessageKey.parse(`${createHash('md5').update(name).digest('hex')}-${digest}`);
}

/** A request to file `bytes` under a key made of its name. */
export function request(name: string, bytes = mail(name), extra: Partial<FileRequest> = {}): FileRequest {
  return { folder: inbox, messageKey: keyOf(name, bytes), bytes, flags: [], ...extra };
}

/** Everything a screen could show of the whole store, for comparing. */
export async function everything(store: Store): Promise<unknown> {
  const folders = await store.listFolders();
  const rows = await Promise.all(
    folders.map(async ({ folder }) => (await store.listMessages({ folder, offset: 0, limit: 10_000 })).rows),
  );
  return {
    folders,
    rows,
    conversations: await conversationsIn(store),
    addresses: await store.knownAddresses('', 10_000),
  };
}

/** Every conversation of every folder, in the order of the lists; their ids hold only as long as the index. */
export async function conversationsIn(store: Store): Promise<unknown> {
  const folders = await store.listFolders();
  return Promise.all(
    folders.map(async ({ folder }) => {
      const { rows, total } = await store.listConversations({ folder, offset: 0, limit: 10_000 });
      const shown = rows.map(async ({ newest, count, unread, participants }) => {
        const tree = await store.conversation(newest.messageKey, folder);
        const messages = tree?.messages.map(({ summary, depth }) => `${depth} ${summary.messageKey}`);
        return { newest: newest.messageKey, count, unread, participants, messages };
      });
      return { folder, total, rows: await Promise.all(shown) };
    }),
  );
}
