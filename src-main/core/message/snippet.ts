const snippetLength = 200;
/** How much of the text is looked at. */
const window = 20_000;

/** RFC 3676 §4.3; also without the space, as many writers have it. */
const signatureLine = /^-- ?$/;
const separatorLine =
  /^(?:-{3,} ?(?:original message|ursprüngliche nachricht|message d'origine|mensaje original|forwarded message)|_{20,}$|begin forwarded message:)/i;
const attribution =
  /^(?:on|am|le|el|op|il|den|em) .{5,200}(?:wrote|schrieb|écrit|escribió|schreef|scritto|skrev|escreveu).{0,100}:$/i;

/** The first 200 characters a person would read: no quotes, no line that introduces one, no signature. */
export function makeSnippet(text: string): string {
  const lines = text.slice(0, window).split('\n');
  const own: string[] = [];
  let length = 0;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (signatureLine.test(raw.replace(/\r$/, ''))) break;
    if (own.length > 0 && separatorLine.test(line)) break;
    if (line === '' || line.startsWith('>') || /^[-=_*~#.\s]+$/.test(line)) continue;
    if (attribution.test(line) || attribution.test(`${line} ${(lines[index + 1] ?? '').trim()}`.slice(0, 400)))
      continue;
    if (/^(?:.{0,100}(?:wrote|schrieb|écrit)) ?:$/i.test(line) && (lines[index + 1] ?? '').trim().startsWith('>'))
      continue;
    own.push(line);
    length += line.length + 1;
    if (length > snippetLength * 2) break;
  }
  const chosen =
    own.length > 0
      ? own.join(' ')
      : lines
          .slice(0, 50)
          .join(' ')
          .replace(/[>\s]+/g, ' ');
  return cut(chosen.replace(/[\0-\x20\x7f\u00a0\u2028\u2029]+/g, ' ').trim());
}

function cut(text: string): string {
  if (text.length <= snippetLength) return text;
  const end = text.charCodeAt(snippetLength - 1);
  // Not through the middle of a surrogate pair.
  return text.slice(0, end >= 0xd800 && end <= 0xdbff ? snippetLength - 1 : snippetLength);
}
