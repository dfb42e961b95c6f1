import { type DragEvent, type KeyboardEvent, type MouseEvent, useCallback, useEffect, useMemo, useRef } from 'react';
import type { MessageKey } from '#shared/ids.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { Api } from '#shared/rpc/client.ts';
import { useApi } from '../../api.ts';
import type { ListRow } from '../../projection/conversation-list.ts';
import {
  ensureRange,
  keysBetween,
  placeIn,
  placeOf,
  setConversationOpen,
  useMessages,
} from '../../projection/messages.ts';
import { selecting, selectOnly, selectRange, toggleSelected, useSelection } from '../../projection/selection.ts';
import { useTags } from '../../projection/tags.ts';
import { sequenceMs } from '../../ui/key-sequence.ts';
import { messageDragType, writeDraggedKeys } from '../../ui/message-drag.ts';
import { placeForKey } from '../../ui/place-for-key.ts';
import { PendingRow, Row, rowId, whoOf } from './row.tsx';
import { useRowWindow } from './use-window.ts';
import './message-pane.css';

export interface MessageListProps {
  label: string;
  density: 'comfortable' | 'compact';
  isOutgoing: boolean;
  /** Shown as conversations. */
  isThreaded: boolean;
  showsFolder: boolean;
  words: readonly string[];
  onOpen: (row: MessageSummary) => void;
  onMenu: (at: { x: number; y: number }) => void;
}

const rowHeights = { comfortable: 72, compact: 30 } as const;
const typeAheadMs = 700;
/** Rows asked for beyond what is drawn: at least so many, and while one scrolls fast as far as one came of late. */
const aheadRows = { least: 40, most: 400 };
const betweenMs = 80;

/** The rows in view of a list of any length, with selection by mouse and keys. */
export function MessageList(props: MessageListProps) {
  const { density, onOpen, onMenu } = props;
  const api = useApi();
  const rows = useMessages((state) => state.list.rows);
  const tags = useTags();
  const selected = useSelection((state) => state.keys);
  const cursor = useSelection((state) => state.cursor);
  const scroller = useRef<HTMLDivElement>(null);
  const height = rowHeights[density];
  const { from, to, drawn, reveal, pageRows, flight } = useRowWindow(scroller, rows, height);
  // Not at every step of scrolling: the list may be long.
  const cursorAt = useMemo(() => (cursor === null ? -1 : placeIn(rows, cursor)), [rows, cursor]);
  const live = useRef(rows);
  live.current = rows;

  useRowsInSight(api, from, to);

  // Only when the cursor moved: a list that grows above it must not pull the view along.
  const shown = useRef<MessageKey | null>(null);
  useEffect(() => {
    if (cursor !== null && cursorAt >= 0 && shown.current !== cursor) reveal(cursorAt);
    shown.current = cursor;
  }, [cursor, cursorAt, reveal]);

  const goTo = useCallback(
    async (index: number, isExtending: boolean) => {
      if (live.current[index] === undefined) await ensureRange(api, index, index + 1);
      const row = useMessages.getState().list.rows[index];
      if (row === undefined) return;
      const { anchor } = useSelection.getState();
      if (isExtending && anchor !== null) selectRange(await keysBetween(api, placeOf(anchor), index), row.messageKey);
      else selectOnly(row.messageKey);
    },
    [api],
  );

  const onPress = useCallback(
    (index: number, event: MouseEvent<HTMLElement>) => {
      const row = live.current[index];
      if (row === undefined) return;
      scroller.current?.focus();
      if (event.shiftKey) void selecting(goTo(index, true));
      else if (event.ctrlKey || event.metaKey) toggleSelected(row.messageKey);
      else {
        selectOnly(row.messageKey);
        if (event.detail === 1) onOpen(row);
      }
    },
    [goTo, onOpen],
  );
  const onRowMenu = useCallback(
    (index: number, event: MouseEvent<HTMLElement>) => {
      event.preventDefault();
      event.stopPropagation();
      const row = live.current[index];
      if (row !== undefined && !useSelection.getState().keys.has(row.messageKey)) selectOnly(row.messageKey);
      onMenu({ x: event.clientX, y: event.clientY });
    },
    [onMenu],
  );
  const onRowOpen = useCallback(
    (index: number) => {
      const row = live.current[index];
      if (row !== undefined) onOpen(row);
    },
    [onOpen],
  );
  const onToggle = useCallback(
    (index: number) => {
      const row = live.current[index];
      if (row !== undefined) void toggleConversation(api, row, row.thread?.isOpen !== true, index);
    },
    [api],
  );
  const onDrag = useCallback((index: number, event: DragEvent<HTMLElement>) => {
    const row = live.current[index];
    if (row === undefined) return;
    const { keys } = useSelection.getState();
    const dragged = keys.has(row.messageKey) ? [...keys] : [row.messageKey];
    event.dataTransfer.setData(messageDragType, writeDraggedKeys(dragged));
    event.dataTransfer.effectAllowed = 'move';
  }, []);

  const typed = useRef({ text: '', at: 0 });
  const goingAt = useRef(Number.NEGATIVE_INFINITY);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const row = rows[cursorAt];
    const turn = row === undefined ? null : turnForKey(event, row);
    if (row !== undefined && turn !== null) {
      event.preventDefault();
      if (turn === 'open' || turn === 'close') void toggleConversation(api, row, turn === 'open', cursorAt);
      else void goTo(turn === 'in' ? cursorAt + 1 : headAbove(rows, cursorAt), false);
      return;
    }
    const target = placeForKey(event, cursorAt, rows.length, pageRows);
    if (target !== null) {
      event.preventDefault();
      void selecting(goTo(target, event.shiftKey));
      return;
    }
    if (event.key === ' ' && event.ctrlKey && cursor !== null) {
      event.preventDefault();
      toggleSelected(cursor);
      return;
    }
    const isTypingOn = Date.now() - typed.current.at < typeAheadMs && typed.current.text !== '';
    const isGoing = event.timeStamp - goingAt.current < sequenceMs;
    goingAt.current = !isTypingOn && event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
    // The letter after G is a command's, whatever it is.
    if (isGoing || !isLetter(event) || (!isTypingOn && boundLetters.has(event.key.toLowerCase()))) return;
    // While a name is being typed its letters are letters, not commands.
    event.preventDefault();
    event.stopPropagation();
    typed.current = { text: (isTypingOn ? typed.current.text : '') + event.key.toLowerCase(), at: Date.now() };
    const hit = findByName(rows, typed.current.text, Math.max(0, cursorAt), props.isOutgoing);
    if (hit >= 0) void goTo(hit, false);
  };

  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a list of options or a tree of rows */}
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: as above */}
      <div
        ref={scroller}
        className="list-scroll"
        data-density={density}
        style={{ '--row-height': `${height}px` }}
        role={props.isThreaded ? 'treegrid' : 'listbox'}
        aria-multiselectable="true"
        aria-label={props.label}
        aria-activedescendant={cursorAt >= from && cursorAt < to ? rowId(cursorAt) : undefined}
        tabIndex={0}
        data-message-list=""
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          // By Tab; a press of the mouse chooses for itself.
          if (event.currentTarget.matches(':focus-visible') && cursorAt < 0 && rows.length > 0)
            void goTo(Math.min(rows.length - 1, from === 0 ? 0 : from + 8), false);
        }}
        onContextMenu={(event) => {
          event.preventDefault();
          const box = scroller.current?.getBoundingClientRect();
          if (box !== undefined && selected.size > 0)
            onMenu({
              x: box.left + 40,
              y: box.top + Math.max(0, cursorAt + 1) * height - (scroller.current?.scrollTop ?? 0),
            });
        }}
      >
        <div className="list-room" role="presentation" style={{ blockSize: rows.length * height }}>
          {drawn.map(({ place: index, slot }) => {
            const row = rows[index];
            return (
              <Row
                key={slot}
                row={row}
                tags={tags}
                index={index}
                total={rows.length}
                top={index * height}
                isSelected={row !== undefined && selected.has(row.messageKey)}
                isCursor={row !== undefined && row.messageKey === cursor}
                isOutgoing={props.isOutgoing}
                isThreaded={props.isThreaded}
                showsFolder={props.showsFolder}
                words={props.words}
                onPress={onPress}
                onMenu={onRowMenu}
                onDrag={onDrag}
                onOpen={onRowOpen}
                onToggle={onToggle}
              />
            );
          })}
        </div>
      </div>
      {flight !== null && <Flight {...flight} density={density} />}
    </>
  );
}

/** Over the list while one flies past it: rows to come. */
function Flight({ rows, width, density }: { rows: number; width: number; density: keyof typeof rowHeights }) {
  const style = { inlineSize: width, '--row-height': `${rowHeights[density]}px` };
  return (
    <div className="list-flight" data-density={density} aria-hidden="true" style={style}>
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all are alike
        <PendingRow key={at} />
      ))}
    </div>
  );
}

/** Rows are asked for ahead of where one scrolls to, the further the faster, and not for every place one flies past. */
function useRowsInSight(api: Api, from: number, to: number): void {
  const asked = useRef({ at: 0, from });
  useEffect(() => {
    const ask = (): void => {
      const came = from - asked.current.from;
      asked.current = { at: performance.now(), from };
      // After a leap nothing is known of where one goes next.
      const isLeap = Math.abs(came) > aheadRows.most;
      const ahead = isLeap ? aheadRows.least : Math.min(aheadRows.most, Math.max(aheadRows.least, Math.abs(came) * 3));
      const [above, below] = came < 0 ? [ahead, aheadRows.least] : [aheadRows.least, ahead];
      void ensureRange(api, Math.max(0, from - above), to + below);
    };
    const timer = setTimeout(ask, Math.max(0, asked.current.at + betweenMs - performance.now()));
    return () => clearTimeout(timer);
  }, [api, from, to]);
}

/** Opens or closes a conversation; the cursor stays where it is, on the first of its messages or on all of it. */
async function toggleConversation(api: Api, row: ListRow, isOpen: boolean, at: number): Promise<void> {
  const place = isOpen ? at : headAbove(useMessages.getState().list.rows, at);
  await setConversationOpen(api, row, isOpen);
  const there = useMessages.getState().list.rows[place];
  if (there !== undefined) selectOnly(there.messageKey);
}

function headAbove(rows: readonly (ListRow | undefined)[], at: number): number {
  let head = at;
  while (head > 0 && rows[head]?.thread?.isHead === false) head -= 1;
  return head;
}

/** What the arrows to the side do in a list of conversations. */
function turnForKey(event: KeyboardEvent, { thread }: ListRow): 'open' | 'close' | 'in' | 'out' | null {
  if (thread === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return null;
  const isRightToLeft =
    getComputedStyle(event.currentTarget instanceof Element ? event.currentTarget : document.body).direction === 'rtl';
  const inward = isRightToLeft ? 'ArrowLeft' : 'ArrowRight';
  const outward = isRightToLeft ? 'ArrowRight' : 'ArrowLeft';
  if (event.key === inward && thread.isHead) return thread.isOpen ? 'in' : thread.canOpen ? 'open' : null;
  if (event.key === outward && thread.isHead) return thread.isOpen ? 'close' : null;
  return event.key === outward ? 'out' : null;
}

/** Letters that are commands wherever the focus is. */
const boundLetters = new Set([
  'y',
  't',
  'w',
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '9',
  'j',
  'k',
  'r',
  'a',
  'f',
  'c',
  'e',
  'u',
  's',
  'g',
  'm',
  'p',
  'x',
  'n',
  'z',
  'i',
  'v',
]);

function isLetter(event: KeyboardEvent): boolean {
  return /^[\p{L}\p{N}]$/u.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
}

function findByName(
  rows: readonly (MessageSummary | undefined)[],
  text: string,
  from: number,
  isOutgoing: boolean,
): number {
  const fits = (row: MessageSummary | undefined): boolean =>
    row !== undefined &&
    (whoOf(row, isOutgoing).toLowerCase().startsWith(text) || row.subject.toLowerCase().startsWith(text));
  const after = rows.findIndex((row, index) => index >= from && fits(row));
  return after >= 0 ? after : rows.findIndex(fits);
}
