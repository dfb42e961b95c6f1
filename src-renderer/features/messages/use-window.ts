import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { MessageSummary } from '#shared/mail/message.ts';

const overscanRows = 8;

export interface RowWindow {
  from: number;
  to: number;
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
  const [view, setView] = useState({ top: 0, height: 600 });
  const anchor = useRef<{ key: string; offset: number } | null>(null);

  const measure = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop, clientHeight } = element;
    setView((old) =>
      old.top === scrollTop && old.height === clientHeight ? old : { top: scrollTop, height: clientHeight },
    );
  }, [scroller]);

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
    const place = isFree ? -1 : rows.findIndex((row) => row?.messageKey === held.key);
    if (place >= 0) {
      const wanted = place * rowHeight + held.offset;
      if (Math.abs(element.scrollTop - wanted) > 1) element.scrollTop = wanted;
    }
    measure();
  }, [rows, rowHeight, scroller, measure]);
  useLayoutEffect(() => {
    const row = rows[first];
    anchor.current = row === undefined ? null : { key: row.messageKey, offset: view.top - first * rowHeight };
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

  return {
    from: Math.max(0, first - overscanRows),
    to: Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + overscanRows),
    reveal,
    pageRows: Math.max(1, Math.floor(view.height / rowHeight) - 1),
  };
}
