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
 * is there. What grows above the view pushes nothing: the scroll position follows.
 */
export function useRowWindow(
  list: RefObject<HTMLElement | null>,
  ids: readonly string[],
  estimatePx: number,
): VisibleRows {
  const heights = useRef(new Map<string, number>());
  const [version, setVersion] = useState(0);
  const [view, setView] = useState({ top: 0, height: 900 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` stands for the heights, which change in place
  const places = useMemo(() => placeRows(ids, (id) => heights.current.get(id), estimatePx), [ids, estimatePx, version]);
  const live = useRef({ ids, places });
  live.current = { ids, places };

  const look = useCallback(() => {
    const element = list.current;
    const scroller = element?.closest('.ui-page');
    if (element === null || element === undefined || scroller === null || scroller === undefined) return;
    const top = scroller.getBoundingClientRect().top - element.getBoundingClientRect().top;
    const height = scroller.clientHeight;
    setView((before) => (before.top === top && before.height === height ? before : { top, height }));
  }, [list]);

  useLayoutEffect(() => {
    const scroller = list.current?.closest('.ui-page');
    if (scroller === null || scroller === undefined) return;
    look();
    scroller.addEventListener('scroll', look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(scroller);
    return () => {
      scroller.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [list, look]);

  const [observer] = useState(
    () =>
      new ResizeObserver((entries) => {
        const changed = entries.flatMap(({ target }) => {
          const id = target instanceof HTMLElement ? target.dataset.row : undefined;
          const height = target.getBoundingClientRect().height + gapPx;
          const before = id === undefined ? undefined : heights.current.get(id);
          // A row that is being taken away measures nothing.
          if (id === undefined || height <= gapPx || (before !== undefined && Math.abs(before - height) < 0.5))
            return [];
          heights.current.set(id, height);
          return [{ id, grownPx: height - (before ?? estimatePx) }];
        });
        if (changed.length === 0) return;
        keepInPlace(list.current, live.current, changed);
        setVersion((number) => number + 1);
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
  const reveal = useCallback(
    (index: number) => {
      const element = list.current;
      const scroller = element?.closest('.ui-page');
      if (element === null || element === undefined || scroller === null || scroller === undefined) return;
      const { tops } = live.current.places;
      const listTop = scroller.getBoundingClientRect().top - element.getBoundingClientRect().top;
      const top = tops[index] ?? 0;
      const bottom = tops[index + 1] ?? top;
      if (top < listTop) scroller.scrollTop += top - listTop - gapPx;
      else if (bottom > listTop + scroller.clientHeight) scroller.scrollTop += bottom - listTop - scroller.clientHeight;
    },
    [list],
  );
  const { from, to } = rowsInSight(places, view.top, view.height, overscanRows);
  return { places, from, to, measure, reveal };
}

/** Rows above the upper edge that turned out taller or shorter than thought move nothing in sight. */
function keepInPlace(
  list: HTMLElement | null,
  { ids, places }: { ids: readonly string[]; places: RowPlaces },
  changed: readonly { id: string; grownPx: number }[],
): void {
  const scroller = list?.closest('.ui-page');
  if (list === null || scroller === null || scroller === undefined) return;
  const top = scroller.getBoundingClientRect().top - list.getBoundingClientRect().top;
  if (top <= 0) return;
  const above = changed.filter(({ id }) => (places.tops[ids.indexOf(id) + 1] ?? 0) <= top);
  const movedPx = above.reduce((sum, { grownPx }) => sum + grownPx, 0);
  if (movedPx !== 0) scroller.scrollTop += movedPx;
}
