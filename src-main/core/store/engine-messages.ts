import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { wholeOctetsOf } from '#shared/mail/beginning.ts';
import { type Engine, freshen, noFolder, notThere } from './engine-doors.ts';
import { fileMessages } from './file-messages.ts';
import * as read from './index-read.ts';
import { searchIndex } from './index-search.ts';
import { replaceBeginning } from './replace-beginning.ts';
import { cannotRead } from './store-errors.ts';
import type { EngineFileRequest, EngineMethods } from './store-protocol.ts';
import { readIfThere } from './word-queue.ts';

/** A key may belong to a file that is still to be read in. */
async function known(engine: Engine, keys: readonly MessageKey[]): Promise<void> {
  const { backlog, parts, queue } = engine;
  const isMissing = (): boolean => keys.some((key) => backlog.has(key) || read.storedRow(parts.index, key) === null);
  if (!isMissing()) return;
  await freshen(engine, true);
  if (!isMissing()) return;
  // Busy, it has not looked; or it could not take up what it found, and that is no reason to call a message gone.
  await queue.look('cheap');
  await backlog.caughtUp();
}

interface Place {
  readonly path: string;
  readonly folder: FolderPath;
  readonly sizeOctets: number;
}

function findPlace({ parts, folders }: Engine, messageKey: MessageKey): Place | null {
  const row = read.storedRow(parts.index, messageKey);
  const folder = row === null ? undefined : folders.byId(row.folderId);
  if (row === null || folder === undefined) return null;
  const path = parts.maildir.path(folder.directory, row.sub, row.fileName);
  return { path, folder: folder.folder, sizeOctets: row.sizeOctets };
}

function whereIs(engine: Engine, messageKey: MessageKey): Place {
  const place = findPlace(engine, messageKey);
  if (place === null) throw notThere();
  return place;
}

async function readBytes(engine: Engine, messageKey: MessageKey): Promise<Uint8Array<ArrayBuffer>> {
  await known(engine, [messageKey]);
  const bytes = readFileOf(engine, messageKey);
  if (bytes !== null) return bytes;
  await engine.queue.look('full');
  const again = readFileOf(engine, messageKey);
  if (again === null) throw notThere();
  return again;
}

/** Null: another program moved or removed it. One that lies there and cannot be read is not called gone. */
function readFileOf(engine: Engine, messageKey: MessageKey): Uint8Array<ArrayBuffer> | null {
  const { path } = whereIs(engine, messageKey);
  try {
    return readIfThere(path);
  } catch (error) {
    throw cannotRead(error);
  }
}

/** Lists and searches: from the index, after what other programs changed was taken up. */
export function listingMethods(
  engine: Engine,
): Pick<
  EngineMethods,
  'listMessages' | 'listKeys' | 'search' | 'knownAddresses' | 'keysByDigest' | 'keysFrom' | 'beginnings'
> {
  const { parts, folders } = engine;
  return {
    async listMessages({ folder, offset, limit }) {
      await freshen(engine);
      const row = folders.find(folder);
      if (row === undefined) throw noFolder(folder);
      return read.listMessages(parts.index, row.id, offset, limit);
    },
    async listKeys(folder) {
      await freshen(engine, true);
      const row = folders.find(folder);
      if (row === undefined) throw noFolder(folder);
      return read.listKeys(parts.index, row.id);
    },
    async search({ query, folder, offset, limit }) {
      await freshen(engine);
      await parts.words.drain();
      const row = folder === undefined ? null : folders.find(folder);
      if (row === undefined) throw noFolder(folder ?? '');
      return searchIndex(parts.index, { query, folderId: row?.id ?? null, offset, limit, now: Date.now() });
    },
    knownAddresses: async (prefix, limit) => read.knownAddresses(parts.index, prefix, limit),
    async keysFrom(prefix) {
      await freshen(engine, true);
      return read.keysFrom(parts.index, prefix);
    },
    async beginnings() {
      await freshen(engine, true);
      return read.beginnings(parts.index);
    },
    async keysByDigest(digest) {
      await freshen(engine, true);
      return read.keysByDigest(parts.index, digest).map(({ messageKey, sizeOctets }) => ({ messageKey, sizeOctets }));
    },
  };
}

/** One message. */
export function readingMethods(
  engine: Engine,
): Pick<EngineMethods, 'summary' | 'present' | 'locate' | 'read' | 'outline'> {
  const { parts, queue } = engine;
  return {
    async present(keys) {
      await known(engine, keys);
      return keys.filter((messageKey) => {
        const place = findPlace(engine, messageKey);
        return place !== null && parts.maildir.isFile(place.path);
      });
    },
    async summary(messageKey) {
      await known(engine, [messageKey]);
      return read.summaryOf(parts.index, messageKey);
    },
    async locate(messageKey) {
      await known(engine, [messageKey]);
      const found = whereIs(engine, messageKey);
      if (parts.maildir.isFile(found.path)) return found;
      await queue.look('full');
      return whereIs(engine, messageKey);
    },
    read: (messageKey) => readBytes(engine, messageKey),
    async outline(messageKey, maxTextOctets) {
      const bytes = await readBytes(engine, messageKey);
      const { folder } = whereIs(engine, messageKey);
      const outline = parts.readOutline(bytes, { maxTextOctets });
      // Whoever asks for the size means the message, also where only its beginning is here.
      const sizeOctets = wholeOctetsOf(messageKey) ?? bytes.length;
      return { folder, sizeOctets, header: headerOf(bytes), outline };
    },
  };
}

/** A header longer than this says nothing a rule asks for. */
const maxHeaderOctets = 256 * 1024;

/** Up to the empty line, whichever line ends the message has. A copy: the rest is not sent along. */
function headerOf(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const ends = [buf.indexOf('\r\n\r\n'), buf.indexOf('\n\n')].filter((at) => at >= 0);
  return bytes.slice(0, Math.min(bytes.length, maxHeaderOctets, ...ends.map((at) => at + 1)));
}

/**
 * The bytes were moved to this thread for filing and lie in files now. Freed at once: the collector of garbage counts such
 * memory and would run a hundred times a gigabyte.
 */
function letGo(messages: readonly EngineFileRequest[]): void {
  for (const { bytes } of messages) if (bytes.byteLength > 0) bytes.buffer.transfer(0);
}

/** Everything that writes to the Mail folder. */
export function changingMethods(
  engine: Engine,
): Pick<EngineMethods, 'file' | 'replaceBeginning' | 'setFlags' | 'setTags' | 'move' | 'destroy'> {
  const { parts, changes } = engine;
  return {
    file: (messages) => fileMessages(parts, engine, messages).finally(() => letGo(messages)),
    replaceBeginning: async (beginning, whole) => {
      await known(engine, [beginning, whole.messageKey]);
      return await replaceBeginning(engine, beginning, whole);
    },
    setFlags: async (keys, add, remove) => {
      await known(engine, keys);
      return await changes.setFlags(keys, add, remove);
    },
    setTags: async (keys, add, remove) => {
      await known(engine, keys);
      return await changes.setTags(keys, add, remove);
    },
    move: async (keys, folder) => {
      await known(engine, keys);
      return await changes.move(keys, folder);
    },
    destroy: async (keys) => {
      await known(engine, keys);
      await changes.destroy(keys);
    },
  };
}
