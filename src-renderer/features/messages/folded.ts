/**
 * The text as the search compares it (lower case, without accents, `ß` as `ss`), and for each of its characters where it
 * stands in the text as it was.
 */
export function foldedWithPlaces(text: string): { folded: string; places: number[] } {
  let folded = '';
  const places: number[] = [];
  let at = 0;
  for (const character of text) {
    const plain = character
      .normalize('NFKD')
      .replace(/\p{Mark}/gu, '')
      .toLowerCase()
      .replaceAll('ß', 'ss');
    for (let each = 0; each < plain.length; each++) places.push(at);
    folded += plain;
    at += character.length;
  }
  places.push(text.length);
  return { folded, places };
}
