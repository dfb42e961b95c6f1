import { copyFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { systemCodeOf, toDiskError } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Store } from '../../store/store-api.ts';
import { isGzip, unpackedHead } from '../gunzip.ts';
import { startOfFile } from '../read-octets.ts';
import { type MozillaPrefs, textPref } from '../sources/mozilla-prefs.ts';
import { readCsv } from './csv.ts';
import { cardsAsPeople, morkAsPeople } from './mozilla-cards.ts';
import type { BookContents } from './person.ts';
import { readVcards } from './vcard.ts';

type BookFormat = 'vcard' | 'csv' | 'mork' | 'sqlite';

/** An address book of another program's. */
export interface Book {
  /** Names it among those of its source: its file's name. */
  readonly id: string;
  /** What the other program shows it as. */
  readonly name: string;
  readonly path: string;
  readonly format: BookFormat;
  /** Addresses that were collected by themselves from mail that was sent: nobody put them there. */
  readonly isCollected: boolean;
}

/** No address book is that large; a picture of everybody is not wanted. */
const mostOctets = 64 * 1024 * 1024;

/** The address book that a file is; null: it is none. By its first octets, a table by its name. */
export async function bookAt(path: string): Promise<Book | null> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return null;
  const head = await startOfFile(path, 4096).catch(() => Buffer.alloc(0));
  const isPacked = isGzip(head);
  const plainPath = isPacked ? path.replace(/\.gz$/i, '') : path;
  const format = formatOf(plainPath, isPacked ? unpackedHead(head) : head);
  // The others are databases, which nobody hands on packed.
  if (format === null || (isPacked && format !== 'vcard' && format !== 'csv')) return null;
  const name = basename(plainPath, extname(plainPath));
  return { id: basename(path), name, path, format, isCollected: false };
}

function formatOf(path: string, head: Buffer): BookFormat | null {
  const text = head.toString('latin1').replaceAll('\0', '');
  if (/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*BEGIN:VCARD/i.test(text)) return 'vcard';
  if (/^\/\/ <!-- <mdb:mork:z/.test(text) && /\.mab(?:\.bak)?$/i.test(path)) return 'mork';
  if (text.startsWith('SQLite format 3') && /\.sqlite$/i.test(path)) return 'sqlite';
  return /\.(?:csv|tsv)$/i.test(path) ? 'csv' : null;
}

const bookFile = /^(abook|history|impab)(?:-\d+)?\.(sqlite|mab)$/;

/** The address books of a Thunderbird profile, its own first, what was collected last. */
export async function booksOfProfile(profile: string, prefs: MozillaPrefs): Promise<Book[]> {
  const names = (await readdir(profile).catch((): string[] => [])).toSorted();
  const books: Book[] = [];
  for (const id of names) {
    const [, stem, format] = bookFile.exec(id) ?? [];
    if (stem === undefined) continue;
    // Version 68 made a database of each book and may have left the old file behind.
    if (format === 'mab' && names.includes(id.replace(/\.mab$/, '.sqlite'))) continue;
    books.push({
      id,
      name: nameOf(id, stem, prefs),
      path: join(profile, id),
      format: format === 'mab' ? 'mork' : 'sqlite',
      isCollected: stem === 'history',
    });
  }
  return books.sort((a, b) => Number(a.isCollected) - Number(b.isCollected));
}

/** Books have names in the settings; those every profile begins with get theirs from the program's own texts. */
function nameOf(id: string, stem: string, prefs: MozillaPrefs): string {
  for (const [pref, value] of prefs) {
    const [, server] = /^ldap_2\.servers\.(.+)\.filename$/.exec(pref) ?? [];
    if (server === undefined || value !== id) continue;
    const name = textPref(prefs, `ldap_2.servers.${server}.description`).trim();
    if (name !== '' && !name.startsWith('chrome://')) return name.slice(0, 200);
  }
  if (stem === 'history') return 'Collected Addresses';
  return /^abook\./.test(id) ? 'Personal Address Book' : basename(id, extname(id));
}

/** Everybody in it. Throws EMALFORMED, ETOOLARGE, and what reading a file can fail with. */
export async function readBook(book: Book, store: Pick<Store, 'readForeignCards'>): Promise<BookContents> {
  try {
    const { size } = await stat(book.path);
    // Thunderbird makes the file before there is anything to put into it.
    if (size === 0) return { people: [], lists: [] };
    if (size > mostOctets) throw tooLarge(book.id);
    if (book.format === 'sqlite') return cardsAsPeople(await readDatabase(book.path, store));
    const octets = plainOctets(book, await readFile(book.path));
    switch (book.format) {
      case 'vcard':
        return readVcards(octets);
      case 'csv':
        return readCsv(octets);
      case 'mork':
        return morkAsPeople(octets);
    }
  } catch (error) {
    throw toDiskError(error, `read ${book.path}`);
  }
}

/** As they are, or unpacked where the file is packed by gzip. */
function plainOctets({ id }: Book, octets: Buffer): Buffer {
  if (!isGzip(octets)) return octets;
  try {
    return gunzipSync(octets, { maxOutputLength: mostOctets });
  } catch (error) {
    if (systemCodeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(id);
    throw new MailError('EMALFORMED', `${id} is packed, and what is packed in it is damaged or cut off.`, {
      cause: error,
    });
  }
}

function tooLarge(id: string): MailError {
  return new MailError('ETOOLARGE', `${id} is larger than 64 MB, which is no address book. It was left out.`);
}

/**
 * Out of a copy: Thunderbird, while it runs, keeps the file to itself, and opening it here could change it. The log
 * beside it holds what was done last.
 */
async function readDatabase(path: string, store: Pick<Store, 'readForeignCards'>) {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-book-'));
  const copy = join(folder, 'book.sqlite');
  try {
    await copyFile(path, copy);
    await copyFile(`${path}-wal`, `${copy}-wal`).catch((error: unknown) => {
      if (systemCodeOf(error) !== 'ENOENT') throw error;
    });
    return await store.readForeignCards(copy);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
