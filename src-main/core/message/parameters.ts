import { decodeCharset, decodeLatin1 } from './charset.ts';
import { decodeHeaderText, printable } from './encoded-words.ts';

/** A structured value: `text/plain; charset=utf-8; name="x"`. */
export interface ParameterisedValue {
  /** Lower case, without parameters: `text/plain`, `attachment`. */
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** RFC 2231 §3 allows pieces without end; nobody needs more than this. */
const maxParameters = 200;

const parameter = /\s*([^=;\s]{1,100})\s*=\s*(?:"((?:[^"\\]|\\[\s\S])*)"|([^;]*))|[^;]+/y;

/** Reads the `latin1` value of Content-Type or Content-Disposition, RFC 2045 §5.1 with RFC 2231; tolerant of slips. */
export function parseParameters(field: string): ParameterisedValue {
  const text = field.length > 65_536 ? field.slice(0, 65_536) : field;
  const semicolon = text.indexOf(';');
  const value = (semicolon < 0 ? text : text.slice(0, semicolon)).replace(/\(.*$/, '').trim().toLowerCase();
  const raw = new Map<string, string>();
  let at = semicolon < 0 ? text.length : semicolon + 1;
  while (at < text.length && raw.size < maxParameters) {
    if (text.charAt(at) === ';') {
      at += 1;
      continue;
    }
    parameter.lastIndex = at;
    const found = parameter.exec(text);
    if (found === null) break;
    at = parameter.lastIndex;
    const name = found[1]?.toLowerCase();
    if (name === undefined || raw.has(name)) continue;
    raw.set(name, found[2] === undefined ? (found[3] ?? '').trim() : withoutEscapes(found[2]));
  }
  return { value, parameters: joinContinuations(raw) };
}

/** Only `\"` and `\\` are taken as escapes: `"C:\temp\x"` is a slip of many writers. */
function withoutEscapes(text: string): string {
  return text.includes('\\') ? text.replace(/\\(["\\])/g, '$1') : text;
}

/** RFC 2231 §3 and §4: `name*0*=utf-8''a%20; name*1=b`. */
function joinContinuations(raw: ReadonlyMap<string, string>): Map<string, string> {
  const joined = new Map<string, string>();
  const pieces = new Map<string, { index: number; text: string; isEncoded: boolean }[]>();
  for (const [name, text] of raw) {
    const star = /^([^*]+)\*(?:(\d{1,4})(\*)?)?$/.exec(name);
    if (star === null) {
      // A boundary is octets, not text; trailing spaces belong to it (RFC 2046 §5.1.1 forbids them, writers do not know).
      joined.set(name, name === 'boundary' ? text : decodeHeaderText(text));
      continue;
    }
    const base = star[1] ?? '';
    const list = pieces.get(base) ?? [];
    list.push({ index: Number(star[2] ?? 0), text, isEncoded: star[2] === undefined || star[3] !== undefined });
    pieces.set(base, list);
  }
  for (const [name, list] of pieces) joined.set(name, decodePieces(list.sort((a, b) => a.index - b.index)));
  return joined;
}

function decodePieces(list: readonly { text: string; isEncoded: boolean }[]): string {
  let charset: string | undefined;
  const octets: Buffer[] = [];
  for (const [index, { text, isEncoded }] of list.entries()) {
    let body = text;
    if (index === 0 && isEncoded) {
      const prefix = /^([^']*)'[^']*'/.exec(text);
      charset = prefix?.[1];
      body = text.slice(prefix?.[0].length ?? 0);
    }
    octets.push(Buffer.from(isEncoded ? percentDecoded(body) : body, 'latin1'));
  }
  const all = Buffer.concat(octets);
  return printable(charset === undefined ? decodeLatin1(all.toString('latin1')) : decodeCharset(all, charset));
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
