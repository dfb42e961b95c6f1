import { decodeEntities } from './html-entities.ts';

/** Elements whose content is never read. */
const skipped = new Set([
  'script',
  'style',
  'title',
  'noscript',
  'template',
  'iframe',
  'object',
  'svg',
  'math',
  'xml',
  'select',
]);

/** Elements that stand on lines of their own; `2` asks for an empty line around. */
const blocks: ReadonlyMap<string, 1 | 2> = new Map([
  ...[
    'br',
    'div',
    'tr',
    'li',
    'dt',
    'dd',
    'table',
    'section',
    'article',
    'header',
    'footer',
    'address',
    'center',
    'form',
    'hr',
    'blockquote',
    'body',
    'main',
    'nav',
    'aside',
    'figure',
    'caption',
    'option',
  ].map((name) => [name, 1] as const),
  ...['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'dl', 'pre'].map((name) => [name, 2] as const),
]);

const maxQuoteDepth = 10;

/** Soft hyphens, joiners and marks of no width, which senders use as padding and which would split words in two. */
const invisible = /\u00ad|\u034f|\u200b|\u200c|\u200d|\u2060|\ufeff/g;
/** Text that has to be touched at all; most has not. */
const untidy = /[\t\r\n\f\u00a0\u00ad\u2000-\u200d\u2060\u3000\ufeff]|\u034f| {2}/;

/**
 * The readable text of HTML, in one pass and linear time, without building a tree: for the index, for snippets, and for
 * quoting. Quoted blocks get `> ` before each line. Nothing of the markup survives, so the answer is safe as text.
 */
export function htmlToText(html: string, maxLength = Number.POSITIVE_INFINITY): string {
  const writer = new TextWriter();
  let at = 0;
  while (at < html.length && writer.length < maxLength) {
    const open = html.indexOf('<', at);
    if (open < 0) {
      writer.write(html.slice(at));
      break;
    }
    if (open > at) writer.write(html.slice(at, open));
    at = readTag(html, open, writer);
  }
  return writer.finish().slice(0, maxLength);
}

/** Takes in the tag, comment or stray `<` at `open`; answers where to go on. */
function readTag(html: string, open: number, writer: TextWriter): number {
  const next = html.charCodeAt(open + 1);
  if (next === 0x21 || next === 0x3f) return skipDeclaration(html, open);
  const isEnd = next === 0x2f;
  const nameStart = isEnd ? open + 2 : open + 1;
  const nameEnd = endOfName(html, nameStart);
  if (nameEnd === nameStart) {
    if (!isEnd) writer.write('<');
    return isEnd ? endOfTag(html, nameStart) : open + 1;
  }
  const name = html.slice(nameStart, nameEnd).toLowerCase();
  const end = endOfTag(html, nameEnd);
  if (skipped.has(name)) return isEnd || html.charCodeAt(end - 2) === 0x2f ? end : skipElement(html, end, name);
  writer.tag(name, isEnd);
  return end;
}

function skipDeclaration(html: string, open: number): number {
  const isComment = html.startsWith('<!--', open);
  const end = isComment ? html.indexOf('-->', open + 2) : html.indexOf('>', open);
  if (end < 0) return html.length;
  return isComment ? end + 3 : end + 1;
}

function skipElement(html: string, start: number, name: string): number {
  let at = html.indexOf('</', start);
  while (at >= 0) {
    const nameEnd = at + 2 + name.length;
    if (html.slice(at + 2, nameEnd).toLowerCase() === name) return endOfTag(html, nameEnd);
    at = html.indexOf('</', at + 2);
  }
  return html.length;
}

function endOfName(html: string, start: number): number {
  let at = start;
  for (; at < html.length && at < start + 40; at += 1) {
    const code = html.charCodeAt(at) | 0x20;
    const isLetter = code >= 0x61 && code <= 0x7a;
    if (isLetter) continue;
    const digit = html.charCodeAt(at);
    if (at === start || !((digit >= 0x30 && digit <= 0x39) || digit === 0x3a || digit === 0x2d)) break;
  }
  return at;
}

/** After the `>` that ends the tag; one inside a quoted attribute does not. A quote counts only after `=`. */
function endOfTag(html: string, start: number): number {
  let at = start;
  while (at < html.length) {
    const code = html.charCodeAt(at);
    if (code === 0x3e) return at + 1;
    if (code === 0x3d) {
      do at += 1;
      while (html.charCodeAt(at) === 0x20);
      const quote = html.charCodeAt(at);
      if (quote !== 0x22 && quote !== 0x27) continue;
      const close = html.indexOf(quote === 0x22 ? '"' : "'", at + 1);
      if (close < 0) return html.length;
      at = close;
    }
    at += 1;
  }
  return html.length;
}

/** Gathers words into lines: white space is one space, blocks end lines, quotes are marked. */
class TextWriter {
  length = 0;
  private readonly lines: string[] = [];
  private line = '';
  private isAfterSpace = true;
  private quoteDepth = 0;
  private preDepth = 0;
  private wantsGap = false;

  write(raw: string): void {
    const text = decodeEntities(raw);
    if (this.preDepth > 0 && text.includes('\n')) {
      const [first = '', ...more] = text.split('\n');
      this.append(first);
      for (const line of more) {
        this.endLine();
        this.append(line);
      }
    } else this.append(text);
  }

  private append(text: string): void {
    const isUntidy = untidy.test(text);
    const visible = isUntidy ? text.replace(invisible, '') : text;
    if (this.preDepth > 0) {
      this.add(visible.replaceAll('\r', ''));
      return;
    }
    const words = isUntidy ? visible.replace(/[ \t\r\n\f\u00a0\u2000-\u200a\u3000]+/g, ' ') : visible;
    this.add(this.isAfterSpace ? words.trimStart() : words);
  }

  /** The line is only added to, never looked at before it ends: reading it would copy it each time. */
  private add(words: string): void {
    if (words === '') return;
    this.length += words.length;
    this.line += words;
    this.isAfterSpace = words.endsWith(' ');
  }

  private startLine(mark: string): void {
    this.line = mark;
    this.isAfterSpace = true;
  }

  tag(name: string, isEnd: boolean): void {
    if (name === 'td' || name === 'th') {
      this.append(' ');
      return;
    }
    const gap = blocks.get(name);
    if (gap === undefined) return;
    if (name === 'br') this.forceLine();
    else this.endLine();
    if (gap === 2) this.wantsGap = true;
    const step = isEnd ? -1 : 1;
    if (name === 'blockquote') this.quoteDepth = Math.max(0, this.quoteDepth + step);
    else if (name === 'pre') this.preDepth = Math.max(0, this.preDepth + step);
    else if (name === 'li' && !isEnd) this.startLine('- ');
  }

  private endLine(): void {
    if (this.line.trim() !== '' && this.line !== '- ') this.forceLine();
    else this.startLine('');
  }

  private forceLine(): void {
    const mark = '> '.repeat(Math.min(this.quoteDepth, maxQuoteDepth));
    if (this.wantsGap && this.lines.length > 0 && this.lines[this.lines.length - 1] !== '')
      this.lines.push(mark.trimEnd());
    this.wantsGap = false;
    this.lines.push((mark + this.line).trimEnd());
    this.length += mark.length + 1;
    this.startLine('');
  }

  finish(): string {
    this.endLine();
    return this.lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
  }
}
