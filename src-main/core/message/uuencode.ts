/** The classic encoding: `begin 644 name`, lines led by their length, `end`. */
export function decodeUuencode(text: string): Buffer {
  const chunks: Buffer[] = [];
  for (const line of text.split('\n')) {
    if (/^begin [0-7]{3,4} /.test(line) || line === '') continue;
    if (/^end\s*$/.test(line)) break;
    chunks.push(decodeUuLine(line.endsWith('\r') ? line.slice(0, -1) : line));
  }
  return Buffer.concat(chunks);
}

function decodeUuLine(line: string): Buffer {
  const length = (line.charCodeAt(0) - 32) & 63;
  const out = Buffer.alloc(Math.ceil(length / 3) * 3);
  for (let at = 1, to = 0; to < length; at += 4, to += 3) {
    const [a, b, c, d] = [0, 1, 2, 3].map((offset) => (line.charCodeAt(at + offset) - 32) & 63);
    out.writeUIntBE((((a ?? 0) << 18) | ((b ?? 0) << 12) | ((c ?? 0) << 6) | (d ?? 0)) & 0xffffff, to, 3);
  }
  return out.subarray(0, length);
}

export interface UuencodedFile {
  readonly fileName: string;
  readonly start: number;
  readonly end: number;
}

/** Files that old programs put into the text itself, with where they stand. */
export function findUuencoded(text: string): UuencodedFile[] {
  const files: UuencodedFile[] = [];
  let at = text.startsWith('begin ') ? 0 : text.indexOf('\nbegin ');
  while (at >= 0 && files.length < 100) {
    const start = text.charAt(at) === '\n' ? at + 1 : at;
    const first = /^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n([ -`]{1,90})\r?\n/.exec(text.slice(start, start + 400));
    if (first === null) at = text.indexOf('\nbegin ', start);
    else {
      const stop = text.indexOf('\nend', start);
      if (stop < 0) return files;
      const lineEnd = text.indexOf('\n', stop + 1);
      const end = lineEnd < 0 ? text.length : lineEnd + 1;
      files.push({ fileName: (first[1] ?? '').trim(), start, end });
      at = text.indexOf('\nbegin ', end - 1);
    }
  }
  return files;
}

/** The text without the files that stand in it. */
export function withoutFiles(text: string, files: readonly UuencodedFile[]): string {
  let kept = '';
  let last = 0;
  for (const { start, end } of files) {
    kept += text.slice(last, start);
    last = end;
  }
  return kept + text.slice(last);
}
