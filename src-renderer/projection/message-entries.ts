import {
  Archive,
  Copy,
  Flag,
  FlagOff,
  FolderInput,
  FolderOutput,
  Forward,
  MailOpen,
  MailPlus,
  Pencil,
  Reply,
  ReplyAll,
  RotateCw,
  ShieldCheck,
  ShieldX,
  Tag,
  Trash2,
} from 'lucide-react';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { t } from '../i18n/index.ts';
import type { MenuEntry } from '../ui/menu.tsx';

/** What can be done with messages, wherever it is offered: menus, keys, buttons. */
export interface MessageActs {
  reply(): void;
  replyAll(): void;
  forward(): void;
  edit(): void;
  /** Out of Quarantine, once it was asked. */
  release(): void;
  /** The scanner judges what is in Quarantine again. */
  scanAgain(): void;
  archive(): void;
  remove(): void;
  move(): void;
  copy(): void;
  tag(): void;
  toggleJunk(): void;
  toggleRead(): void;
  toggleFlag(): void;
}

/** The menu of a selection. */
export function messageEntries(rows: readonly MessageSummary[], acts: MessageActs): MenuEntry[] {
  const [first] = rows;
  if (first === undefined) return [];
  const isOne = rows.length === 1;
  const isDraft = rows.every((row) => row.folder === folder.drafts);
  const isJunk = rows.every((row) => row.folder === folder.junk);
  const isHeld = rows.every((row) => row.folder === folder.quarantine);
  const isTrash = isHeld || rows.every((row) => row.folder === folder.trash);
  const isRead = rows.every((row) => row.flags.includes('seen'));
  const isFlagged = rows.every((row) => row.flags.includes('flagged'));
  const writing: MenuEntry[] = [
    { id: 'reply', label: t('messages.reply'), icon: Reply, shortcut: 'R', onAction: acts.reply },
    { id: 'reply-all', label: t('messages.replyAll'), icon: ReplyAll, shortcut: 'A', onAction: acts.replyAll },
    { id: 'forward', label: t('messages.forward'), icon: Forward, shortcut: 'F', onAction: acts.forward },
    { kind: 'separator', id: 'line-1' },
  ];
  return [
    ...(isOne && isDraft ? [entry('edit', t('messages.edit'), Pencil, 'Enter', acts.edit)] : []),
    ...(isOne && !isDraft && !isHeld ? writing : []),
    ...(isHeld ? heldEntries(acts) : filingEntries(isJunk, acts)),
    { kind: 'separator', id: 'line-2' },
    entry(
      'read',
      t(isRead ? 'messages.markUnread' : 'messages.markRead'),
      isRead ? MailPlus : MailOpen,
      'U',
      acts.toggleRead,
    ),
    entry('flag', t(isFlagged ? 'messages.unflag' : 'messages.flag'), isFlagged ? FlagOff : Flag, 'S', acts.toggleFlag),
    entry('tag', t('messages.tag'), Tag, 'T', acts.tag),
    { kind: 'separator', id: 'line-3' },
    {
      id: 'delete',
      label: t(isTrash ? 'messages.deleteForGood' : 'messages.delete'),
      icon: Trash2,
      shortcut: 'Del',
      isDanger: true,
      onAction: acts.remove,
    },
  ];
}

function filingEntries(isJunk: boolean, acts: MessageActs): MenuEntry[] {
  const junk = t(isJunk ? 'messages.notJunk' : 'messages.junk');
  return [
    entry('archive', t('messages.archive'), Archive, 'E', acts.archive),
    entry('move', t('messages.move'), FolderInput, 'M', acts.move),
    entry('copy', t('messages.copy'), Copy, 'Y', acts.copy),
    entry('junk', junk, isJunk ? ShieldCheck : ShieldX, '!', acts.toggleJunk),
  ];
}

/** What lies in Quarantine leaves it by being released or deleted, and in no other way. */
function heldEntries(acts: MessageActs): MenuEntry[] {
  return [
    { id: 'release', label: t('quarantine.releaseAct'), icon: FolderOutput, onAction: acts.release },
    { id: 'scan-again', label: t('quarantine.check'), icon: RotateCw, onAction: acts.scanAgain },
  ];
}

function entry(id: string, label: string, icon: typeof Archive, shortcut: string, onAction: () => void): MenuEntry {
  return { id, label, icon, shortcut, onAction };
}
