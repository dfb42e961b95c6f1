import type { MouseEvent } from 'react';

/** Where the menu asked for by this event opens. The menu key gives no pointer: then it is below the row. */
export function menuPlace(event: MouseEvent<HTMLElement>): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect();
  const isByKey = event.clientX === 0 && event.clientY === 0;
  return isByKey ? { x: box.left + 24, y: box.bottom } : { x: event.clientX, y: event.clientY };
}
