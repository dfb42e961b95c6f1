import type { Transferable } from 'node:worker_threads';

interface Waiting<F> {
  readonly frame: F;
  readonly transfer: readonly Transferable[];
}

export interface FrameBatch<F> {
  post(frame: F, transfer?: readonly Transferable[]): void;
  /** Sends what waits at once. */
  flush(): void;
}

/**
 * Frames of one turn travel together, in order, as one message between threads: that costs both ends more than what most
 * frames hold. `schedule` says how long a turn is. A frame that cannot be sent is refused alone.
 */
export function createFrameBatch<F>(
  port: { postMessage(frames: readonly F[], transfer: readonly Transferable[]): void },
  schedule: (flush: () => void) => void,
  onRefused: (frame: F, error: unknown) => void,
): FrameBatch<F> {
  let waiting: Waiting<F>[] = [];

  function send(frames: readonly Waiting<F>[]): void {
    const transfer = new Set(frames.flatMap((entry) => entry.transfer));
    port.postMessage(
      frames.map(({ frame }) => frame),
      [...transfer],
    );
  }

  function flush(): void {
    const frames = waiting;
    waiting = [];
    if (frames.length === 0) return;
    try {
      send(frames);
    } catch {
      for (const entry of frames) {
        try {
          send([entry]);
        } catch (error) {
          onRefused(entry.frame, error);
        }
      }
    }
  }

  return {
    post(frame, transfer = []) {
      waiting.push({ frame, transfer });
      if (waiting.length === 1) schedule(flush);
    },
    flush,
  };
}
