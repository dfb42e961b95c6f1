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

/** The text in pieces: those that are one of the words, and those between. */
export function splitAtWords(text: string, words: readonly string[]): Part[] {
  const wanted = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (wanted.length === 0) return [{ at: 0, text, isHit: false }];
  const pattern = new RegExp(wanted.join('|'), 'giu');
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '') continue;
    if (match.index > end) parts.push({ at: end, text: text.slice(end, match.index), isHit: false });
    parts.push({ at: match.index, text: match[0], isHit: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ at: end, text: text.slice(end), isHit: false });
  return parts;
}

/** The plain words of a query, for marking: operators and quotes aside. */
export function wordsOf(query: string): string[] {
  return query
    .split(/[\s"()]+/)
    .map((word) => (/^[a-z]+:/i.test(word) ? word.slice(word.indexOf(':') + 1) : word))
    .filter((word) => word.length > 1 && !/^(and|or|not|-)$/i.test(word));
}
