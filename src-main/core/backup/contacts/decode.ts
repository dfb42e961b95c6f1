/** Octets as text: by their byte order mark, as UTF-8 where they are that, else as Windows wrote it in the West. */
export function textOf(octets: Uint8Array): string {
  if (octets[0] === 0xff && octets[1] === 0xfe) return new TextDecoder('utf-16le').decode(octets);
  if (octets[0] === 0xfe && octets[1] === 0xff) return new TextDecoder('utf-16be').decode(octets);
  return decoded(octets, 'utf-8');
}

/** In this charset, or in Windows-1252 where it is unknown or not that. */
export function decoded(octets: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(octets);
  } catch {
    return new TextDecoder('windows-1252').decode(octets);
  }
}
