import { create } from 'zustand';
import type { MessageKey } from '#shared/ids.ts';

interface SelectionState {
  /** What acts act on. */
  keys: ReadonlySet<MessageKey>;
  /** Where a range begins. */
  anchor: MessageKey | null;
  /** Where the keyboard stands; also what the reading pane shows when it is the only one selected. */
  cursor: MessageKey | null;
}

/** What is selected in the list in view. */
export const useSelection = create<SelectionState>()(() => ({ keys: new Set(), anchor: null, cursor: null }));

export function selectOnly(messageKey: MessageKey): void {
  useSelection.setState({ keys: new Set([messageKey]), anchor: messageKey, cursor: messageKey });
}

export function toggleSelected(messageKey: MessageKey): void {
  useSelection.setState(({ keys }) => {
    const next = new Set(keys);
    if (!next.delete(messageKey)) next.add(messageKey);
    return { keys: next, anchor: messageKey, cursor: messageKey };
  });
}

/** A range from the anchor to the cursor: `keys` are all of it. */
export function selectRange(keys: readonly MessageKey[], cursor: MessageKey): void {
  useSelection.setState(({ anchor }) => ({ keys: new Set(keys), anchor: anchor ?? cursor, cursor }));
}

export function clearSelection(): void {
  useSelection.setState({ keys: new Set(), anchor: null, cursor: null });
}

/** What is being selected now: thousands of keys come from the store. */
let underWay: Promise<void> | null = null;

/** Notes that a selection is on its way. */
export function selecting(work: Promise<void>): Promise<void> {
  const mine = work.finally(() => {
    if (underWay === mine) underWay = null;
  });
  underWay = mine;
  return mine;
}

/** Acts on what is selected: once the selection that was asked for before is there. Without it, nothing is done. */
export function onceSelected(act: () => void): void {
  if (underWay === null) act();
  else void underWay.then(act, () => undefined);
}
