import { isAbsolute } from 'node:path';
import type { FolderPath } from '#shared/ids.ts';
import type { ImportReport } from '#shared/job.ts';
import { folder as folders } from '#shared/mail/folder.ts';
import type { ImportRequest } from '#shared/mail/mail-source.ts';
import { MailError } from '#shared/mail-error.ts';
import type { JobContext } from '../jobs/job-runner.ts';
import type { Clock } from '../ports.ts';
import { type ContactRooms, type OnUnread, takeContacts } from './contacts/take-contacts.ts';
import { Filing } from './filing.ts';
import { findMail } from './find-mail.ts';
import type { FoundMessage } from './found-mail.ts';
import type { MailStore } from './mail-store.ts';
import { folderId, octetsOf } from './sources/look.ts';
import { openSource, type Source } from './sources/source.ts';
import type { MailFile } from './sources/walk.ts';

/**
 * Files the messages found at a path: all of them in one folder, or each folder of the source in its own. What is there
 * already, byte for byte, is counted and not filed again (a copy in Trash does not count as there), so that an import
 * that was broken off can simply be repeated. A malformed message is filed all the same. Throws EMALFORMED when a file
 * is no mail at all, ENOTFOUND, EDISKFULL.
 */
export async function importMail(
  { store, clock, settings }: { store: MailStore; clock: Clock; settings?: ContactRooms['settings'] },
  request: ImportRequest,
  { signal, report }: Pick<JobContext, 'signal' | 'report'>,
): Promise<ImportReport> {
  if (!isAbsolute(request.path)) throw new MailError('EINVALID', 'What to import must be given as a full path.');
  if (request.folder === folders.outbox || request.folder?.startsWith(`${folders.outbox}/`) === true)
    throw new MailError('EINVALID', 'Mail cannot be imported into the Outbox: it would look as if it were to be sent.');
  const source = await openSource(request.path);
  const filing = new Filing(store, clock.now());
  // First: they take a moment, and the mail may take an hour.
  const books = booksFor(source, request);
  const onUnread: OnUnread = (unread) => filing.fail(unread);
  const contacts =
    books.length === 0 || settings === undefined
      ? undefined
      : await takeContacts({ store, settings }, books, { signal, onUnread, given: request.path });
  if (request.folder !== undefined && (source.profile !== null || source.books.length === 0))
    await ensureFolder(store, request.folder);

  report({ phase: 'looking', done: 0, total: null });
  const totalOctets = await octetsOf(source, wantedIn(request), signal);
  let octets = 0;
  const tell = (): void => report({ phase: 'importing', done: filing.seen, total: null, octets, totalOctets });
  const onOctets = (read: number): void => {
    octets += read;
    tell();
  };
  try {
    await fileAll(source, request, { filing, signal, onOctets });
    await filing.finish();
  } finally {
    await filing.abandon();
  }
  tell();
  const came = filing.report(coloursOf(source));
  return contacts === undefined ? came : { ...came, contacts };
}

/** Those asked for, or all but what was collected by itself. A file that was pointed at comes in, whatever it is called. */
function booksFor({ books }: Source, request: ImportRequest): Source['books'] {
  const ids = request.books === undefined ? undefined : new Set(request.books);
  return books.filter(({ id, isCollected }) => (ids === undefined ? !isCollected : ids.has(id)));
}

async function fileAll(
  source: Source,
  request: ImportRequest,
  { filing, signal, onOctets }: { filing: Filing; signal: AbortSignal; onOctets: (octets: number) => void },
): Promise<void> {
  const isWanted = wantedIn(request);
  const address = addressing(source, request);
  const leftOut = new Set(request.leaveOut);
  for await (const walked of source.files(signal)) {
    signal.throwIfAborted();
    if (walked.kind === 'failed') {
      filing.fail(walked);
      continue;
    }
    if (!isWanted.file(walked.file)) continue;
    for await (const found of findMail(walked.file, { signal, onOctets, given: request.path })) {
      signal.throwIfAborted();
      if (found.kind === 'failed') filing.fail(found);
      else if (found.kind === 'deleted') filing.noteDeleted();
      else if (isWanted.found(walked.file, found)) {
        const addressed = address(walked.file, found);
        if (leftOut.has(addressed.folder)) filing.leaveOut();
        else await filing.add({ message: found, ...addressed });
      }
    }
  }
}

/** Which files, and which messages of an archive with several folders, were asked for. */
export interface Wanted {
  file(file: MailFile): boolean;
  found(file: MailFile, message: FoundMessage): boolean;
}

function wantedIn({ sources }: ImportRequest): Wanted {
  if (sources === undefined) return { file: () => true, found: () => true };
  const ids = new Set(sources);
  return {
    // What a zip holds is known by its list; a tar is one folder as a whole.
    file: (file) => file.kind === 'zip' || ids.has(folderId(file)),
    found: (file, { place }) => file.kind !== 'zip' || ids.has(folderId({ account: file.account, place })),
  };
}

type Addressing = (file: MailFile, message: FoundMessage) => { folder: FolderPath; tags: readonly string[] };

/** Where each message goes. One folder for all, or the source's own folders; Gmail's labels name them before files do. */
function addressing(source: Source, { folder, keepFolders }: ImportRequest): Addressing {
  if (folder !== undefined && keepFolders !== true)
    return (_file, { labels, tags }) => ({ folder, tags: joined(tags, labels?.allTags) });
  const known = new Map<string, FolderPath>();
  return ({ account }, { labels, place, tags }) => {
    const where = { account, place: labels?.place ?? place };
    const id = folderId(where);
    const target = known.get(id) ?? source.target(where, folder);
    known.set(id, target);
    return { folder: target, tags: joined(tags, labels?.tags) };
  };
}

/** Names as long as a tag's may be. */
function joined(tags: readonly string[], more: readonly string[] = []): readonly string[] {
  if (tags.length + more.length === 0) return tags;
  return [...new Set([...tags, ...more].map((tag) => tag.trim().slice(0, longestTag).toWellFormed().trim()))].filter(
    (tag) => tag !== '',
  );
}

const longestTag = 64;

function coloursOf({ profile }: Source): Map<string, string> {
  const colours = new Map<string, string>();
  for (const { name, colour } of profile?.tags.values() ?? []) if (colour !== undefined) colours.set(name, colour);
  return colours;
}

async function ensureFolder(store: MailStore, folder: FolderPath): Promise<void> {
  const there = await store.listFolders();
  if (!there.some((summary) => summary.folder === folder)) await store.createFolder(folder);
}
