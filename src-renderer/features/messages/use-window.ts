import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { MessageSummary } from '#shared/mail/message.ts';

/** Rows made beyond what is in sight, so that slow scrolling finds them there. */
const overscanRows = 8;
/** So long after the last step a list that flew past counts as standing. */
const settledMs = 100;

export interface RowWindow {
  from: number;
  to: number;
  /** The key of the row drawn at a place: after a leap the rows drawn there are those drawn before it, in their order. */
  keyAt: (index: number) => number;
  /** Brings a row into view, moving as little as needed. */
  reveal: (index: number) => void;
  pageRows: number;
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
  const [view, setView] = useState({ top: 0, height: 600, isFlying: false });
  const anchor = useRef<{ key: string; at: number; offset: number } | null>(null);

  const measure = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop: top, clientHeight: height } = element;
    setView((old) =>
      old.top === top && old.height === height
        ? old
        : // Nothing of what was in sight is seen again: rows beyond it would be made for nobody.
          { top, height, isFlying: Math.abs(top - old.top) > height },
    );
  }, [scroller]);
  useEffect(() => {
    if (!view.isFlying) return;
    const timer = setTimeout(() => setView((old) => ({ ...old, isFlying: false })), settledMs);
    return () => clearTimeout(timer);
  }, [view]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    element.addEventListener('scroll', measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => {
      element.removeEventListener('scroll', measure);
      observer.disconnect();
    };
  }, [scroller, measure]);

  const first = Math.floor(view.top / rowHeight);
  // The anchor of the last paint is looked up in the new rows before this paint is seen.
  useLayoutEffect(() => {
    const element = scroller.current;
    const held = anchor.current;
    if (element === null || held === null) return;
    const isFree = element.scrollTop < 2 && !element.matches(':hover');
    const isHeld = (row: MessageSummary | undefined): boolean => row?.messageKey === held.key;
    const place = isFree ? -1 : isHeld(rows[held.at]) ? held.at : rows.findIndex(isHeld);
    if (place >= 0) {
      const wanted = place * rowHeight + held.offset;
      if (Math.abs(element.scrollTop - wanted) > 1) element.scrollTop = wanted;
    }
    measure();
  }, [rows, rowHeight, scroller, measure]);
  useLayoutEffect(() => {
    const row = rows[first];
    anchor.current =
      row === undefined ? null : { key: row.messageKey, at: first, offset: view.top - first * rowHeight };
  }, [rows, first, view.top, rowHeight]);

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

  const overscan = view.isFlying ? 0 : overscanRows;
  const from = Math.max(0, first - overscan);
  const to = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + overscan);
  const drawn = useRef({ from: 0, to: 0, shift: 0 });
  const { shift } = drawn.current;
  const isLeap = from >= drawn.current.to || to <= drawn.current.from;
  drawn.current = { from, to, shift: isLeap ? shift + from - drawn.current.from : shift };
  return {
    from,
    to,
    keyAt: (index) => index - drawn.current.shift,
    reveal,
    pageRows: Math.max(1, Math.floor(view.height / rowHeight) - 1),
  };
}
