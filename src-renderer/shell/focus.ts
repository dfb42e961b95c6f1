import type { MessageSummary } from '#shared/mail/message.ts';
import { useMessages } from '../projection/messages.ts';
import { useSelection } from '../projection/selection.ts';

/** Where the keyboard goes next. */

export function focusSearch(): void {
  focusFirst('[data-search-field]');
}

/** The list, what stands in its place, or the screen that does. */
export function focusList(): void {
  focusFirst('[data-message-list], [data-focus-home]');
}

/**
 * Another screen was asked for by a key: the keyboard goes on there, unless the screen has taken it, or the next key or
 * click came before it could. A dialog it was asked from gives the focus back first, a frame after it is gone.
 */
export function focusScreen(): void {
  const overtaken = new AbortController();
  const options = { capture: true, signal: overtaken.signal };
  for (const act of ['keydown', 'pointerdown']) window.addEventListener(act, () => overtaken.abort(), options);
  const wait = (frames: number): void => {
    requestAnimationFrame(() => {
      if (overtaken.signal.aborted) return;
      if (frames > 1) return wait(frames - 1);
      overtaken.abort();
      if ((document.activeElement?.closest('main') ?? null) === null) focusList();
    });
  };
  wait(3);
}

/** After the message is drawn. */
export function focusReading(): void {
  requestAnimationFrame(() => focusFirst('[data-reading-scroll]'));
}

export function openSelected(open: (row: MessageSummary) => void): void {
  const { cursor } = useSelection.getState();
  const row = useMessages.getState().list.rows.find((one) => one?.messageKey === cursor);
  if (row !== undefined) open(row);
}

function focusFirst(selector: string): void {
  const element = document.querySelector(selector);
  if (element instanceof HTMLElement) element.focus();
}
