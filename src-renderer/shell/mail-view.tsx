import { useEffect, useState } from 'react';
import type { MessageKey } from '#shared/ids.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { ConversationStrip } from '../features/messages/conversation-strip.tsx';
import { MessagePane } from '../features/messages/message-pane.tsx';
import { TagStrip } from '../features/messages/tag-strip.tsx';
import { AttemptTimeline } from '../features/outbox/attempt-timeline.tsx';
import { NothingOpen, ReadingPane, type ReadingPaneProps } from '../features/reading/reading-pane.tsx';
import { SelectionSummary } from '../features/reading/selection-summary.tsx';
import { SaveSearch } from '../features/search/save-search.tsx';
import { SearchProblems } from '../features/search/search-problems.tsx';
import { t } from '../i18n/index.ts';
import type { MessageActs } from '../projection/message-entries.ts';
import { placeIn, useMessages } from '../projection/messages.ts';
import { clearSelection, useSelection } from '../projection/selection.ts';
import { Splitter } from '../ui/index.ts';
import { focusList } from './focus.ts';

export interface MailViewProps {
  acts: MessageActs;
  signal: ReadingPaneProps['signal'];
  listWidth: number;
  onListWidth: (px: number) => void;
  /** In a narrow window: the message covers the list. */
  isReading: boolean;
  onReading: (isReading: boolean) => void;
  onOpen: (row: MessageSummary) => void;
  onCompose: () => void;
  onCollect: () => void;
  onFrameKey: (event: KeyboardEvent) => void;
}

export const listWidth = { initial: 360, min: 260, max: 720 };

/** The list and what is read. */
export function MailView(props: MailViewProps) {
  const width = props.listWidth;
  const isNarrow = useIsNarrow();
  return (
    <>
      <div className="shell-list" style={isNarrow ? undefined : { inlineSize: width }}>
        <MessagePane
          acts={props.acts}
          onOpen={props.onOpen}
          onCompose={props.onCompose}
          onCollect={props.onCollect}
          searchTools={<SaveSearch />}
          searchProblems={<SearchProblems />}
        />
      </div>
      {!isNarrow && <Splitter label={t('app.listWidth')} size={width} onResize={props.onListWidth} {...listWidth} />}
      <div className="shell-reading">
        <Reading {...props} isNarrow={isNarrow} />
      </div>
    </>
  );
}

function Reading(props: MailViewProps & { isNarrow: boolean }) {
  const selected = useSelection((state) => state.keys);
  const [messageKey] = selected;
  if (messageKey === undefined) return <NothingChosen />;
  return selected.size > 1 ? <Selected {...props} keys={selected} /> : <Message {...props} messageKey={messageKey} />;
}

/** Of an empty list nothing can be chosen; what it says of itself is enough. */
function NothingChosen() {
  const isEmpty = useMessages((state) => state.list.rows.length === 0);
  return isEmpty ? null : <NothingOpen />;
}

function Selected({ keys, acts, onReading }: MailViewProps & { keys: ReadonlySet<MessageKey> }) {
  const rows = useMessages((state) => state.list.rows);
  const chosen = rows.filter((row) => row !== undefined).filter((row) => keys.has(row.messageKey));
  const clear = (): void => {
    clearSelection();
    onReading(false);
    // In a narrow window the list is there from the next frame on.
    requestAnimationFrame(focusList);
  };
  return <SelectionSummary rows={chosen} count={keys.size} acts={acts} onClear={clear} />;
}

function Message(props: MailViewProps & { isNarrow: boolean; messageKey: MessageKey }) {
  const { messageKey } = props;
  // Rows come while one scrolls: only what is read, and where it stands, is of interest.
  const row = useMessages(({ list }) => list.rows[placeIn(list.rows, messageKey)]);
  const nextKey = useMessages(({ list }) => list.rows[placeIn(list.rows, messageKey) + 1]?.messageKey ?? null);
  if (row === undefined) return <NothingChosen />;
  return (
    <ReadingPane
      row={row}
      nextKey={nextKey}
      acts={props.acts}
      signal={props.signal}
      onBack={props.isNarrow ? () => props.onReading(false) : null}
      onFrameKey={props.onFrameKey}
      strip={
        <>
          <ConversationStrip row={row} />
          <TagStrip names={row.tags} />
        </>
      }
      renderAttempts={(attempts) => <AttemptTimeline attempts={attempts} />}
    />
  );
}

const narrow = '(max-width: 999px)';

function useIsNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(narrow).matches);
  useEffect(() => {
    const query = matchMedia(narrow);
    const onChange = (): void => setNarrow(query.matches);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, []);
  return isNarrow;
}
