/** A key as the browser tells of it. */
export interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** Where a key leads in a list of `count` rows from row `at`; null when it leads nowhere. */
export function placeForKey(
  { key, ctrlKey, metaKey, altKey }: PressedKey,
  at: number,
  count: number,
  pageRows: number,
): number | null {
  if (count === 0 || ctrlKey || metaKey || altKey) return null;
  const clamp = (index: number): number => Math.min(count - 1, Math.max(0, index));
  switch (key) {
    case 'ArrowDown':
      return clamp(at + 1);
    case 'ArrowUp':
      return clamp(at - 1);
    case 'PageDown':
      return clamp(at + pageRows);
    case 'PageUp':
      return clamp(at - pageRows);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
