import type { Transport } from '#shared/rpc/transport.ts';
import type { Clock } from '../core/ports.ts';

/** A page that has just come listens only once its screens are up. */
const screensUpMs = 1000;

/** Keeps what the page is to be told until there is one that listens, in order. */
export interface WhenListening {
  /** A page has come. */
  attached(page: Pick<Transport, 'onClose'>): void;
  tell(what: () => void): void;
}

export function whenListening(clock: Pick<Clock, 'after'>): WhenListening {
  const kept: (() => void)[] = [];
  let listening: object | null = null;
  return {
    attached(page) {
      const cancel = clock.after(screensUpMs, () => {
        listening = page;
        for (const what of kept.splice(0)) what();
      });
      page.onClose(() => {
        cancel();
        if (listening === page) listening = null;
      });
    },
    tell(what) {
      if (listening === null) kept.push(what);
      else what();
    },
  };
}
