/** Where the rows of a long list lie, each of its own height, and which of them are in sight. Pure. */
export interface RowPlaces {
  /** Where each row begins; one more than there are rows: the last is the height of all. */
  readonly tops: Float64Array;
}

/** `heightOf` answers undefined for a row never measured; it counts as `estimate`. Heights include the gap below. */
export function placeRows(
  ids: readonly string[],
  heightOf: (id: string) => number | undefined,
  estimate: number,
): RowPlaces {
  const tops = new Float64Array(ids.length + 1);
  ids.forEach((id, index) => {
    tops[index + 1] = (tops[index] ?? 0) + (heightOf(id) ?? estimate);
  });
  return { tops };
}

/** The rows touched by the stretch from `top` of `height`, and `overscan` more on either side: `from` up to before `to`. */
export function rowsInSight(
  { tops }: RowPlaces,
  top: number,
  height: number,
  overscan: number,
): { from: number; to: number } {
  const count = tops.length - 1;
  const first = rowAt(tops, top);
  const last = rowAt(tops, top + height);
  return { from: Math.max(0, first - overscan), to: Math.min(count, last + 1 + overscan) };
}

/** The row that covers this height: the last one that begins at or above it. */
function rowAt(tops: Float64Array, at: number): number {
  let low = 0;
  let high = Math.max(0, tops.length - 2);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((tops[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
