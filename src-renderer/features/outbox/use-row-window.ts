import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { placeRows, type RowPlaces, rowsInSight } from './row-window.ts';

const overscanRows = 6;
const gapPx = 12;

export interface VisibleRows {
  readonly places: RowPlaces;
  readonly from: number;
  readonly to: number;
  /** Put on every row, with its id as `data-row`: its height is followed. */
  readonly measure: (row: HTMLElement | null) => (() => void) | undefined;
  /** Brings a row into view. */
  readonly reveal: (index: number) => void;
}

/**
 * Which rows of a long list inside a scrolling page are to be rendered. Rows differ in height: each is measured once it
 * is there. What comes, goes or grows above the view pushes nothing: the scroll position follows.
 */
export function useRowWindow(
  list: RefObject<HTMLElement | null>,
  ids: readonly string[],
  estimatePx: number,
): VisibleRows {
  const { heights, version, measure } = useHeights();
  const [view, setView] = useState({ top: 0, height: 900 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` stands for the heights, which change in place
  const places = useMemo(
    () => placeRows(ids, (id) => heights.get(id), typicalPx(heights, estimatePx)),
    [ids, estimatePx, heights, version],
  );
  const live = useRef({ ids, places });
  live.current = { ids, places };
  /** The row at the upper edge, and how much of it is above: it stays there. */
  const anchor = useRef<{ id: string; hiddenPx: number } | null>(null);

  const look = useCallback(() => {
    const at = whereIs(list.current);
    if (at === null) return;
    const { ids: rows, places: now } = live.current;
    const first = rowsInSight(now, at.top, 0, 0).from;
    const id = rows[first];
    anchor.current = at.top <= 0 || id === undefined ? null : { id, hiddenPx: at.top - (now.tops[first] ?? 0) };
    setView((before) =>
      before.top === at.top && before.height === at.height ? before : { top: at.top, height: at.height },
    );
  }, [list]);

  useLayoutEffect(() => {
    const scroller = whereIs(list.current)?.scroller;
    if (scroller === undefined) return;
    scroller.addEventListener('scroll', look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(scroller);
    return () => {
      scroller.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [list, look]);

  useLayoutEffect(() => {
    const at = whereIs(list.current);
    const held = anchor.current;
    const index = held === null ? -1 : ids.indexOf(held.id);
    if (at !== null && held !== null && index >= 0) {
      const movedPx = (places.tops[index] ?? 0) + held.hiddenPx - at.top;
      if (Math.abs(movedPx) > 1) at.scroller.scrollTop += movedPx;
    }
    look();
  }, [list, ids, places, look]);

  const reveal = useCallback(
    (index: number) => {
      const at = whereIs(list.current);
      if (at === null) return;
      const { tops } = live.current.places;
      const top = tops[index] ?? 0;
      const bottom = tops[index + 1] ?? top;
      if (top < at.top) at.scroller.scrollTop += top - at.top - gapPx;
      else if (bottom > at.top + at.height) at.scroller.scrollTop += bottom - at.top - at.height;
    },
    [list],
  );
  const { from, to } = rowsInSight(places, view.top, view.height, overscanRows);
  return { places, from, to, measure, reveal };
}

/** The height of every row that was ever rendered. */
function useHeights() {
  const [heights] = useState(() => new Map<string, number>());
  const [version, setVersion] = useState(0);
  const [observer] = useState(
    () =>
      new ResizeObserver((entries) => {
        let isChanged = false;
        for (const { target } of entries) {
          const id = target instanceof HTMLElement ? target.dataset.row : undefined;
          const height = target.getBoundingClientRect().height + gapPx;
          // A row that is being taken away measures nothing.
          if (id === undefined || height <= gapPx || Math.abs((heights.get(id) ?? 0) - height) < 0.5) continue;
          heights.set(id, height);
          isChanged = true;
        }
        if (isChanged) setVersion((number) => number + 1);
      }),
  );
  useEffect(() => () => observer.disconnect(), [observer]);
  const measure = useCallback(
    (row: HTMLElement | null) => {
      if (row === null) return undefined;
      observer.observe(row);
      return () => observer.unobserve(row);
    },
    [observer],
  );
  return { heights, version, measure };
}

/** How far the list has gone above the upper edge of the page, and how much of the page there is to see. */
function whereIs(list: HTMLElement | null): { scroller: Element; top: number; height: number } | null {
  const scroller = list?.closest('.ui-page') ?? null;
  if (list === null || scroller === null) return null;
  const top = scroller.getBoundingClientRect().top - list.getBoundingClientRect().top;
  return { scroller, top, height: scroller.clientHeight };
}

/** What a row not measured yet will be: as most of those measured are. */
function typicalPx(heights: ReadonlyMap<string, number>, estimatePx: number): number {
  const sorted = [...heights.values()].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? estimatePx;
}
