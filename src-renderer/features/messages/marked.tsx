import { foldedWithPlaces } from './folded.ts';

/** Text with the words that were looked for marked. */
export function Marked({ text, words }: { text: string; words: readonly string[] }) {
  if (words.length === 0) return text;
  const parts = splitAtWords(text, words);
  return parts.map((part) => (part.isHit ? <mark key={part.at}>{part.text}</mark> : part.text));
}

interface Part {
  at: number;
  text: string;
  isHit: boolean;
}

/** Scripts written without spaces: a hit may begin anywhere. */
const unspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/**
 * The text in pieces: those where one of the words begins, and those between. As the search finds them: case and accents
 * do not count, and a hit begins where a word begins.
 */
export function splitAtWords(text: string, words: readonly string[]): Part[] {
  const wanted = words
    .map((word) => foldedWithPlaces(word).folded)
    .filter((word) => word !== '')
    .map((word) => {
      const literal = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
      return unspaced.test(word) ? literal : `(?<![\\p{Letter}\\p{Number}])${literal}`;
    });
  if (wanted.length === 0) return [{ at: 0, text, isHit: false }];
  const { folded, places } = foldedWithPlaces(text);
  const parts: Part[] = [];
  let end = 0;
  for (const match of folded.matchAll(new RegExp(wanted.join('|'), 'gu'))) {
    const from = places[match.index] ?? 0;
    const until = places[match.index + match[0].length] ?? text.length;
    if (until <= end) continue;
    if (from > end) parts.push({ at: end, text: text.slice(end, from), isHit: false });
    parts.push({ at: from, text: text.slice(from, until), isHit: true });
    end = until;
  }
  if (end < text.length) parts.push({ at: end, text: text.slice(end), isHit: false });
  return parts;
}
