/** Adds what one part of a campaign came to, for each of these counts. */
export function addCounts<K extends string>(
  total: Record<K, number>,
  part: Readonly<Record<K, number>>,
  names: readonly K[],
): void {
  for (const name of names) total[name] += part[name];
}

/** Adds numbers kept under names that are not known before: places, phases, kinds. */
export function addTally(total: Record<string, number>, part: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(part)) total[name] = (total[name] ?? 0) + count;
}
