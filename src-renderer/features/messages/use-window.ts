import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { MessageSummary } from '#shared/mail/message.ts';
import { inDocumentOrder, noSlots, slotOf, turnSlots } from './slots.ts';

/** Rows made beyond what is in sight, so that the list can move on before the page has answered. */
const overscanRows = 8;
/** So long after its last step a list stands still. */
const restMs = 120;
/** Leaps that follow one another faster than this are a flight: nobody reads, and nothing is written until it slows. */
const flightMs = 150;

export interface RowWindow {
  from: number;
  to: number;
  /** The places drawn, in the order they stand in the document, and which of the rows that take turns shows each. */
  drawn: readonly { place: number; slot: number }[];
  /** Brings a row into view, moving as little as needed. */
  reveal: (index: number) => void;
  pageRows: number;
  /** While one flies past: how many rows to come fill the list, and how wide it is beside its scroll bar. */
  flight: { rows: number; width: number } | null;
}

/** What of the list is drawn: from which place, how many are in sight. */
interface View {
  first: number;
  count: number;
  isAtRest: boolean;
  /** How wide the list is, while one flies past it. */
  flightWidth: number | null;
}

/**
 * Which rows of a long list are in sight. When rows come or go above, the scroll position follows, so that what is being looked at
 * stays where it is; only at the very top, with the pointer elsewhere, new rows push the list down.
 */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  rows: readonly (MessageSummary | undefined)[],
  rowHeight: number,
): RowWindow {
  const { view, draw, scrolledTo } = useView(scroller, rowHeight);
  useHeldPlace(scroller, rows, { first: view.first, rowHeight, draw, scrolledTo });

  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (element === null) return;
      const top = index * rowHeight;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + rowHeight > element.scrollTop + element.clientHeight)
        element.scrollTop = top + rowHeight - element.clientHeight;
    },
    [scroller, rowHeight],
  );

  const { first, count, isAtRest, flightWidth } = view;
  const from = Math.max(0, Math.min(first - overscanRows, rows.length - count));
  const to = Math.min(rows.length, first + count + overscanRows);
  const turned = useRef(noSlots);
  turned.current = turnSlots(turned.current, { from, to, size: count + 2 * overscanRows, isAtRest });
  const slots = turned.current;
  return {
    from,
    to,
    drawn: inDocumentOrder(slots).map((place) => ({ place, slot: slotOf(slots, place) })),
    reveal,
    pageRows: Math.max(1, count - 3),
    flight: flightWidth === null ? null : { rows: count, width: flightWidth },
  };
}

/** Follows the scrolling. What is in sight is drawn within the frame that shows it. */
function useView(scroller: RefObject<HTMLElement | null>, rowHeight: number) {
  const [view, setView] = useState<View>({ first: 0, count: 10, isAtRest: true, flightWidth: null });
  const scrolledTo = useRef(0);

  const draw = useCallback(
    (isAtRest?: boolean) => {
      const element = scroller.current;
      if (element === null) return;
      scrolledTo.current = element.scrollTop;
      const first = Math.floor(scrolledTo.current / rowHeight);
      // Two more than fit when none is cut: one cut above and one below.
      const count = Math.floor(element.clientHeight / rowHeight) + 2;
      setView((old) => withDrawn(old, { first, count, isAtRest: isAtRest ?? old.isAtRest }));
    },
    [scroller, rowHeight],
  );

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    let lastAt = Number.NEGATIVE_INFINITY;
    let resting: ReturnType<typeof setTimeout> | undefined;
    const rest = (): void => {
      // A row that is moved within the document between press and release would miss its click.
      const isPressed = element.matches(':active');
      draw(!isPressed);
      if (isPressed) resting = setTimeout(rest, restMs);
    };
    const onScroll = (): void => {
      const now = performance.now();
      const step = Math.abs(element.scrollTop - scrolledTo.current);
      const isFlight = step > element.clientHeight && now - lastAt < flightMs;
      lastAt = now;
      clearTimeout(resting);
      resting = setTimeout(rest, restMs);
      if (!isFlight) flushSync(() => draw(false));
      else {
        scrolledTo.current = element.scrollTop;
        setView((old) => (old.flightWidth === null ? { ...old, flightWidth: element.clientWidth } : old));
      }
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    const observer = new ResizeObserver(() => draw(true));
    observer.observe(element);
    draw(true);
    return () => {
      clearTimeout(resting);
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [scroller, draw]);

  return { view, draw, scrolledTo };
}

function withDrawn(old: View, drawn: Omit<View, 'flightWidth'>): View {
  const isSame =
    old.flightWidth === null &&
    old.first === drawn.first &&
    old.count === drawn.count &&
    old.isAtRest === drawn.isAtRest;
  return isSame ? old : { ...drawn, flightWidth: null };
}

interface Held {
  first: number;
  rowHeight: number;
  draw: () => void;
  /** Where the list was scrolled to when it last told. */
  scrolledTo: RefObject<number>;
}

/** What is looked at stays where it is: the first row in sight is looked up in the new rows before they are painted. */
function useHeldPlace(
  scroller: RefObject<HTMLElement | null>,
  rows: readonly (MessageSummary | undefined)[],
  { first, rowHeight, draw, scrolledTo }: Held,
): void {
  const anchor = useRef<{ key: string; at: number } | null>(null);
  const was = useRef({ length: rows.length, rowHeight });
  useLayoutEffect(() => {
    const element = scroller.current;
    const held = anchor.current;
    const before = was.current;
    was.current = { length: rows.length, rowHeight };
    if (element === null) return;
    const isFree = scrolledTo.current < 2 && !element.matches(':hover');
    const isHeld = (row: MessageSummary | undefined): boolean => row?.messageKey === held?.key;
    const place = held === null || isFree ? -1 : isHeld(rows[held.at]) ? held.at : rows.findIndex(isHeld);
    // From where it was told to be, and not from where it is: a list that grew shorter may have been moved by that.
    const top =
      before.rowHeight === rowHeight ? scrolledTo.current + (place - (held?.at ?? 0)) * rowHeight : place * rowHeight;
    const isMoved = place >= 0 && Math.abs(top - scrolledTo.current) > 1;
    if (isMoved) element.scrollTop = top;
    if (isMoved || before.length !== rows.length) draw();
  }, [rows, rowHeight, scroller, scrolledTo, draw]);
  useLayoutEffect(() => {
    const row = rows[first];
    anchor.current = row === undefined ? null : { key: row.messageKey, at: first };
  }, [rows, first]);
}
