/** Which drawn rows show which places of a long list. */
export interface Slots {
  readonly from: number;
  readonly to: number;
  /** So many rows take turns: one that leaves the window at one end comes back at the other, written anew. */
  readonly size: number;
  /** The place that row 0 shows, or would show, counted in whole turns. */
  readonly base: number;
  /** The row that stands first in the document. */
  readonly head: number;
}

export const noSlots: Slots = { from: 0, to: 0, size: 0, base: 0, head: 0 };

/**
 * The rows for another window of the list. After a leap every row is written anew, in the order of the list. While one scrolls
 * those that stay keep their place in the document, since to move one costs as much as to make it; `isAtRest`: now they
 * are brought into the order of the list, for those who read it by the document.
 */
export function turnSlots(was: Slots, window: { from: number; to: number; size: number; isAtRest: boolean }): Slots {
  const { from, to, size } = window;
  const isLeap = from >= was.to || to <= was.from || size !== was.size;
  const head = isLeap && size !== was.size ? 0 : was.head;
  const base = isLeap ? from - head : was.base;
  return { from, to, size, base, head: window.isAtRest ? modulo(from - base, size) : head };
}

/** Which row shows this place. */
export function slotOf({ base, size }: Slots, place: number): number {
  return modulo(place - base, size);
}

/** The places of the window in the order their rows stand in the document. */
export function inDocumentOrder(slots: Slots): number[] {
  const { from, to, size, head } = slots;
  const places = Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
  const cut = modulo(head - slotOf(slots, from), size);
  return [...places.slice(cut), ...places.slice(0, cut)];
}

function modulo(value: number, size: number): number {
  return size === 0 ? 0 : ((value % size) + size) % size;
}
