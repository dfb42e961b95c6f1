import { useEffect } from 'react';
import { useNavigation } from '../navigation.ts';
import { focusList } from './focus.ts';

/** A message that was written, sent or put by gives the keyboard back to where it was before. */
export function useFocusBack(): void {
  useEffect(() => {
    const before = new Map<string, Element | null>();
    return useNavigation.subscribe((now, then) => {
      if (now.composers === then.composers) return;
      // Nothing is drawn yet: the keyboard is where it was asked from.
      for (const { id } of now.composers)
        if (!then.composers.some((one) => one.id === id)) before.set(id, document.activeElement);
      for (const { id } of then.composers) {
        if (now.composers.some((one) => one.id === id)) continue;
        const place = before.get(id) ?? null;
        before.delete(id);
        requestAnimationFrame(() => goBack(place));
      }
    });
  }, []);
}

function goBack(place: Element | null): void {
  const { activeElement } = document;
  // Whoever went elsewhere meanwhile stays there.
  if (activeElement !== null && activeElement !== document.body) return;
  if (place instanceof HTMLElement && place !== document.body && place.isConnected) place.focus();
  if (document.activeElement === null || document.activeElement === document.body) focusList();
}
