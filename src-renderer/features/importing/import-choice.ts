import { FolderPath } from '#shared/ids.ts';
import type { ImportRequest, MailSourceView, SourceBook, SourceCount, SourceFolder } from '#shared/mail/mail-source.ts';

/** What the user wants of a source. */
export interface ImportChoice {
  /** Ids of folders. */
  readonly chosen: ReadonlySet<string>;
  /** Ids of address books. */
  readonly books: ReadonlySet<string>;
  readonly layout: 'apart' | 'below' | 'one';
  /** For `below`. */
  readonly below: string;
  /** For `one`: a folder that is there, or `newFolder`. */
  readonly into: string;
  readonly newName: string;
  /** Of a Takeout. */
  readonly leavesOut: readonly ('Junk' | 'Trash')[];
}

/** Stands for a folder that is still to be made; no folder is called so. */
export const newFolder = '\n';

export function firstChoice(folders: readonly SourceFolder[], books: readonly SourceBook[] = []): ImportChoice {
  const suggested = folders.filter(({ isSuggested }) => isSuggested);
  const chosen = suggested.length === 0 ? folders : suggested;
  return {
    chosen: new Set(chosen.map(({ id }) => id)),
    books: new Set(books.filter(({ isSuggested }) => isSuggested).map(({ id }) => id)),
    layout: 'apart',
    below: '',
    into: 'Inbox',
    newName: '',
    leavesOut: ['Junk', 'Trash'],
  };
}

export type ChoiceProblem = 'no-folders' | 'below-wrong' | 'name-wrong';

export function problemsOf(choice: ImportChoice): ChoiceProblem[] {
  const problems: ChoiceProblem[] = [];
  if (choice.chosen.size + choice.books.size === 0) problems.push('no-folders');
  // People alone need no place for mail.
  if (choice.chosen.size === 0 && choice.books.size > 0) return problems;
  if (choice.layout === 'below' && !isFolder(choice.below)) problems.push('below-wrong');
  if (choice.layout === 'one' && choice.into === newFolder && !isFolder(choice.newName)) problems.push('name-wrong');
  return problems;
}

function isFolder(name: string): boolean {
  return FolderPath.safeParse(name.trim()).success;
}

/** The request for what was chosen; null while something is missing. */
export function requestFor(source: MailSourceView, choice: ImportChoice): ImportRequest | null {
  if (problemsOf(choice).length > 0) return null;
  const isAll = source.folders.every(({ id }) => choice.chosen.has(id));
  const name = choice.layout === 'below' ? choice.below : choice.into === newFolder ? choice.newName : choice.into;
  const folder = FolderPath.safeParse(name.trim());
  return {
    path: source.path,
    ...(choice.layout !== 'apart' && folder.success ? { folder: folder.data } : {}),
    keepFolders: choice.layout !== 'one',
    ...(isAll ? {} : { sources: [...choice.chosen] }),
    ...(source.books === undefined || source.books.length === 0 ? {} : { books: [...choice.books] }),
    ...leftOut(source, choice),
  };
}

/** Spam and bin of a Takeout, by where they would go. */
function leftOut(source: MailSourceView, { layout, below, leavesOut }: ImportChoice): Pick<ImportRequest, 'leaveOut'> {
  if (!hasLabels(source) || layout === 'one' || leavesOut.length === 0) return {};
  const top = layout === 'below' ? `${below.trim()}/` : '';
  return { leaveOut: leavesOut.map((name) => FolderPath.parse(top + name)) };
}

/** A Takeout: its folders are in the messages' labels, so spam and bin are known only while it is read. */
export function hasLabels(source: MailSourceView): boolean {
  return source.kind === 'takeout';
}

/** How many messages a folder holds, as far as it is known. */
export function countOf(
  folder: SourceFolder,
  counts: Readonly<Record<string, SourceCount>>,
): { messages: number; isExact: boolean } | null {
  if (folder.messages !== null) return { messages: folder.messages, isExact: true };
  return counts[folder.id] ?? null;
}

/** What is chosen, added up. `messages` is null as long as one of them is not counted. */
export function sumOf(
  folders: readonly SourceFolder[],
  counts: Readonly<Record<string, SourceCount>>,
): { octets: number; messages: number | null; isExact: boolean } {
  let octets = 0;
  let messages: number | null = 0;
  let isExact = true;
  for (const folder of folders) {
    octets += folder.octets;
    const counted = countOf(folder, counts);
    messages = messages === null || counted === null ? null : messages + counted.messages;
    isExact &&= counted?.isExact !== false;
  }
  return { octets, messages, isExact };
}

/** Folders by account, in the order they came; one group without a name where there are no accounts. */
export function byAccount(folders: readonly SourceFolder[]): { account: string | null; folders: SourceFolder[] }[] {
  const groups = new Map<string | null, SourceFolder[]>();
  for (const folder of folders) {
    const group = groups.get(folder.account) ?? [];
    group.push(folder);
    groups.set(folder.account, group);
  }
  return [...groups].map(([account, members]) => ({ account, folders: members }));
}
