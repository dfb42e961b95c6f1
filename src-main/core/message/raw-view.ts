import { decodeCharset } from './charset.ts';
import { readHeaderFields, skipEnvelopeLine } from './header-fields.ts';
import { readHeader } from './header-values.ts';
import type { ReadMessage } from './parse-protocol.ts';

/** How much of the source a person is shown. */
const shownOctets = 256 * 1024;
const headerOctets = 1024 * 1024;

/** A message that could not be parsed within the limits: its header, and the start of its source as text. */
export function rawView(bytes: Uint8Array, why: string): ReadMessage {
  const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { fields } = readHeaderFields(buf, skipEnvelopeLine(buf, 0, buf.length), Math.min(buf.length, headerOctets));
  const source = decodeCharset(buf.subarray(0, shownOctets), undefined);
  return {
    ...readHeader(fields),
    text: source.replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd'),
    html: null,
    attachments: [],
    defects: [why, 'Nothing is lost: the whole message is on your disk, and it can be saved as a file.'],
  };
}
