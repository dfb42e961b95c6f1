/**
 * Text of one line as RFC 2047 words of at most 75 characters, cut between characters, folded one a line: for a header
 * that is to stay ASCII.
 */
export function encodeWords(text: string): string {
  const words: Uint8Array[] = [];
  let word: number[] = [];
  for (const character of text) {
    const octets = [...new TextEncoder().encode(character)];
    if (word.length + octets.length > 45) {
      words.push(Uint8Array.from(word));
      word = [];
    }
    word.push(...octets);
  }
  words.push(Uint8Array.from(word));
  return words.map((octets) => `=?utf-8?B?${btoa(String.fromCharCode(...octets))}?=`).join('\r\n ');
}
