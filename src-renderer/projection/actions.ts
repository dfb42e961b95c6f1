import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import type { Flag } from '#shared/mail/message.ts';
import type { Api } from '#shared/rpc/client.ts';
import { errorText, t } from '../i18n/index.ts';
import { offerUndo, showToast } from '../ui/toasts.tsx';
import { folderLabel } from './folder-names.ts';
import { changeRows, dropRows, placeOf, refreshList, useMessages } from './messages.ts';
import { inPortions } from './portions.ts';
import { clearSelection, selectOnly, useSelection } from './selection.ts';

/** What a person does to messages. Shown at once, undone when the store says no. */

/** Answers which were otherwise before: what undo is for, in a closed conversation too, whose messages are not all here. */
export async function setFlag(api: Api, keys: readonly MessageKey[], flag: Flag, isOn: boolean): Promise<MessageKey[]> {
  const changed: MessageKey[] = [];
  if (keys.length === 0) return changed;
  await orSay(api, () =>
    inPortions(keys, t('messages.changing', { count: keys.length }), async (messageKeys) => {
      changeRows(messageKeys, (row) => {
        const others = row.flags.filter((other) => other !== flag);
        return { ...row, flags: isOn ? [...others, flag] : others };
      });
      const answer = await api.call('message.setFlags', {
        messageKeys,
        add: isOn ? [flag] : [],
        remove: isOn ? [] : [flag],
      });
      changed.push(...answer.changed);
    }),
  );
  return changed;
}

/** The same as an act of a person, who can take it back: those that were so already stay so. */
export async function markMessages(api: Api, keys: readonly MessageKey[], flag: Flag, isOn: boolean): Promise<void> {
  const changed = await setFlag(api, keys, flag, isOn);
  const text = markedText(changed.length, flag, isOn);
  if (text !== null && changed.length > 0) offerUndo(text, () => void setFlag(api, changed, flag, !isOn));
}

function markedText(count: number, flag: Flag, isOn: boolean): string | null {
  if (flag === 'seen') return t(isOn ? 'messages.readCount' : 'messages.unreadCount', { count });
  if (flag === 'flagged') return t(isOn ? 'messages.flaggedCount' : 'messages.unflaggedCount', { count });
  return null;
}

/** Copies messages, and offers to take the copies away again. */
export async function copyMessages(api: Api, keys: readonly MessageKey[], to: FolderPath): Promise<void> {
  const copies: MessageKey[] = [];
  await orSay(api, () =>
    inPortions(keys, t('messages.copying', { count: keys.length }), async (messageKeys) => {
      const made = await api.call('message.copy', { messageKeys, folder: to });
      copies.push(...made.copies);
    }),
  );
  const text = t('messages.copiedCount', { count: copies.length, folder: folderLabel(to) });
  if (copies.length > 0) offerUndo(text, () => void orSay(api, () => destroyCopies(api, copies)));
}

async function destroyCopies(api: Api, copies: readonly MessageKey[]): Promise<void> {
  await api.call('message.move', { messageKeys: [...copies], folder: fixed.trash });
  await api.call('message.destroy', { messageKeys: [...copies] });
}

type Moved = { messageKey: MessageKey; from: FolderPath };

/** What lies in Quarantine goes nowhere by the way, neither by key nor by hand: it is released or deleted. Says so. */
export function isHeldBack(keys: readonly MessageKey[]): boolean {
  const { source, rows } = useMessages.getState().list;
  const asked = new Set(keys);
  // Of a long list not every row is here; of what a search found elsewhere, the store says the same.
  const isHeld =
    (source.kind === 'folder' && source.folder === fixed.quarantine && keys.length > 0) ||
    rows.some((row) => row !== undefined && row.folder === fixed.quarantine && asked.has(row.messageKey));
  if (isHeld) showToast({ text: t('quarantine.stays') });
  return isHeld;
}

/** Moves messages and offers to undo it. The cursor goes to the next message, so that reading goes on. */
export async function moveMessages(api: Api, keys: readonly MessageKey[], to: FolderPath): Promise<void> {
  if (keys.length === 0 || isHeldBack(keys)) return;
  goOn(keys);
  const back: Moved[] = [];
  await orSay(api, () =>
    inPortions(keys, t('messages.moving', { count: keys.length }), async (messageKeys) => {
      dropRows(messageKeys, to);
      const { moved } = await api.call('message.move', { messageKeys, folder: to });
      back.push(...moved.filter(({ from }) => from !== to));
    }),
  );
  // Stopped or failed half-way, what went can still come back.
  if (back.length > 0) offerUndo(movedText(back.length, to), () => void orSay(api, () => putBack(api, back)));
}

function movedText(count: number, to: FolderPath): string {
  if (to === fixed.trash) return t('messages.deletedCount', { count });
  if (to === fixed.archive) return t('messages.archivedCount', { count });
  if (to === fixed.junk) return t('messages.junkedCount', { count });
  return t('messages.movedCount', { count, folder: folderLabel(to) });
}

/** Moves messages to where each was. */
export async function putBack(api: Api, moved: readonly Moved[]): Promise<void> {
  const byFolder = Map.groupBy(moved, ({ from }) => from);
  for (const [folder, entries] of byFolder) {
    const keys = entries.map(({ messageKey }) => messageKey);
    await inPortions(keys, t('messages.moving', { count: keys.length }), async (messageKeys) => {
      await api.call('message.move', { messageKeys, folder });
    });
  }
  const first = moved[0];
  if (first !== undefined && moved.length === 1) selectOnly(first.messageKey);
}

/** For good; the caller has asked. */
export async function destroyMessages(api: Api, keys: readonly MessageKey[]): Promise<void> {
  if (keys.length === 0) return;
  goOn(keys);
  await orSay(api, () =>
    inPortions(keys, t('messages.deleting', { count: keys.length }), async (messageKeys) => {
      dropRows(messageKeys, fixed.trash);
      await api.call('message.destroy', { messageKeys });
    }),
  );
}

/** To the folder each was for, whatever the scanner said; the caller has asked. */
export async function releaseMessages(api: Api, keys: readonly MessageKey[]): Promise<void> {
  if (keys.length === 0) return;
  goOn(keys);
  const released: FolderPath[] = [];
  await orSay(api, () =>
    inPortions(keys, t('quarantine.releasing', { count: keys.length }), async (messageKeys) => {
      const answer = await api.call('quarantine.release', { messageKeys });
      released.push(...answer.released.map(({ folder }) => folder));
    }),
  );
  const [first] = released;
  if (first === undefined) return;
  const isOneFolder = released.every((folder) => folder === first);
  const text = isOneFolder
    ? t('quarantine.releasedCount', { count: released.length, folder: folderLabel(first) })
    : t('quarantine.releasedApart', { count: released.length });
  showToast({ text, lastsMs: 4000 });
}

/** Asks the scanner about what lies in Quarantine once more. */
export async function scanAgain(api: Api, keys: readonly MessageKey[]): Promise<void> {
  await orSay(api, async () => {
    await api.call('quarantine.check', { messageKeys: [...keys] });
    showToast({ text: t('quarantine.checking'), lastsMs: 4000 });
  });
}

/** Puts the cursor on the message that follows those that are about to go. */
function goOn(keys: readonly MessageKey[]): void {
  const { list } = useMessages.getState();
  if (list.source.kind === 'search') return;
  const gone = new Set(keys);
  const { cursor } = useSelection.getState();
  const at = cursor === null ? -1 : placeOf(cursor);
  const isFree = (row: (typeof list.rows)[number]): boolean => row !== undefined && !gone.has(row.messageKey);
  const next = list.rows.slice(at + 1).find(isFree) ?? list.rows.slice(0, Math.max(0, at)).findLast(isFree);
  if (next === undefined || cursor === null) clearSelection();
  else if (gone.has(cursor)) selectOnly(next.messageKey);
}

/** Says what went wrong and shows the store's truth again. */
export async function orSay(api: Api, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    sayError(error);
    await refreshList(api);
  }
}

export function sayError(error: unknown): void {
  const { headline, meaning } = errorText(error);
  showToast({ text: `${headline}. ${meaning}` });
}
