/** Runs what it is given, at most so many at once; the others wait for their turn, in the order they came. */
export function fewAtOnce(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let places = most;

  return async (work) => {
    if (places === 0) await new Promise<void>((enter) => waiting.push(enter));
    else places -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) places += 1;
      else next();
    }
  };
}
