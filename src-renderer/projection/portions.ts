import type { MessageKey } from '#shared/ids.ts';
import { showProgress } from '../ui/toasts.tsx';

/** So many messages are acted on at a time: what else the store has to do (sending, lists) comes in between. */
export const portionSize = 500;
/** A wait shorter than this needs no words. */
const quickMs = 300;

/**
 * Acts on many messages, one portion after another, and shows how far it is. Stopped by the person, what was done stays
 * done. Throws what `act` throws.
 */
export async function inPortions(
  keys: readonly MessageKey[],
  text: string,
  act: (portion: MessageKey[]) => Promise<void>,
): Promise<void> {
  let isStopped = false;
  let bar: ReturnType<typeof showProgress> | undefined;
  const begun = performance.now();
  try {
    for (let at = 0; at < keys.length && !isStopped; at += portionSize) {
      await act(keys.slice(at, at + portionSize));
      const isLong = performance.now() - begun > quickMs && at + portionSize < keys.length;
      if (isLong)
        bar ??= showProgress(text, keys.length, () => {
          isStopped = true;
        });
      bar?.set(at + portionSize);
    }
  } finally {
    bar?.dismiss();
  }
}
