/**
 * The folder's real name out of Thunderbird's summary file (`.msf`, the Mork format). Nothing else of it is used.
 * Thunderbird stores a folder whose name no file may have, or that is too long, under a name that ends in a hash; the
 * summary keeps the name in the cell of the column `folderName`. Undefined when it is not to be found.
 */
export function folderNameInSummary(text: string): string | undefined {
  // Columns and values stand in dictionaries, `(8A=folderName)`; a cell is `(^8A=value)` or `(^8A^91)`.
  const column = /\(([0-9A-F]+)=folderName\)/i.exec(text)?.[1];
  if (column === undefined) return undefined;
  const cells = [
    ...text.matchAll(new RegExp(`\\(\\^${column}(?:=((?:[^)\\\\]|\\\\[\\s\\S])*)|\\^([0-9A-F]+))\\)`, 'gi')),
  ];
  // What was written later stands further down.
  const last = cells.at(-1);
  if (last === undefined) return undefined;
  const [, plain, id] = last;
  if (plain !== undefined) return nonEmpty(decodeMorkValue(plain));
  const values = [...text.matchAll(new RegExp(`\\(${id}=((?:[^)\\\\]|\\\\[\\s\\S])*)\\)`, 'gi'))];
  const value = values.find(([, found]) => found !== 'folderName')?.[1];
  return value === undefined ? undefined : nonEmpty(decodeMorkValue(value));
}

/** `$C3` is an octet, `\)` the character itself, a backslash before a line end continues the value. Text is UTF-8. */
export function decodeMorkValue(value: string): string {
  const octets = value
    .replace(/\\\r?\n/g, '')
    .replace(/\\(.)|\$([0-9A-Fa-f]{2})/g, (_whole, plain: string | undefined, hex: string | undefined) =>
      hex === undefined ? (plain ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
    );
  const bytes = Buffer.from(octets, 'latin1');
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}

function nonEmpty(text: string): string | undefined {
  return text.trim() === '' ? undefined : text;
}
