const maxLength = 150;

/** Controls, marks of no width and overrides of the writing direction: they make one name look like another. */
const hidden = /[\0-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
/** Not allowed in names on Windows; `/` and `\` were taken as separators before. */
const forbidden = /[<>:"|?*]/g;
const reserved = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;
/** Opening one of these runs it. */
const running =
  /\.(?:exe|scr|com|pif|bat|cmd|msi|msp|msc|cpl|hta|jar|js|jse|vbs|vbe|wsf|wsh|ps1|psm1|lnk|url|reg|scf|inf|iso|img|vhdx?|app|appimage|desktop|command|sh|dll|xll|chm|gadget|application|jnlp)$/i;

/** The usual ending for a part that came without a name. */
const endings: Readonly<Record<string, string>> = {
  'message/rfc822': 'eml',
  'message/delivery-status': 'txt',
  'text/plain': 'txt',
  'text/html': 'html',
  'text/calendar': 'ics',
  'text/csv': 'csv',
  'text/x-vcard': 'vcf',
  'text/vcard': 'vcf',
  'text/rfc822-headers': 'txt',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'application/json': 'json',
  'application/pgp-signature': 'asc',
  'application/pkcs7-signature': 'p7s',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/svg+xml': 'svg',
};

/**
 * A name a stranger chose, made safe to save and honest to read: no path, no control or direction-override characters,
 * nothing Windows reserves, no leading dot, and no second ending hidden before one that runs (`bill.pdf.exe` becomes
 * `bill_pdf.exe`, which stays what it is where endings are not shown). Never empty.
 */
export function safeFileName(name: string, contentType: string): string {
  const last = name.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const visible = last.replace(hidden, '').replace(forbidden, '_').replace(/\s+/g, ' ').trim();
  const bare = visible.replace(/^[. ]+/, '').replace(/[. ]+$/, '');
  if (bare === '') return `attachment.${endings[contentType] ?? 'bin'}`;
  const honest = running.test(bare) ? withOneEnding(bare) : bare;
  return shorten(reserved.test(honest) ? `_${honest}` : honest);
}

function withOneEnding(name: string): string {
  const dot = name.lastIndexOf('.');
  const stem = name.slice(0, dot).replace(/\.([A-Za-z0-9]{1,5}) ?$/, '_$1');
  return `${stem.trimEnd()}${name.slice(dot)}`;
}

function shorten(name: string): string {
  if (name.length <= maxLength && Buffer.byteLength(name) <= maxLength + 50) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : '';
  let stem = '';
  // File systems count octets, people count characters: neither is cut in two.
  for (const character of name.slice(0, name.length - ending.length)) {
    if (stem.length + character.length + ending.length > maxLength) break;
    if (Buffer.byteLength(stem) + Buffer.byteLength(character) + ending.length > maxLength + 50) break;
    stem += character;
  }
  return `${stem.trimEnd()}${ending}`;
}
