import { isAbsolute } from 'node:path';
import type { FolderPath } from '#shared/ids.ts';
import type { ImportedContacts, ImportReport } from '#shared/job.ts';
import { folder as folders } from '#shared/mail/folder.ts';
import type { ImportRequest } from '#shared/mail/mail-source.ts';
import { MailError } from '#shared/mail-error.ts';
import type { JobContext } from '../jobs/job-runner.ts';
import type { Clock } from '../ports.ts';
import { photosIn } from './contacts/photos.ts';
import { type ContactRooms, type OnUnread, takeContacts } from './contacts/take-contacts.ts';
import { Filing } from './filing.ts';
import { findMail } from './find-mail.ts';
import type { Found, FoundMessage } from './found-mail.ts';
import type { MailStore } from './mail-store.ts';
import { type ImportProgress, isStillHere } from './resume/progress.ts';
import { Reading, SourceChanged } from './resume/reading.ts';
import { folderId, octetsOf } from './sources/look.ts';
import { openSource, type Source } from './sources/source.ts';
import type { MailFile } from './sources/walk.ts';
import type { Underway } from './unfinished-import.ts';

interface ImportRooms {
  readonly store: MailStore;
  readonly clock: Clock;
  readonly settings?: ContactRooms['settings'];
  /** Where pictures of people are kept; without it they are left out. */
  readonly profileDir?: string;
}

type ImportContext = Pick<JobContext, 'signal' | 'report'> & Partial<Underway>;

/**
 * Files the messages found at a path: all of them in one folder, or each folder of the source in its own. What is there
 * already, byte for byte, is counted and not filed again (a copy in Trash does not count as there). One that was broken
 * off goes on `from` where it was, and its report is of both runs together; where source or mail are not what they were by
 * then, it begins anew. A malformed message is filed all the same. Throws EMALFORMED when a file is no mail at all,
 * ENOTFOUND, EDISKFULL.
 */
export async function importMail(
  rooms: ImportRooms,
  request: ImportRequest,
  context: ImportContext,
): Promise<ImportReport> {
  if (!isAbsolute(request.path)) throw new MailError('EINVALID', 'What to import must be given as a full path.');
  if (request.folder === folders.outbox || request.folder?.startsWith(`${folders.outbox}/`) === true)
    throw new MailError('EINVALID', 'Mail cannot be imported into the Outbox: it would look as if it were to be sent.');
  const source = await openSource(request.path);
  const { from } = context;
  if (from !== undefined && from !== null && (await isStillHere(from, rooms.store))) {
    try {
      return await importFrom(from, source, rooms, request, context);
    } catch (error) {
      if (!(error instanceof SourceChanged)) throw error;
    }
  }
  return await importFrom(null, source, rooms, request, context);
}

async function importFrom(
  from: ImportProgress | null,
  source: Source,
  rooms: ImportRooms,
  request: ImportRequest,
  { signal, report, keep = async () => undefined }: ImportContext,
): Promise<ImportReport> {
  const { store, clock } = rooms;
  const reading = new Reading(from?.position ?? null);
  const unread: Parameters<OnUnread>[0][] = [];
  // First: they take a moment, and the mail may take an hour.
  const onUnread: OnUnread = (each) => unread.push(each);
  const contacts = from === null ? await takeBooks(source, rooms, request, { signal, onUnread }) : from.contacts;
  const { mailFolder } = await store.state();
  const position = () => reading.position();
  const filing = new Filing(store, { now: clock.now(), from, mailFolder, contacts, position, keep });
  for (const each of unread) await filing.fail(each);
  if (contacts !== undefined && from === null) await filing.noteContacts();
  if (request.folder !== undefined && (source.profile !== null || source.books.length === 0))
    await ensureFolder(store, request.folder);

  report({ phase: 'looking', done: filing.seen, total: null });
  const totalOctets = await octetsOf(source, wantedIn(request), signal);
  let octets = 0;
  const tell = (): void => report({ phase: 'importing', done: filing.seen, total: null, octets, totalOctets });
  const onOctets = (read: number): void => {
    octets += read;
    tell();
  };
  try {
    await fileAll(source, request, { filing, reading, signal, onOctets });
    await filing.finish();
  } finally {
    await filing.abandon();
  }
  tell();
  const came = filing.report(coloursOf(source));
  const resumedAfter = from === null ? {} : { resumedAfter: from.tally.seen };
  return contacts === undefined ? { ...came, ...resumedAfter } : { ...came, ...resumedAfter, contacts };
}

async function takeBooks(
  source: Source,
  { store, settings, profileDir }: ImportRooms,
  request: ImportRequest,
  { signal, onUnread }: { signal: AbortSignal; onUnread: OnUnread },
): Promise<ImportedContacts | undefined> {
  const books = booksFor(source, request);
  if (books.length === 0 || settings === undefined) return undefined;
  return await takeContacts(
    { store, settings, photos: profileDir === undefined ? undefined : photosIn(profileDir) },
    books,
    { signal, onUnread, given: request.path },
  );
}

/** Those asked for, or all but what was collected by itself. A file that was pointed at comes in, whatever it is called. */
function booksFor({ books }: Source, request: ImportRequest): Source['books'] {
  const ids = request.books === undefined ? undefined : new Set(request.books);
  return books.filter(({ id, isCollected }) => (ids === undefined ? !isCollected : ids.has(id)));
}

interface Work {
  readonly filing: Filing;
  readonly reading: Reading;
  readonly signal: AbortSignal;
  readonly onOctets: (octets: number) => void;
}

async function fileAll(source: Source, request: ImportRequest, work: Work): Promise<void> {
  const { filing, reading, signal, onOctets } = work;
  const isWanted = wantedIn(request);
  const fileOne = filingOne(source, request, work);
  for await (const walked of source.files(signal)) {
    signal.throwIfAborted();
    if (walked.kind === 'failed') {
      if (!reading.passes(walked.source)) await filing.fail(walked);
      continue;
    }
    if (!isWanted.file(walked.file)) continue;
    for await (const found of findMail(walked.file, { signal, onOctets, reading, given: request.path })) {
      signal.throwIfAborted();
      // Before it is filed: when that closes a batch, this is what the batch ends with.
      reading.took(found.mark);
      await fileOne(walked.file, found);
    }
    reading.end();
  }
  reading.finish();
}

function filingOne(
  source: Source,
  request: ImportRequest,
  { filing }: Work,
): (file: MailFile, found: Found) => Promise<void> {
  const isWanted = wantedIn(request);
  const address = addressing(source, request);
  const leftOut = new Set(request.leaveOut);
  return async (file, found) => {
    if (found.kind === 'failed') await filing.fail(found);
    else if (found.kind === 'deleted') await filing.noteDeleted();
    else if (isWanted.found(file, found)) {
      const addressed = address(file, found);
      if (leftOut.has(addressed.folder)) await filing.leaveOut();
      else await filing.add({ message: found, ...addressed });
    }
  };
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
