import { assertNever } from '#shared/assert-never.ts';

/** A node of the editor's document, as far as it is read here (ProseMirror JSON). */
export interface DocNode {
  readonly type?: string;
  readonly text?: string;
  readonly attrs?: Record<string, unknown>;
  readonly marks?: { type: string; attrs?: Record<string, unknown> }[];
  readonly content?: DocNode[];
}

/**
 * The document as plain text: quotes get `> `, lists their bullets and numbers, a link whose text is not its address
 * keeps the address behind it. Paragraphs are parted by an empty line, except empty ones, which are lines themselves.
 */
export function plainFromDoc(doc: DocNode): string {
  return blocks(doc.content ?? [])
    .join('\n')
    .replace(/\n+$/u, '\n')
    .replace(/^\n+$/u, '');
}

function blocks(nodes: readonly DocNode[]): string[] {
  return nodes.flatMap((node) => block(node));
}

function block(node: DocNode): string[] {
  const children = node.content ?? [];
  switch (node.type) {
    case 'blockquote':
      return blocks(children).map((line) => (line === '' ? '>' : line.startsWith('>') ? `>${line}` : `> ${line}`));
    case 'bulletList':
      return children.flatMap((item) => indented(item, '- '));
    case 'orderedList':
      return children.flatMap((item, index) => indented(item, `${firstNumber(node) + index}. `));
    case 'codeBlock':
    case 'heading':
    case 'paragraph':
      return inline(children).split('\n');
    case 'horizontalRule':
      return ['---'];
    default:
      return blocks(children);
  }
}

function firstNumber(list: DocNode): number {
  const start = list.attrs?.start;
  return typeof start === 'number' ? start : 1;
}

function indented(item: DocNode, bullet: string): string[] {
  const room = ' '.repeat(bullet.length);
  return blocks(item.content ?? []).map((line, index) => (index === 0 ? bullet : room) + line);
}

function inline(nodes: readonly DocNode[]): string {
  return nodes
    .map((node) => {
      if (node.type === 'hardBreak') return '\n';
      const text = node.text ?? '';
      const link = node.marks?.find(({ type }) => type === 'link')?.attrs?.href;
      return typeof link === 'string' && !says(text, link) ? `${text} <${link}>` : text;
    })
    .join('');
}

function says(text: string, link: string): boolean {
  const bare = (address: string): string => address.replace(/^(https?:\/\/|mailto:)/u, '').replace(/\/$/u, '');
  return bare(text.trim()) === bare(link);
}

/** What switching to plain text would lose: nothing for paragraphs, quotes and lists, which plain text can say too. */
export function losesFormatting(doc: DocNode): boolean {
  if (doc.type === 'heading' || doc.type === 'codeBlock' || doc.type === 'image') return true;
  const marks = doc.marks ?? [];
  if (marks.some(({ type }) => type !== 'link')) return true;
  return (doc.content ?? []).some(losesFormatting);
}

/** Plain text as a document: one paragraph a line, `> ` lines as quotes, so that nothing is lost on the way back. */
export function docFromPlain(text: string): DocNode {
  return { type: 'doc', content: quoted(text.split('\n')) };
}

/** Quotes within quotes deeper than this stay as text: a hostile message must not exhaust the stack. */
const deepest = 20;

function quoted(lines: readonly string[], depth = 0): DocNode[] {
  const nodes: DocNode[] = [];
  let run: string[] = [];
  let isQuote = false;
  const finish = (): void => {
    if (run.length === 0) return;
    if (isQuote) nodes.push({ type: 'blockquote', content: quoted(run.map(unquote), depth + 1) });
    else nodes.push(...run.map(paragraph));
    run = [];
  };
  for (const line of lines) {
    const quotes = line.startsWith('>') && depth < deepest;
    if (quotes !== isQuote) finish();
    isQuote = quotes;
    run.push(line);
  }
  finish();
  return nodes;
}

function unquote(line: string): string {
  return line.replace(/^> ?/u, '');
}

function paragraph(line: string): DocNode {
  return line === '' ? { type: 'paragraph' } : { type: 'paragraph', content: [{ type: 'text', text: line }] };
}

/** What the toolbar can do. */
export type Format = 'bold' | 'italic' | 'bulletList' | 'orderedList' | 'blockquote' | 'link';

/** The keys that do the same, for the tooltip. */
export function shortcutOf(format: Exclude<Format, 'link'>): string {
  switch (format) {
    case 'bold':
      return 'Ctrl+B';
    case 'italic':
      return 'Ctrl+I';
    case 'bulletList':
      return 'Ctrl+Shift+8';
    case 'orderedList':
      return 'Ctrl+Shift+7';
    case 'blockquote':
      return 'Ctrl+Shift+B';
    default:
      return assertNever(format);
  }
}

/** An address fit for a link: http, https or mailto; a bare host gets https, a bare mailbox mailto. Null: not one. */
export function linkTarget(typed: string): string | null {
  const text = typed.trim();
  if (text === '' || /\s/u.test(text)) return null;
  if (/^(https?:\/\/|mailto:)./iu.test(text)) return text;
  if (/^[a-z][a-z0-9+.-]*:/iu.test(text) && !/^[^/]+:\d+(\/|$)/u.test(text)) return null;
  return /^[^@/]+@[^@/]+\.[^@/]+$/u.test(text) ? `mailto:${text}` : `https://${text}`;
}
