/**
 * However many ask at once, one run is under way and one more waits: who asks during a run must not get what it saw
 * before, and shares the next one with everybody else who came meanwhile.
 */
export function sharedRun<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;

  function begin(): Promise<T> {
    next = undefined;
    running = run().finally(() => {
      running = undefined;
    });
    return running;
  }

  return () => {
    if (running === undefined) return begin();
    next ??= running.then(begin, begin);
    return next;
  };
}
