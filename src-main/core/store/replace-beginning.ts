import { unlinkSync } from 'node:fs';
import type { MessageKey } from '#shared/ids.ts';
import type { MessageOutline } from '../outline.ts';
import { type Engine, notThere } from './engine-doors.ts';
import { maxTextOctets } from './engine-parts.ts';
import { relyOn } from './file-messages.ts';
import { type FolderRow, storedRow } from './index-read.ts';
import type { StoredRow } from './index-rows.ts';
import { wordsOf } from './index-words.ts';
import { changeTags, forgetTags, isRemoved, putRemoval, putUniqueId, tagsOf, takeBackRemoval } from './ledger.ts';
import { putQuarantine, quarantineRecord } from './ledger-quarantine.ts';
import { isRecorded, moveArrival } from './ledger-rules.ts';
import type { MailTask } from './mail-queue.ts';
import { digestInKey, fileNameFor } from './maildir-names.ts';
import type { Sql } from './sql.ts';
import type { FileOutcome } from './store-api.ts';
import { systemCode } from './store-errors.ts';
import type { EngineFileRequest } from './store-protocol.ts';
import type { TmpFile } from './tmp-file.ts';

interface Whole {
  readonly tmp: TmpFile;
  readonly sizeOctets: number;
  readonly receivedAt: number;
  readonly outline: MessageOutline;
}

/**
 * Puts a whole message where its beginning lies. The order, so that a crash loses nothing anywhere: the bytes synced,
 * their name given, the directory synced, the ledger told of the whole message, and only then the beginning removed. A
 * beginning that a crash leaves beside its whole message is put away by the next call of the same.
 */
export async function replaceBeginning(
  engine: Engine,
  beginning: MessageKey,
  request: EngineFileRequest,
): Promise<FileOutcome> {
  const { parts, queue, folders } = engine;
  queue.assertMailFolder();
  const release = queue.hold();
  let whole: Whole | null = null;
  try {
    whole = isHere(engine, request.messageKey) ? null : await stage(engine, beginning, request);
    // What a scanner is to judge first goes to where it waits for that, not to where its beginning lies.
    const held = request.quarantine === undefined ? null : await folders.ensure(request.folder);
    return await queue.run(replaceTask(engine, beginning, request, { whole, held }));
  } catch (error) {
    if (whole !== null) parts.maildir.discardTmp(whole.tmp);
    throw error;
  } finally {
    release();
    parts.words.wake();
  }
}

function isHere({ parts, backlog }: Engine, messageKey: MessageKey): boolean {
  return backlog.has(messageKey) || storedRow(parts.index, messageKey) !== null;
}

async function stage(engine: Engine, beginning: MessageKey, request: EngineFileRequest): Promise<Whole> {
  const { parts } = engine;
  const { directory } = placeOf(engine, beginning);
  const receivedAt = Math.round(request.receivedAt ?? Date.now());
  const sizeOctets = request.bytes.length;
  const tmp = await parts.maildir.writeTmp(directory, request.bytes, receivedAt);
  return { tmp, sizeOctets, receivedAt, outline: parts.readOutline(request.bytes, { maxTextOctets }) };
}

function placeOf({ parts, folders }: Engine, messageKey: MessageKey): { row: StoredRow; directory: string } {
  const row = parts.moving.get(messageKey) ?? storedRow(parts.index, messageKey);
  const folder = row === null ? undefined : folders.byId(row.folderId);
  if (row === null || folder === undefined) throw notThere();
  return { row, directory: folder.directory };
}

function replaceTask(
  engine: Engine,
  beginning: MessageKey,
  request: EngineFileRequest,
  { whole, held }: { readonly whole: Whole | null; readonly held: FolderRow | null },
): MailTask<FileOutcome> {
  const { parts, queue, backlog } = engine;
  const { messageKey } = request;
  let placed: { row: StoredRow; folderId: number; fileName: string } | null = null;
  let isHeldHere = false;
  return {
    apply: (touched, reliedOn) => {
      queue.assertMailFolder();
      const { row, directory: before } = placeOf(engine, beginning);
      if (whole === null || parts.placing.has(messageKey) || isHere(engine, messageKey)) {
        if (whole !== null) parts.maildir.discardTmp(whole.tmp);
        relyOn(parts, backlog, messageKey, reliedOn);
        const here = backlog.find(messageKey) ?? storedRow(parts.index, messageKey);
        isHeldHere = held !== null && here?.folderId === held.id;
        return;
      }
      const directory = held?.directory ?? before;
      const isPlain = row.sub === 'new' && row.letters === '';
      const fileName = isPlain ? messageKey : fileNameFor(messageKey, row.letters, parts.maildir.separator);
      parts.maildir.publish(whole.tmp, { directory, sub: row.sub, fileName });
      touched.add(parts.maildir.subPath(directory, row.sub));
      parts.placing.add(messageKey);
      placed = { row, folderId: held?.id ?? row.folderId, fileName };
    },
    record: (ledger) => recordWhole(ledger, beginning, request, { isPlaced: placed !== null, isHeldHere }),
    index: (tx) => {
      if (placed !== null && whole !== null) {
        const { row, folderId, fileName } = placed;
        const { outline, sizeOctets, receivedAt } = whole;
        const tags = tagsOf(parts.ledger, messageKey);
        const digest = digestInKey(messageKey) ?? '';
        const { sub, letters } = row;
        const fresh = { messageKey, sub, fileName, letters, sizeOctets, digest, receivedAt, tags, outline };
        parts.words.offer(tx.insert(folderId, fresh), wordsOf(outline));
      }
      const here = placed === null ? storedRow(parts.index, messageKey) : null;
      if (here !== null) tx.setTags(here, tagsOf(parts.ledger, messageKey));
      const last = storedRow(parts.index, beginning);
      if (last === null) return;
      unlinkRow(engine, last);
      tx.remove(last);
    },
    result: () => ({ messageKey, outcome: placed === null ? 'already-there' : 'filed' }),
  };
}

/** What was said of the beginning is said of the whole message from now on. */
function recordWhole(
  ledger: Sql,
  beginning: MessageKey,
  request: EngineFileRequest,
  { isPlaced, isHeldHere }: { readonly isPlaced: boolean; readonly isHeldHere: boolean },
): void {
  const { messageKey, collected, quarantine } = request;
  // Who gave it its name died before this commit: it waits to be judged, and for the rules, as if it came now.
  const isUnjudged = isHeldHere && quarantineRecord(ledger, messageKey) === null;
  changeTags(ledger, messageKey, tagsOf(ledger, beginning), []);
  if (isPlaced) {
    if (isRemoved(ledger, beginning)) putRemoval(ledger, messageKey, Date.now());
    else takeBackRemoval(ledger, messageKey);
  }
  if (isPlaced || !isRecorded(ledger, messageKey)) moveArrival(ledger, beginning, messageKey);
  if (quarantine !== undefined && (isPlaced || isUnjudged)) putQuarantine(ledger, [{ ...quarantine, messageKey }]);
  if (collected !== undefined)
    putUniqueId(ledger, collected.accountId, { ...collected.entry, messageKey, isRemovedHere: false });
  forgetTags(ledger, beginning);
  takeBackRemoval(ledger, beginning);
}

/** What is left of it after a crash, or because another program holds it, is only a beginning too many. */
function unlinkRow({ parts, folders }: Engine, row: StoredRow): void {
  const folder = folders.byId(row.folderId);
  if (folder === undefined) return;
  const path = parts.maildir.path(folder.directory, row.sub, row.fileName);
  parts.kept.keep(row.messageKey, path);
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') parts.log.warn('A beginning could not be removed.', { reason: String(error) });
  }
}
