import { Archive, Folder, Inbox, NotebookPen, Send, SendHorizontal, ShieldAlert, ShieldX, Trash2 } from 'lucide-react';
import { folder } from '#shared/mail/folder.ts';
import { t } from '../../i18n/index.ts';
import { type FolderNode, fixedFolderOf } from '../../projection/folder-names.ts';
import type { IconType } from '../../ui/index.ts';

const icons = {
  Inbox,
  Drafts: NotebookPen,
  Outbox: SendHorizontal,
  Sent: Send,
  Archive,
  Junk: ShieldX,
  Trash: Trash2,
} as const;

export function folderIcon(path: string): IconType {
  const fixed = fixedFolderOf(path);
  if (path === folder.quarantine) return ShieldAlert;
  return fixed === undefined ? Folder : icons[fixed];
}

export interface FolderCount {
  shown: string;
  words: string;
  isUnread: boolean;
}

/** The one number worth showing beside a folder: what is unread; for drafts and the Outbox how many there are; else nothing. */
export function folderCount(node: FolderNode, outboxCount: number): FolderCount | null {
  const fixed = fixedFolderOf(node.path);
  const total = fixed === 'Outbox' ? outboxCount : (node.summary?.total ?? 0);
  if (fixed === 'Outbox' || fixed === 'Drafts')
    return total === 0
      ? null
      : { shown: short(total), words: t('folders.messages', { count: total }), isUnread: false };
  const unread = node.summary?.unread ?? 0;
  if (unread === 0 || fixed === 'Sent' || fixed === 'Trash') return null;
  return { shown: short(unread), words: t('folders.unread', { count: unread }), isUnread: fixed !== 'Junk' };
}

function short(count: number): string {
  return new Intl.NumberFormat(undefined, { notation: count > 99_999 ? 'compact' : 'standard' }).format(count);
}
