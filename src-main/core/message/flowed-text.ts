const lineWidth = 76;

/**
 * Text as `format=flowed` (RFC 3676): paragraphs are broken with a space before the line end, so that they flow again
 * at the reader's width; lines that begin with a space, `From ` are stuffed. Quoted lines (`> `) keep their marks.
 * Line ends are CRLF.
 */
export function toFlowedText(text: string): string {
  const lines: string[] = [];
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) lines.push(...flowLine(line));
  return lines.join('\r\n');
}

/** Line ends as they travel, nothing else changed. */
export function toCrlf(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}

function flowLine(line: string): string[] {
  // RFC 3676 §4.3: the signature's mark keeps its space and is never flowed.
  if (line === '-- ') return [line];
  const marks = /^(?:> ?)+/.exec(line)?.[0] ?? '';
  const prefix = marks === '' ? '' : `${marks.replaceAll(' ', '')} `;
  const content = line.slice(marks.length).trimEnd();
  const pieces = wrap(content, Math.max(20, lineWidth - prefix.length));
  return pieces.map((piece, index) => {
    const isLast = index === pieces.length - 1;
    const stuffed = marks === '' && /^(?: |From |>)/.test(piece) ? ` ${piece}` : piece;
    return isLast ? `${prefix}${stuffed}`.trimEnd() : `${prefix}${stuffed} `;
  });
}

/** Breaks at spaces only; each piece but the last stood before one space that the flowed line end stands for. */
function wrap(text: string, width: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const room = rest.lastIndexOf(' ', width);
    const cut = room > 0 ? room : rest.indexOf(' ', width);
    if (cut <= 0 || rest.slice(0, cut).trim() === '') break;
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(cut + 1);
  }
  pieces.push(rest);
  return pieces;
}

/**
 * Undoes `format=flowed` (RFC 3676 §4): lines that end in a space go on in the next of the same quote depth, stuffing is
 * taken off. With `DelSp=yes` the space itself was added only for the break. Line ends become LF.
 */
export function fromFlowedText(text: string, isDelSp: boolean): string {
  const lines: string[] = [];
  let open: { marks: string; pieces: string[] } | null = null;
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const marks = /^>*/.exec(line)?.[0] ?? '';
    const stuffed = line.slice(marks.length);
    const content = stuffed.startsWith(' ') ? stuffed.slice(1) : stuffed;
    const isSignature = content === '-- ';
    const isFlowed = content.endsWith(' ') && !isSignature;
    const piece = isFlowed && isDelSp ? content.slice(0, -1) : content;
    if (open !== null && open.marks === marks && !isSignature) open.pieces.push(piece);
    else {
      if (open !== null) lines.push(joinFlowed(open));
      open = { marks, pieces: [piece] };
    }
    if (!isFlowed) {
      lines.push(joinFlowed(open));
      open = null;
    }
  }
  if (open !== null) lines.push(joinFlowed(open));
  return lines.join('\n');
}

function joinFlowed({ marks, pieces }: { marks: string; pieces: readonly string[] }): string {
  const text = pieces.join('');
  return marks === '' ? text : `${marks} ${text}`.trimEnd();
}
