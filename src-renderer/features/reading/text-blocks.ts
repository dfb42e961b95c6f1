/** Plain text in pieces a person reads differently. */
export type TextBlock =
  | { kind: 'text'; lines: string[] }
  | { kind: 'quote'; lines: string[] }
  | { kind: 'signature'; lines: string[] };

/** Parts text into what was written, what is quoted (`>`), and the signature after `-- ` (RFC 3676 §4.3). */
export function splitText(text: string): TextBlock[] {
  const lines = text.replace(/\r\n?/g, '\n').trimEnd().split('\n');
  const signatureAt = lines.findLastIndex((line) => /^-- ?$/.test(line));
  const isSignature = signatureAt >= 0 && lines.length - signatureAt <= 16 && !lines.slice(signatureAt).some(isQuoted);
  const blocks = splitQuotes(isSignature ? lines.slice(0, signatureAt) : lines);
  return isSignature ? [...blocks, { kind: 'signature', lines: lines.slice(signatureAt) }] : blocks;
}

function splitQuotes(lines: readonly string[]): TextBlock[] {
  const blocks: TextBlock[] = [];
  for (const line of lines) {
    const kind = isQuoted(line) ? 'quote' : 'text';
    const last = blocks.at(-1);
    if (last !== undefined && last.kind === kind) last.lines.push(line);
    else blocks.push({ kind, lines: [line] });
  }
  return blocks;
}

function isQuoted(line: string): boolean {
  return /^\s{0,3}>/.test(line);
}

/** The text of a quote with its marks taken off, and how deep it lies. */
export function unquote(line: string): { depth: number; text: string } {
  const marks = /^\s{0,3}((?:> ?)+)/.exec(line)?.[1] ?? '';
  return { depth: marks.replaceAll(' ', '').length, text: line.trimStart().slice(marks.length) };
}

export type TextPiece = { kind: 'plain'; text: string } | { kind: 'link'; text: string; address: string };

// A full stop or bracket at the end belongs to the sentence, not to the address.
const addressPattern =
  /\b(?:https?:\/\/|www\.)[^\s<>"'`]{1,2000}|\bmailto:[^\s<>"'`]{1,500}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/giu;

/** No text that people write has more. */
const mostAddresses = 3000;

/** Whether a text has no more addresses than can be made links of; counted by what every address has. */
export function hasFewAddresses(text: string): boolean {
  return countOf(text, /@|:\/\/|www\.|mailto:/gi) <= mostAddresses;
}

/** A line with its web and mail addresses found. */
export function findLinks(line: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const match of line.matchAll(addressPattern)) {
    const text = trimAddress(match[0]);
    if (match.index > end) pieces.push({ kind: 'plain', text: line.slice(end, match.index) });
    pieces.push({ kind: 'link', text, address: completeAddress(text) });
    end = match.index + text.length;
  }
  if (end < line.length) pieces.push({ kind: 'plain', text: line.slice(end) });
  return pieces;
}

/** Character by character from the end: a page full of brackets must not take minutes. */
function trimAddress(text: string): string {
  const trimmed = withoutEnd(text, '.,;:!?»”’');
  let surplus = countOf(trimmed, /[)\]}]/g) - countOf(trimmed, /[([{]/g);
  let end = trimmed.length;
  for (; surplus > 0 && ')]}'.includes(trimmed.charAt(end - 1)); surplus--) end--;
  return withoutEnd(trimmed.slice(0, end), '.,;:!?');
}

function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function countOf(text: string, characters: RegExp): number {
  return text.match(characters)?.length ?? 0;
}

function completeAddress(text: string): string {
  if (/^(?:https?:\/\/|mailto:)/i.test(text)) return text;
  return text.includes('@') && !text.includes('/') ? `mailto:${text}` : `https://${text}`;
}
