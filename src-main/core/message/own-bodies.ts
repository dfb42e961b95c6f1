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
  readonly html: string | null;
  /** Every attachment; decoded only when asked for. */
  readonly attached: () => FoundPart[];
  /** Texts that have a file's name and stand in the message like its text: shown, and offered as files too. */
  readonly named: FoundPart[];
}

/** The bodies as our own reader sees them, to help out where the library has nothing to show. */
export function ownBodies(buf: Buffer, tree: MimeTree): OwnBodies {
  const own = tree.leaves.filter(({ isEmbedded }) => !isEmbedded);
  const isShown = (leaf: MimeLeaf) => isTextLeaf(leaf) && leaf.disposition.value !== 'attachment';
  const texts = own.filter(isShown);
  const html = texts.filter(({ contentType }) => contentType.value === 'text/html').map((leaf) => leafText(buf, leaf));
  const plain = texts.filter(({ contentType }) => contentType.value !== 'text/html').map((leaf) => leafText(buf, leaf));
  const rest = own.filter((leaf) => !isShown(leaf) && (isAttachedLeaf(leaf) || !isTextLeaf(leaf)));
  return {
    text: plain.join('\n').replace(/\r\n?/g, '\n'),
    html: html.length === 0 ? null : html.join('<br/>\n'),
    attached: () => [...rest, ...texts.filter((leaf) => fileNameOf(leaf) !== '')].map((leaf) => toPart(buf, leaf)),
    named: texts.filter((leaf) => fileNameOf(leaf) !== '').map((leaf) => toPart(buf, leaf)),
  };
}

function toPart(buf: Buffer, leaf: MimeLeaf): FoundPart {
  return {
    name: fileNameOf(leaf),
    contentType: leaf.contentType.value === '' ? 'text/plain' : leaf.contentType.value,
    contentId: fieldValue(leaf.fields, 'content-id') ?? '',
    octets: leafOctets(buf, leaf),
  };
}
