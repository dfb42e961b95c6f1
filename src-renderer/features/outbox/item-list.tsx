import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { OutboxId } from '#shared/ids.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { t } from '../../i18n/index.ts';
import { placeForKey } from '../../ui/place-for-key.ts';
import { ItemRow } from './item-row.tsx';
import { useRowWindow } from './use-row-window.ts';

const estimatedRowPx = 104;
const fewUncertain = 3;

/** Every message on its way; of thousands only those in sight are rendered, and the one that has the focus. */
export function ItemList({ items, onError }: { items: readonly OutboxItem[]; onError: (error: unknown) => void }) {
  const list = useRef<HTMLUListElement>(null);
  const ids = useMemo(() => items.map(({ outboxId }) => outboxId), [items]);
  const [folds, setFolds] = useState<Readonly<Record<OutboxId, boolean>>>({});
  const [focused, setFocused] = useState<OutboxId | null>(null);
  /** The row the arrows went to, until the pointer takes over. */
  const following = useRef<OutboxId | null>(null);
  const [wanted, setWanted] = useState<OutboxId | null>(null);
  const { places, from: first, to: last, measure, reveal } = useRowWindow(list, ids, estimatedRowPx);
  const fold = useCallback((id: OutboxId, isOpen: boolean) => setFolds((before) => ({ ...before, [id]: isOpen })), []);

  // What asks for a decision lies open until it is folded by hand; a hundred such would hide each other.
  const areFewUncertain = useMemo(
    () => items.filter(({ uncertain }) => uncertain.length > 0).length <= fewUncertain,
    [items],
  );

  const shown = items.slice(first, last).map((item, offset) => ({ item, index: first + offset }));
  const heldIndex = focused === null ? -1 : ids.indexOf(focused);
  const held = items[heldIndex];
  if (held !== undefined && (heldIndex < first || heldIndex >= last)) shown.push({ item: held, index: heldIndex });

  useEffect(() => {
    if (wanted === null) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(wanted)}"] .outbox-fold`);
    if (row === null || row === undefined) return;
    row.focus({ preventScroll: true });
    setWanted(null);
  });

  // Rows measured only now may push the one gone to out of sight again.
  useLayoutEffect(() => {
    if (following.current === null || places.tops.length < 2) return;
    const index = ids.indexOf(following.current);
    if (index >= 0) reveal(index);
  }, [places, ids, reveal]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (target?.classList.contains('outbox-fold') !== true) return;
    const from = target.closest<HTMLElement>('[data-row]')?.dataset.row;
    const at = items.findIndex(({ outboxId }) => outboxId === from);
    const next = placeForKey(event, at, ids.length, pageRows);
    const id = next === null ? undefined : ids[next];
    if (next === null || id === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    following.current = id;
    reveal(next);
    setFocused(id);
    setWanted(id);
  };

  return (
    <ul
      ref={list}
      className="outbox-list"
      aria-label={t('outbox.list')}
      style={{ blockSize: Math.max(0, (places.tops.at(-1) ?? 0) - 12) }}
      onKeyDownCapture={onKeyDown}
      onWheel={() => {
        following.current = null;
      }}
      onPointerDown={() => {
        following.current = null;
      }}
      onFocus={(event) => {
        const row = event.target.closest<HTMLElement>('[data-row]')?.dataset.row;
        setFocused(items.find(({ outboxId }) => outboxId === row)?.outboxId ?? null);
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setFocused(null);
      }}
    >
      {shown.map(({ item, index }) => (
        <ItemRow
          key={item.outboxId}
          item={item}
          place={{ topPx: places.tops[index] ?? 0, number: index + 1, of: items.length }}
          rowRef={measure}
          isOpen={folds[item.outboxId] ?? (item.uncertain.length > 0 && areFewUncertain)}
          onFold={fold}
          onError={onError}
        />
      ))}
    </ul>
  );
}

const pageRows = 8;
