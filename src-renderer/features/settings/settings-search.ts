/** One setting as the search sees it: its own words and those of its section. */
export interface Findable {
  readonly id: string;
  readonly words: readonly string[];
}

/** Settings in which every word asked for begins some word; all of them for an empty question. */
export function findSettings<T extends Findable>(all: readonly T[], query: string): T[] {
  const asked = wordsIn(query);
  if (asked.length === 0) return [...all];
  return all.filter(({ words }) => {
    const own = wordsIn(words.join(' '));
    return asked.every((word) => own.some((other) => other.startsWith(word)));
  });
}

/** Lower case and without accents, so that "resume" finds "résumé" and "uber" finds "über". */
function wordsIn(text: string): string[] {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLocaleLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
