import { Flag, Forward, Paperclip, Reply, TriangleAlert } from 'lucide-react';
import { type DragEvent, type MouseEvent, memo } from 'react';
import type { MessageSummary } from '#shared/mail/message.ts';
import { formatDateFull, formatDateShort, t } from '../../i18n/index.ts';
import { folderLabel } from '../../projection/folder-names.ts';
import { Icon, type IconType, Skeleton } from '../../ui/index.ts';
import { Marked } from './marked.tsx';

export interface RowProps {
  row: MessageSummary | undefined;
  index: number;
  total: number;
  height: number;
  isSelected: boolean;
  isCursor: boolean;
  /** Show whom it went to instead of whom it came from. */
  isOutgoing: boolean;
  /** Show which folder it is in. */
  showsFolder: boolean;
  /** Words to mark. */
  words: readonly string[];
  onPress: (index: number, event: MouseEvent<HTMLElement>) => void;
  onMenu: (index: number, event: MouseEvent<HTMLElement>) => void;
  onDrag: (index: number, event: DragEvent<HTMLElement>) => void;
  onOpen: (index: number) => void;
}

export function rowId(index: number): string {
  return `message-row-${index}`;
}

interface Mark {
  name: string;
  icon: IconType;
  words: string;
}

function marksOf(row: MessageSummary): Mark[] {
  const marks: (Mark | false)[] = [
    row.isMalformed && { name: 'malformed', icon: TriangleAlert, words: t('messages.malformed') },
    row.flags.includes('answered') && { name: 'answered', icon: Reply, words: t('messages.answered') },
    row.flags.includes('forwarded') && { name: 'forwarded', icon: Forward, words: t('messages.forwarded') },
    row.hasAttachments && { name: 'attachments', icon: Paperclip, words: t('messages.attachments') },
    row.flags.includes('flagged') && { name: 'flagged', icon: Flag, words: t('messages.flagged') },
  ];
  return marks.filter((mark) => mark !== false);
}

/** Whom a row is about: the sender, or in folders of outgoing mail the recipients. */
export function whoOf(row: MessageSummary, isOutgoing: boolean): string {
  if (!isOutgoing) return nameOf(row.from) || t('messages.nobody');
  const names = row.to.map(nameOf).filter((name) => name !== '');
  return names.length === 0 ? t('messages.noRecipient') : t('messages.to', { names: names.join(', ') });
}

function nameOf(address: MessageSummary['from']): string {
  return address.displayName.trim() || address.mailbox;
}

/** One message of the list. */
export const Row = memo(function Row(props: RowProps) {
  const { row, index, height, words } = props;
  const style = { top: index * height, height };
  if (row === undefined)
    return (
      <div className="list-row" data-pending="" style={style} aria-hidden="true">
        <Skeleton width="55%" />
        <Skeleton width="85%" height={10} />
      </div>
    );
  const isUnread = !row.flags.includes('seen');
  const marks = marksOf(row);
  const who = whoOf(row, props.isOutgoing);
  const subject = row.subject === '' ? t('messages.noSubject') : row.subject;
  const spoken = [isUnread ? t('messages.unread') : '', ...marks.map((mark) => mark.words)].filter(Boolean).join(', ');
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list holds the focus and points here (aria-activedescendant)
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list handles the keys
    <div
      id={rowId(index)}
      role="option"
      aria-selected={props.isSelected}
      aria-setsize={props.total}
      aria-posinset={index + 1}
      aria-label={t('messages.rowLabel', { marks: spoken, who, subject, date: formatDateShort(row.date) })}
      className="list-row"
      data-unread={isUnread ? '' : undefined}
      data-cursor={props.isCursor ? '' : undefined}
      style={style}
      draggable
      onDragStart={(event) => props.onDrag(index, event)}
      onClick={(event) => props.onPress(index, event)}
      onDoubleClick={() => props.onOpen(index)}
      onContextMenu={(event) => props.onMenu(index, event)}
    >
      <span className="list-dot" />
      <span className="list-who" dir="auto">
        <Marked text={who} words={words} />
      </span>
      <time className="list-date" dateTime={row.date} title={formatDateFull(row.date)}>
        {formatDateShort(row.date)}
      </time>
      <span className="list-subject" dir="auto">
        <Marked text={subject} words={words} />
        {props.showsFolder && <span className="list-where"> · {folderLabel(row.folder)}</span>}
      </span>
      <span className="list-marks">
        {row.tags.slice(0, 2).map((tag) => (
          <span key={tag} className="list-tag">
            {tag}
          </span>
        ))}
        {marks.map((mark) => (
          <span key={mark.name} data-mark={mark.name} title={mark.words} style={{ display: 'grid' }}>
            <Icon of={mark.icon} />
          </span>
        ))}
      </span>
      <span className="list-snippet" dir="auto">
        <Marked text={row.snippet} words={words} />
      </span>
    </div>
  );
});
