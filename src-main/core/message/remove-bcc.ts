/**
 * The message without its Bcc fields, folded lines included; every other octet stays as it is. The header ends at the
 * first empty line; Bcc in the body is text. Answers the same bytes when there is none.
 */
export function removeBcc(bytes: Uint8Array): Uint8Array {
  const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Buffer[] = [];
  let keptFrom = 0;
  let isBcc = false;
  let at = 0;
  while (at < buf.length) {
    const feed = buf.indexOf(0x0a, at);
    const next = feed < 0 ? buf.length : feed + 1;
    const first = buf[at];
    if (first === 0x0a || (first === 0x0d && buf[at + 1] === 0x0a)) break;
    // A line that begins with white space continues the field before it (RFC 5322 §2.2.3).
    const isContinuation = first === 0x20 || first === 0x09;
    const wasBcc = isBcc;
    if (!isContinuation) isBcc = namesBcc(buf, at);
    if (isBcc && !wasBcc) kept.push(buf.subarray(keptFrom, at));
    if (wasBcc && !isBcc) keptFrom = at;
    at = next;
  }
  if (isBcc) keptFrom = at;
  else if (kept.length === 0) return bytes;
  kept.push(buf.subarray(keptFrom));
  return Buffer.concat(kept);
}

/** `Bcc:` in any case, and that of a resent message (RFC 5322 §3.6.6); §4.5.3 lets white space stand before the colon. */
function namesBcc(buf: Buffer, at: number): boolean {
  return /^(?:resent-)?bcc[ \t]*:/i.test(buf.toString('latin1', at, Math.min(at + 100, buf.length)));
}
