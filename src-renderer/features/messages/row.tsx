import { ChevronRight, FileDown, Flag, Forward, Paperclip, Reply, TriangleAlert } from 'lucide-react';
import { type DragEvent, type HTMLAttributes, type MouseEvent, memo, type ReactNode } from 'react';
import { wholeOctetsOf } from '#shared/mail/beginning.ts';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { Tag } from '#shared/mail/tag.ts';
import { formatDateFull, formatDateShort, formatList, formatSize, t } from '../../i18n/index.ts';
import type { ListRow, ThreadPlace } from '../../projection/conversation-list.ts';
import { folderLabel } from '../../projection/folder-names.ts';
import { isWhole } from '../../projection/messages.ts';
import { colourOf, inUsersOrder } from '../../projection/tags.ts';
import { Icon, type IconType, Skeleton } from '../../ui/index.ts';
import { TagChip } from '../../ui/tag-chip.tsx';
import { Marked } from './marked.tsx';

export interface RowProps {
  row: ListRow | undefined;
  index: number;
  total: number;
  /** Where it lies in the list, in pixels. */
  top: number;
  isSelected: boolean;
  isCursor: boolean;
  /** Show whom it went to instead of whom it came from. */
  isOutgoing: boolean;
  /** The list is one of conversations. */
  isThreaded: boolean;
  /** Show which folder it is in. */
  showsFolder: boolean;
  /** Words to mark. */
  words: readonly string[];
  /** The tags the user set up. */
  tags: readonly Tag[];
  onPress: (index: number, event: MouseEvent<HTMLElement>) => void;
  onMenu: (index: number, event: MouseEvent<HTMLElement>) => void;
  onDrag: (index: number, event: DragEvent<HTMLElement>) => void;
  onOpen: (index: number) => void;
  onToggle: (index: number) => void;
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
  const wholeOctets = wholeOctetsOf(row.messageKey);
  const marks: (Mark | false)[] = [
    wholeOctets !== null && {
      name: 'beginning',
      icon: FileDown,
      words: t('collecting.beginning.mark', { size: formatSize(wholeOctets) }),
    },
    row.isMalformed && { name: 'malformed', icon: TriangleAlert, words: t('messages.malformed') },
    row.flags.includes('answered') && { name: 'answered', icon: Reply, words: t('messages.answered') },
    row.flags.includes('forwarded') && { name: 'forwarded', icon: Forward, words: t('messages.forwarded') },
    row.hasAttachments && { name: 'attachments', icon: Paperclip, words: t('messages.attachments') },
    row.flags.includes('flagged') && { name: 'flagged', icon: Flag, words: t('messages.flagged') },
  ];
  return marks.filter((mark) => mark !== false);
}

/** Whom a row is about: the sender, or in folders of outgoing mail the recipients; of a closed conversation all who wrote. */
export function whoOf(row: ListRow, isOutgoing: boolean): string {
  const { thread } = row;
  if (thread !== undefined && isWhole(row) && !isOutgoing) {
    const names = thread.participants.map(nameOf).filter((name) => name !== '');
    return names.length === 0 ? t('messages.nobody') : names.join(', ');
  }
  if (!isOutgoing && thread?.isElsewhere !== true) return nameOf(row.from) || t('messages.nobody');
  const names = row.to.map(nameOf).filter((name) => name !== '');
  return names.length === 0 ? t('messages.noRecipient') : t('messages.to', { names: names.join(', ') });
}

function nameOf(address: MessageSummary['from']): string {
  return address.displayName.trim() || address.mailbox;
}

/** The deepest a row is moved in: threads go on for ever, rows do not. */
const deepest = 6;
const stepPx = 14;

/** What a row is to someone who listens: an option of a list, or a row of a tree. */
function roleOf({ row, index, total, isThreaded, isSelected }: RowProps): HTMLAttributes<HTMLElement> {
  const thread = row?.thread;
  if (!isThreaded || thread === undefined)
    return {
      role: isThreaded ? 'row' : 'option',
      'aria-selected': isSelected,
      'aria-setsize': total,
      'aria-posinset': index + 1,
    };
  return {
    role: 'row',
    'aria-selected': isSelected,
    'aria-level': thread.level,
    'aria-posinset': thread.place,
    'aria-setsize': thread.of,
    'aria-expanded': thread.isHead && thread.canOpen ? thread.isOpen : undefined,
  };
}

/** What is said of a row. */
function labelOf(row: ListRow, shown: { who: string; subject: string; date: string; marks: readonly Mark[] }): string {
  const { thread } = row;
  const { who, subject, date } = shown;
  const isUnread = isUnreadRow(row);
  const marks = [isUnread ? t('messages.unread') : '', ...shown.marks.map((mark) => mark.words), ...row.tags];
  if (thread?.isElsewhere === true) marks.push(t('messages.inFolder', { folder: folderLabel(row.folder) }));
  const said = t('messages.rowLabel', { marks: marks.filter(Boolean).join(', '), who, subject, date });
  if (thread === undefined || !isWhole(row)) return said;
  const words = t('messages.conversationOf', { count: thread.count });
  return thread.unread > 0
    ? `${words}, ${t('messages.unreadOf', { count: thread.unread })}: ${said}`
    : `${words}: ${said}`;
}

function isUnreadRow(row: ListRow): boolean {
  return isWhole(row) ? (row.thread?.unread ?? 0) > 0 : !row.flags.includes('seen');
}

/** A message that is not here yet. */
export function PendingRow({ top }: { top?: number }) {
  return (
    <div className="list-row" data-pending="" style={{ top }} aria-hidden="true">
      <Skeleton width="55%" />
      <Skeleton width="85%" height={10} />
    </div>
  );
}

/** One message of the list. */
export const Row = memo(function Row(props: RowProps) {
  const { row, index, words } = props;
  // The same element in both cases: a row that leapt is written into when its message is here.
  if (row === undefined) return PendingRow({ top: props.top });
  const isUnread = isUnreadRow(row);
  const marks = marksOf(row);
  const who = whoOf(row, props.isOutgoing);
  const subject = row.subject === '' ? t('messages.noSubject') : row.subject;
  const { thread } = row;
  const moment = thread !== undefined && isWhole(row) ? thread.newestDate : row.date;
  const date = formatDateShort(moment);
  const inset = Math.min((thread?.level ?? 1) - 1, deepest) * stepPx;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: an option or a row, by `roleOf`; the list holds the focus
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list handles the keys
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: as above
    <div
      id={rowId(index)}
      {...roleOf(props)}
      aria-label={labelOf(row, { who, subject, date, marks })}
      className="list-row"
      data-unread={isUnread ? '' : undefined}
      data-cursor={props.isCursor ? '' : undefined}
      data-elsewhere={thread?.isElsewhere === true ? '' : undefined}
      style={{ top: props.top, '--row-inset': inset === 0 ? undefined : `${inset}px` }}
      draggable
      onDragStart={(event) => props.onDrag(index, event)}
      onClick={(event) => props.onPress(index, event)}
      onDoubleClick={() => props.onOpen(index)}
      onContextMenu={(event) => props.onMenu(index, event)}
    >
      <Cell isThreaded={props.isThreaded}>
        <span className="list-dot">
          {thread?.isHead === true && thread.canOpen && (
            <Twisty {...{ thread, isUnread }} onToggle={() => props.onToggle(index)} />
          )}
        </span>
        <span className="list-line">
          <span className="list-who" dir="auto">
            <Marked text={who} words={words} />
            {thread !== undefined && isWhole(row) && <span className="list-count">{thread.count}</span>}
          </span>
          <time
            className="list-date"
            dateTime={moment}
            onPointerEnter={({ currentTarget }) => {
              currentTarget.title = formatDateFull(moment);
            }}
          >
            {date}
          </time>
        </span>
        <span className="list-line">
          <span className="list-subject" dir="auto">
            <Marked text={subject} words={words} />
            {(props.showsFolder || thread?.isElsewhere === true) && (
              <span className="list-where"> · {folderLabel(row.folder)}</span>
            )}
          </span>
          <span className="list-marks">
            {row.tags.length > 0 && <Tags names={row.tags} all={props.tags} />}
            {marks.map((mark) => (
              <MarkIcon key={mark.name} {...mark} />
            ))}
          </span>
        </span>
        <span className="list-snippet" dir="auto">
          <BeginningWords messageKey={row.messageKey} />
          <Marked text={row.folder === folder.quarantine ? '' : row.snippet} words={words} />
        </span>
      </Cell>
    </div>
  );
});

/** One and the same for all rows that have it: a row that is written anew with the same marks leaves them as they are. */
const MarkIcon = memo(function MarkIcon({ name, icon, words }: Mark) {
  return (
    <span data-mark={name} title={words}>
      <Icon of={icon} />
    </span>
  );
});

const mostTags = 2;

/** The first tags in the user's order, and how many more there are. */
function Tags({ names, all: tags }: { names: readonly string[]; all: readonly Tag[] }) {
  const ordered = inUsersOrder(tags, names);
  return (
    <>
      {ordered.slice(0, mostTags).map((tag) => (
        <TagChip key={tag} name={tag} colour={colourOf(tags, tag)} />
      ))}
      {ordered.length > mostTags && (
        <span className="list-more" title={formatList(ordered.slice(mostTags))}>
          +{ordered.length - mostTags}
        </span>
      )}
    </>
  );
}

/** A row of a tree is made of cells, an option of a list is not. */
function Cell({ isThreaded, children }: { isThreaded: boolean; children: ReactNode }) {
  if (!isThreaded) return children;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list holds the focus
    // biome-ignore lint/a11y/useSemanticElements: rows of a list of any length are no table
    <span role="gridcell" className="list-cell">
      {children}
    </span>
  );
}

/** Opens a conversation by the mouse; the keys go by the list. */
function Twisty({ thread, isUnread, onToggle }: { thread: ThreadPlace; isUnread: boolean; onToggle: () => void }) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: for the mouse; the list handles the keys and says what is open
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <span
      className="list-twisty"
      data-open={thread.isOpen ? '' : undefined}
      data-unread={isUnread ? '' : undefined}
      title={t(thread.isOpen ? 'messages.closeConversation' : 'messages.openConversation')}
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      <Icon of={ChevronRight} />
    </span>
  );
}

/** In front of the first words: what is not to be taken for the whole message. */
function BeginningWords({ messageKey }: { messageKey: string }) {
  const wholeOctets = wholeOctetsOf(messageKey);
  if (wholeOctets === null) return null;
  return <span className="list-beginning">{t('collecting.beginning.row', { size: formatSize(wholeOctets) })} · </span>;
}
