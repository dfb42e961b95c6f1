import { fromFlowedText } from './flowed-text.ts';
import { fieldValue } from './header-fields.ts';
import { fileNameOf, isAttachedLeaf, isTextLeaf, leafOctets, leafText } from './leaf-content.ts';
import type { MimeLeaf, MimeTree } from './mime-tree.ts';

/** An attachment before its name is made safe. */
export interface FoundPart {
  readonly name: string;
  readonly contentType: string;
  readonly contentId: string;
  readonly octets: Buffer;
}

export interface OwnBodies {
  readonly text: string;
  /** Some of the text is `format=flowed`, whose quotes the library runs together. */
  readonly isFlowed: boolean;
  readonly html: string | null;
  /** Every attachment; decoded only when asked for. */
  readonly attached: () => FoundPart[];
  /** Texts that have a file's name and stand in the message like its text: shown, and offered as files too. */
  readonly named: FoundPart[];
}

/** The bodies as our own reader sees them, to help out where the library has nothing to show. */
export function ownBodies(buf: Buffer, tree: MimeTree): OwnBodies {
  const own = tree.leaves.filter(({ isEmbedded }) => !isEmbedded);
  const isShown = (leaf: MimeLeaf) => isReadable(leaf) && leaf.disposition.value !== 'attachment';
  const texts = own.filter(isShown);
  const html = texts.filter(({ contentType }) => contentType.value === 'text/html').map((leaf) => leafText(buf, leaf));
  const plain = texts.filter(({ contentType }) => contentType.value !== 'text/html');
  const rest = own.filter((leaf) => !isShown(leaf) && (isAttachedLeaf(leaf) || !isTextLeaf(leaf)));
  return {
    text: plain.map((leaf) => plainText(buf, leaf)).join('\n'),
    isFlowed: plain.some(isFlowed),
    html: html.length === 0 ? null : html.join('<br/>\n'),
    attached: () => [...rest, ...texts.filter((leaf) => fileNameOf(leaf) !== '')].map((leaf) => toPart(buf, leaf)),
    named: texts.filter((leaf) => fileNameOf(leaf) !== '').map((leaf) => toPart(buf, leaf)),
  };
}

/** What the library, too, takes for the text of the message rather than for a file. */
function isReadable(leaf: MimeLeaf): boolean {
  const { value } = leaf.contentType;
  return (
    isTextLeaf(leaf) && (!value.includes('/') || /^(?:text\/(?:plain|html)|message\/delivery-status)$/.test(value))
  );
}

function isFlowed({ contentType }: MimeLeaf): boolean {
  return contentType.parameters.get('format')?.toLowerCase() === 'flowed';
}

function plainText(buf: Buffer, leaf: MimeLeaf): string {
  const text = leafText(buf, leaf);
  if (!isFlowed(leaf)) return text.replace(/\r\n?/g, '\n');
  return fromFlowedText(text, leaf.contentType.parameters.get('delsp')?.toLowerCase() === 'yes');
}

function toPart(buf: Buffer, leaf: MimeLeaf): FoundPart {
  return {
    name: fileNameOf(leaf),
    contentType: leaf.contentType.value === '' ? 'text/plain' : leaf.contentType.value,
    contentId: fieldValue(leaf.fields, 'content-id') ?? '',
    octets: leafOctets(buf, leaf),
  };
}
