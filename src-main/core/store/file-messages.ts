import { createHash } from 'node:crypto';
import type { MessageKey } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import type { MessageOutline } from '../outline.ts';
import type { Backlog } from './backlog.ts';
import { type EngineParts, maxTextOctets } from './engine-parts.ts';
import type { Folders } from './folders.ts';
import { type FolderRow, folderById, storedRow } from './index-read.ts';
import { wordsOf } from './index-words.ts';
import { changeTags, putRemoval, putUniqueId, setMeta, takeBackRemoval } from './ledger.ts';
import { putOutbox } from './ledger-outbox.ts';
import { putQuarantine } from './ledger-quarantine.ts';
import { isRecorded, putArrival } from './ledger-rules.ts';
import type { MailQueue, MailTask } from './mail-queue.ts';
import { mailRootExists, type SubDirectory } from './maildir.ts';
import { digestInKey, fileNameFor, flagsToLetters } from './maildir-names.ts';
import type { Sql } from './sql.ts';
import type { FileOutcome } from './store-api.ts';
import { mapStoreError, systemCode } from './store-errors.ts';
import type { EngineFileRequest } from './store-protocol.ts';
import type { TmpFile } from './tmp-file.ts';

/** So many files are open at once while they are synced; more are filed in slices. */
const sliceFiles = 128;
const sliceOctets = 32 * 1024 * 1024;

/** A message in `tmp/`, synced, with everything the index wants to know. */
interface Staged {
  readonly request: EngineFileRequest;
  readonly folder: FolderRow;
  readonly tmp: TmpFile;
  readonly sizeOctets: number;
  readonly receivedAt: number;
  readonly outline: MessageOutline;
}

/** Files messages durably; see `Store.file`. */
export async function fileMessages(
  parts: EngineParts,
  doors: { queue: MailQueue; folders: Folders; backlog: Backlog },
  requests: readonly EngineFileRequest[],
): Promise<FileOutcome[]> {
  const { queue } = doors;
  if (!mailRootExists(parts.maildir.root)) await queue.look('cheap');
  queue.assertMailFolder();
  const outcomes: FileOutcome[] = [];
  const release = queue.hold();
  // The next slice is written and synced while the one before gets its names and its commit.
  const filed: Promise<FileOutcome[]>[] = [];
  try {
    for (const slice of slices(requests)) {
      const staged = await stage(parts, doors, slice);
      const task = fileTask(parts, doors, slice, staged);
      const run = queue.run(task).catch((error: unknown) => {
        for (const { tmp } of staged.values()) parts.maildir.discardTmp(tmp);
        throw error;
      });
      run.catch(() => undefined);
      filed.push(run);
    }
  } finally {
    await Promise.allSettled(filed);
    release();
    parts.words.wake();
  }
  for (const run of filed) outcomes.push(...(await run));
  return outcomes;
}

function* slices(requests: readonly EngineFileRequest[]): Generator<EngineFileRequest[]> {
  let slice: EngineFileRequest[] = [];
  let octets = 0;
  for (const request of requests) {
    slice.push(request);
    octets += request.bytes.length;
    if (slice.length < sliceFiles && octets < sliceOctets) continue;
    yield slice;
    slice = [];
    octets = 0;
  }
  if (slice.length > 0) yield slice;
}

function isKnown(parts: EngineParts, backlog: Backlog, messageKey: MessageKey): boolean {
  return backlog.has(messageKey) || storedRow(parts.index, messageKey) !== null;
}

/** Writes what is not there yet to `tmp/` and syncs it; outlines are read while the disk is busy. */
async function stage(
  parts: EngineParts,
  { folders, backlog }: { folders: Folders; backlog: Backlog },
  slice: readonly EngineFileRequest[],
): Promise<Map<MessageKey, Staged>> {
  const { maildir } = parts;
  const writing: { request: EngineFileRequest; folder: FolderRow; tmp: Promise<TmpFile>; receivedAt: number }[] = [];
  const keys = new Set<MessageKey>();
  try {
    for (const request of slice) {
      if (keys.has(request.messageKey) || isKnown(parts, backlog, request.messageKey)) continue;
      keys.add(request.messageKey);
      const folder = await folders.ensure(request.folder);
      const receivedAt = Math.round(request.receivedAt ?? Date.now());
      const tmp = maildir.writeTmp(folder.directory, request.bytes, receivedAt);
      // Awaited below; until then a failure must not count as unhandled.
      tmp.catch(() => undefined);
      writing.push({ request, folder, tmp, receivedAt });
    }
    const staged = new Map<MessageKey, Staged>();
    const outlines = await readOutlines(parts, writing);
    if (parts.words.isFull()) parts.words.step();
    for (const [at, { request, folder, tmp, receivedAt }] of writing.entries()) {
      const outline = outlines[at];
      if (outline === undefined) continue;
      const sizeOctets = request.bytes.length;
      staged.set(request.messageKey, { request, folder, tmp: await tmp, receivedAt, sizeOctets, outline });
    }
    return staged;
  } catch (error) {
    for (const written of await Promise.allSettled(writing.map(({ tmp }) => tmp)))
      if (written.status === 'fulfilled') maildir.discardTmp(written.value);
    throw systemCode(error) === 'ENOENT' ? folderGone() : mapStoreError(error);
  }
}

/** Lets the writing go on in between: each of its steps needs a moment of this thread. */
async function readOutlines(
  { readOutline }: EngineParts,
  entries: readonly { request: EngineFileRequest }[],
): Promise<MessageOutline[]> {
  const outlines: MessageOutline[] = [];
  let begun = performance.now();
  for (const { request } of entries) {
    outlines.push(readOutline(request.bytes, { maxTextOctets }));
    if (performance.now() - begun < outlinesForMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    begun = performance.now();
  }
  return outlines;
}

const outlinesForMs = 2;

function folderGone(): MailError {
  return new MailError(
    'EMAILFOLDER',
    'The Mail folder went away while mail was being stored. Nothing was lost; connect its disk and try again.',
  );
}

interface Placed {
  readonly staged: Staged;
  readonly sub: SubDirectory;
  readonly fileName: string;
  readonly letters: string;
  readonly tags: readonly string[];
}

function fileTask(
  parts: EngineParts,
  { queue, backlog }: { queue: MailQueue; backlog: Backlog },
  slice: readonly EngineFileRequest[],
  staged: ReadonlyMap<MessageKey, Staged>,
): MailTask<FileOutcome[]> {
  const placed = new Map<MessageKey, Placed>();
  const takenBack = slice.filter(({ restored }) => restored?.removedAt === null).map(({ messageKey }) => messageKey);
  return {
    ...(takenBack.length === 0
      ? {}
      : {
          before: (ledger) => {
            for (const key of takenBack) if (!isKnown(parts, backlog, key)) takeBackRemoval(ledger, key);
          },
        }),
    apply: (touched, reliedOn) => {
      queue.assertMailFolder();
      for (const request of slice) {
        const entry = staged.get(request.messageKey);
        if (placed.has(request.messageKey)) continue;
        // Looked up again: another call may have filed it since, perhaps in this very batch. Never overwrite.
        if (parts.placing.has(request.messageKey) || isKnown(parts, backlog, request.messageKey)) {
          if (entry !== undefined) parts.maildir.discardTmp(entry.tmp);
          if (request.collected !== undefined) relyOn(parts, backlog, request.messageKey, reliedOn);
          continue;
        }
        if (entry === undefined) throw vanished();
        placed.set(request.messageKey, place(parts, entry, touched));
      }
    },
    record: (ledger) => recordFiled(ledger, slice, placed),
    index: (tx) => {
      for (const { staged: entry, ...where } of placed.values()) {
        const { request, outline, sizeOctets, receivedAt } = entry;
        const { messageKey } = request;
        const digest = digestOf(request);
        const id = tx.insert(entry.folder.id, { ...where, messageKey, sizeOctets, digest, receivedAt, outline });
        parts.words.offer(id, wordsOf(outline));
      }
    },
    result: () =>
      slice.map(({ messageKey }, at) => ({
        messageKey,
        outcome:
          placed.has(messageKey) && slice.findIndex((other) => other.messageKey === messageKey) === at
            ? 'filed'
            : 'already-there',
      })),
  };
}

/**
 * The message is here already and is about to be recorded as safe. Who gave it its name may have died before the folder
 * was synced, or it came from another program: both are synced now.
 */
export function relyOn(parts: EngineParts, backlog: Backlog, messageKey: MessageKey, reliedOn: Set<string>): void {
  const found = backlog.find(messageKey) ?? storedRow(parts.index, messageKey);
  const folder = found === null ? undefined : folderById(parts.index, found.folderId);
  if (found === null || folder === undefined) return;
  reliedOn.add(parts.maildir.path(folder.directory, found.sub, found.fileName));
  reliedOn.add(parts.maildir.subPath(folder.directory, found.sub));
}

/** It was there when the bytes were to be written, and is not any more: another program removed it in between. */
function vanished(): MailError {
  return new MailError('EIO', 'A message changed while it was being stored. Nothing was lost; it is tried again.');
}

function place(parts: EngineParts, entry: Staged, touched: Set<string>): Placed {
  const { maildir } = parts;
  const { request, folder, tmp } = entry;
  const letters = request.restored?.letters ?? flagsToLetters(request.flags);
  const sub = request.restored?.sub ?? (letters === '' ? 'new' : 'cur');
  const isPlain = sub === 'new' && letters === '';
  const fileName = isPlain ? request.messageKey : fileNameFor(request.messageKey, letters, maildir.separator);
  maildir.publish(tmp, { directory: folder.directory, sub, fileName });
  touched.add(maildir.subPath(folder.directory, sub));
  parts.placing.add(request.messageKey);
  return { staged: entry, sub, fileName, letters, tags: [...new Set(request.tags ?? [])].sort() };
}

/** One commit for the whole batch, after the directories were synced. */
function recordFiled(ledger: Sql, slice: readonly EngineFileRequest[], placed: ReadonlyMap<MessageKey, Placed>): void {
  setMeta(ledger, 'hadMail', '1');
  for (const { messageKey, folder, tags, collected, outbox, restored, isArrival, quarantine } of slice) {
    const isNew = placed.has(messageKey) || !isRecorded(ledger, messageKey);
    if (quarantine !== undefined && isNew) putQuarantine(ledger, [{ ...quarantine, messageKey }]);
    if (isArrival === true && isNew) putArrival(ledger, { messageKey, folder, filedAt: Date.now() });
    if (outbox !== undefined) putOutbox(ledger, [outbox]);
    const removedAt = placed.has(messageKey) ? restored?.removedAt : undefined;
    if (typeof removedAt === 'number') putRemoval(ledger, messageKey, removedAt);
    if (tags !== undefined && placed.has(messageKey)) changeTags(ledger, messageKey, tags, []);
    if (collected === undefined) continue;
    // Filed anew, so what the user removed before is not this one.
    if (placed.has(messageKey)) takeBackRemoval(ledger, messageKey);
    putUniqueId(ledger, collected.accountId, { ...collected.entry, messageKey, isRemovedHere: false });
  }
}

/** Our keys end in the digest; for others it is taken from the bytes. */
function digestOf({ messageKey, bytes }: EngineFileRequest): string {
  return digestInKey(messageKey) ?? createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
