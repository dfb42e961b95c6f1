import { type DragEvent, type KeyboardEvent, type MouseEvent, useCallback, useEffect, useRef } from 'react';
import type { MessageKey } from '#shared/ids.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { Api } from '#shared/rpc/client.ts';
import { useApi } from '../../api.ts';
import { ensureRange, keysBetween, placeOf, useMessages } from '../../projection/messages.ts';
import { selectOnly, selectRange, toggleSelected, useSelection } from '../../projection/selection.ts';
import { messageDragType, writeDraggedKeys } from '../../ui/message-drag.ts';
import { Row, rowId, whoOf } from './row.tsx';
import { useRowWindow } from './use-window.ts';
import './message-pane.css';

export interface MessageListProps {
  label: string;
  density: 'comfortable' | 'compact';
  isOutgoing: boolean;
  showsFolder: boolean;
  words: readonly string[];
  onOpen: (row: MessageSummary) => void;
  onMenu: (at: { x: number; y: number }) => void;
}

const rowHeights = { comfortable: 72, compact: 30 } as const;
const typeAheadMs = 700;
const aheadRows = 40;
const betweenMs = 80;

/** The rows in view of a list of any length, with selection by mouse and keys. */
export function MessageList(props: MessageListProps) {
  const { density, onOpen, onMenu } = props;
  const api = useApi();
  const rows = useMessages((state) => state.list.rows);
  const selected = useSelection((state) => state.keys);
  const cursor = useSelection((state) => state.cursor);
  const scroller = useRef<HTMLDivElement>(null);
  const height = rowHeights[density];
  const { from, to, reveal, pageRows } = useRowWindow(scroller, rows, height);
  const cursorAt = cursor === null ? -1 : rows.findIndex((row) => row?.messageKey === cursor);
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
      if (event.shiftKey) void goTo(index, true);
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
  const onDrag = useCallback((index: number, event: DragEvent<HTMLElement>) => {
    const row = live.current[index];
    if (row === undefined) return;
    const { keys } = useSelection.getState();
    const dragged = keys.has(row.messageKey) ? [...keys] : [row.messageKey];
    event.dataTransfer.setData(messageDragType, writeDraggedKeys(dragged));
    event.dataTransfer.effectAllowed = 'move';
  }, []);

  const typed = useRef({ text: '', at: 0 });
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const target = placeForKey(event, cursorAt, rows.length, pageRows);
    if (target !== null) {
      event.preventDefault();
      void goTo(target, event.shiftKey);
      return;
    }
    if (event.key === ' ' && event.ctrlKey && cursor !== null) {
      event.preventDefault();
      toggleSelected(cursor);
      return;
    }
    const isTypingOn = Date.now() - typed.current.at < typeAheadMs && typed.current.text !== '';
    if (!isLetter(event) || (!isTypingOn && boundLetters.has(event.key.toLowerCase()))) return;
    // While a name is being typed its letters are letters, not commands.
    event.preventDefault();
    event.stopPropagation();
    typed.current = { text: (isTypingOn ? typed.current.text : '') + event.key.toLowerCase(), at: Date.now() };
    const hit = findByName(rows, typed.current.text, Math.max(0, cursorAt), props.isOutgoing);
    if (hit >= 0) void goTo(hit, false);
  };

  return (
    <div
      ref={scroller}
      className="list-scroll"
      data-density={density}
      role="listbox"
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
        {range(from, to).map((index) => {
          const row = rows[index];
          return (
            <Row
              key={row?.messageKey ?? `pending-${index}`}
              row={row}
              index={index}
              total={rows.length}
              height={height}
              isSelected={row !== undefined && selected.has(row.messageKey)}
              isCursor={row !== undefined && row.messageKey === cursor}
              isOutgoing={props.isOutgoing}
              showsFolder={props.showsFolder}
              words={props.words}
              onPress={onPress}
              onMenu={onRowMenu}
              onDrag={onDrag}
              onOpen={onRowOpen}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Rows are asked for a little ahead of where one scrolls, and not for every place one flies past. */
function useRowsInSight(api: Api, from: number, to: number): void {
  const askedAt = useRef(0);
  useEffect(() => {
    const ask = (): void => {
      askedAt.current = performance.now();
      void ensureRange(api, Math.max(0, from - aheadRows), to + aheadRows);
    };
    const timer = setTimeout(ask, Math.max(0, askedAt.current + betweenMs - performance.now()));
    return () => clearTimeout(timer);
  }, [api, from, to]);
}

/** Letters that are commands wherever the focus is. */
const boundLetters = new Set(['j', 'k', 'r', 'a', 'f', 'c', 'e', 'u', 's', 'g', 'm', 'p', 'x', 'n', 'z', 'i', 'v']);

function isLetter(event: KeyboardEvent): boolean {
  return /^[\p{L}\p{N}]$/u.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
}

function placeForKey(event: KeyboardEvent, at: number, count: number, pageRows: number): number | null {
  if (count === 0 || event.ctrlKey || event.metaKey || event.altKey) return null;
  const clamp = (index: number): number => Math.min(count - 1, Math.max(0, index));
  switch (event.key) {
    case 'ArrowDown':
      return clamp(at + 1);
    case 'ArrowUp':
      return clamp(at - 1);
    case 'PageDown':
      return clamp(at + pageRows);
    case 'PageUp':
      return clamp(at - pageRows);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
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

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
