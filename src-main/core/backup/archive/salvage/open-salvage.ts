import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FolderPath } from '#shared/ids.ts';
import type { BackupDamage } from '#shared/job.ts';
import { MailError } from '#shared/mail-error.ts';
import { type LedgerRows, type LedgerTable, ledgerTables } from '../../../store/ledger-rows.ts';
import { type Manifest, type MessageLine, manifestName, type Part } from '../manifest.ts';
import { findBase, parseLedgerPart, parseManifest, parseMessagePart } from '../open-backup.ts';
import { readTrailer } from '../trailer.ts';
import { type FoundEntry, type ScannedZip, type ScanOptions, scanZip } from './scan-zip.ts';

type ListPart = Extract<Part, { holds: 'messages' }>;
type LedgerPart = Extract<Part, { holds: 'ledger' }>;

/** What is left of a part: who it is, and where its bytes are. `part` is null where the manifest that names it is lost. */
interface LeftPart {
  readonly holds: Part['holds'];
  readonly entry: FoundEntry;
  readonly part: Part | null;
  readonly table: LedgerTable | null;
}

/** One file, damaged or not, as far as it can be read. */
export interface LeftBackup {
  readonly file: string;
  /** What its trailer says, where it has one. */
  readonly sha256: string | null;
  readonly zip: ScannedZip;
  /** Null where it is damaged. */
  readonly manifest: Manifest | null;
  readonly damage: readonly BackupDamage[];
  /** Every list of its messages can be read. */
  readonly isListed: boolean;
  /** It belongs to another chain, maybe: only bytes whose SHA-256 is known are taken from it. */
  readonly isAside: boolean;
  readonly parts: readonly LeftPart[];
}

/** Where the bytes of a message lie. */
export interface Place {
  readonly backup: LeftBackup;
  readonly entry: FoundEntry;
}

/** The file and the earlier ones it needs, nearest first, as far as they are there and can be read. */
export async function openLeft(file: string, options: ScanOptions): Promise<LeftBackup[]> {
  const chain: LeftBackup[] = [];
  try {
    let next: string | null = file;
    while (next !== null) {
      const backup: LeftBackup = await openOne(next, false, options);
      chain.push(backup);
      next = await baseOf(backup, chain);
    }
    const [newest] = chain;
    if (await lacksBytes(chain))
      for (const other of await backupsBeside(chain)) chain.push(await openOne(other, true, options));
    if (newest !== undefined && newest.zip.found.length === 0)
      throw new MailError('EMALFORMED', `Nothing in ${file} can be read as a backup of Postrider.`);
    return chain;
  } catch (error) {
    await closeLeft(chain);
    throw error;
  }
}

export async function closeLeft(chain: readonly LeftBackup[]): Promise<void> {
  for (const { zip } of chain) await zip.close();
}

async function openOne(file: string, isAside: boolean, options: ScanOptions): Promise<LeftBackup> {
  if (!(await isFile(file))) throw notAFile(file);
  const sha256 = await readTrailer(file);
  const zip = await scanZip(file, options);
  try {
    const manifest = await manifestIn(zip);
    const parts = manifest === null ? partsByName(zip) : partsOf(zip, manifest);
    const damage: BackupDamage[] = [];
    const say = (holds: BackupDamage['holds'], entry: string, more: Partial<BackupDamage> = {}): void =>
      void damage.push({ file: basename(file), entry, holds, ...more });
    if (manifest === null) say('manifest', manifestName);
    if (!zip.hasDirectory) say('directory', '');
    const left = new Set(parts.map(({ part }) => part));
    for (const part of manifest?.parts ?? [])
      if (!left.has(part)) say(part.holds, part.name, part.holds === 'messages' ? { folder: part.folder } : {});
    if (manifest === null)
      for (const name of zip.damaged) if (name.startsWith('postrider/')) say(holdsOf(name)?.holds ?? 'note', name);
    const isListed = manifest !== null && !damage.some(({ holds }) => holds === 'messages');
    return { file, sha256, zip, manifest, damage, isListed, isAside, parts };
  } catch (error) {
    await zip.close();
    throw error;
  }
}

/** The last of that name whose check value fits. */
async function manifestIn(zip: ScannedZip): Promise<Manifest | null> {
  const entry = zip.found.findLast(({ name, isChecked }) => name === manifestName && isChecked);
  if (entry === undefined) return null;
  try {
    return parseManifest(await zip.read(entry));
  } catch (error) {
    if (error instanceof MailError && error.code === 'EMALFORMED') return null;
    throw error;
  }
}

/** By their SHA-256, whatever became of their names. */
function partsOf(zip: ScannedZip, manifest: Manifest): LeftPart[] {
  const bySha256 = new Map(zip.found.map((entry) => [entry.sha256, entry]));
  return manifest.parts.flatMap((part): LeftPart[] => {
    const entry = bySha256.get(part.sha256);
    const table = part.holds === 'ledger' ? (ledgerTables.find((name) => name === part.table) ?? null) : null;
    return entry === undefined ? [] : [{ holds: part.holds, entry, part, table }];
  });
}

function partsByName(zip: ScannedZip): LeftPart[] {
  return zip.found.flatMap((entry): LeftPart[] => {
    const known = entry.isChecked ? holdsOf(entry.name) : null;
    return known === null ? [] : [{ ...known, entry, part: null }];
  });
}

/** What `PartWriter` calls its entries. */
function holdsOf(name: string): Pick<LeftPart, 'holds' | 'table'> | null {
  if (/^postrider\/messages-\d{6,}\.ndjson$/.test(name)) return { holds: 'messages', table: null };
  if (name === 'postrider/settings.json') return { holds: 'settings', table: null };
  const [, said] = /^postrider\/ledger-([a-z-]+)-\d{6,}\.ndjson$/.exec(name) ?? [];
  const table = ledgerTables.find((each) => each.replaceAll('_', '-') === said);
  return table === undefined ? null : { holds: 'ledger', table };
}

/** The lines of every list that is left, list by list. */
export async function* linesLeft({ zip, parts }: LeftBackup): AsyncGenerator<MessageLine[]> {
  for (const { holds, entry, part } of parts) {
    if (holds !== 'messages') continue;
    const named = part?.holds === 'messages' ? part : null;
    yield await ignoringDamage(async () => parseMessagePart(await zip.read(entry), listOf(entry, named)), []);
  }
}

export async function* rowsLeft({ zip, parts }: LeftBackup): AsyncGenerator<LedgerRows> {
  for (const { holds, entry, part, table } of parts) {
    if (holds !== 'ledger' || table === null) continue;
    const named: Pick<LedgerPart, 'name' | 'table'> & Partial<LedgerPart> =
      part?.holds === 'ledger' ? part : { name: entry.name, table };
    const rows = await ignoringDamage(async () => parseLedgerPart(await zip.read(entry), named), null);
    if (rows !== null) yield rows;
  }
}

export async function partLeft(
  { zip, parts }: LeftBackup,
  holds: Part['holds'],
): Promise<Uint8Array<ArrayBuffer> | null> {
  const left = parts.find((each) => each.holds === holds);
  return left === undefined ? null : zip.read(left.entry);
}

function listOf(entry: FoundEntry, part: ListPart | null): Pick<ListPart, 'name'> & Partial<ListPart> {
  return part ?? { name: entry.name };
}

/** Its octets are those that were written; what is in them may still be what this program does not know. */
async function ignoringDamage<T, E>(work: () => Promise<T>, otherwise: E): Promise<T | E> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MailError && error.code === 'EMALFORMED') return otherwise;
    throw error;
  }
}

/** The earlier file: by its trailer, or, where that is damaged, by the name it had. */
async function baseOf(backup: LeftBackup, chain: readonly LeftBackup[]): Promise<string | null> {
  const { manifest, file } = backup;
  if (manifest === null || manifest.base === null) return null;
  const found = await ignoringMissing(() => findBase({ file, manifest }));
  const named = join(dirname(file), basename(manifest.base.file));
  const path = found ?? ((await isFile(named)) ? named : null);
  return path === null || chain.some((other) => other.file === path) ? null : path;
}

async function ignoringMissing(work: () => Promise<string>): Promise<string | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MailError) return null;
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}

function notAFile(file: string): MailError {
  return new MailError('EMALFORMED', `${file} is not a file, or not there.`);
}

/**
 * A file is missing, or lost the manifest that says which one it goes on from, and a message is nowhere in what is there.
 * Its SHA-256 tells it from every other, so that any backup may have it.
 */
async function lacksBytes(chain: readonly LeftBackup[]): Promise<boolean> {
  const [newest] = chain;
  const last = chain.at(-1);
  if (newest === undefined || (last?.manifest !== null && last?.manifest.base === null)) return false;
  const places = placesIn(chain);
  for await (const lines of linesLeft(newest)) if (lines.some(({ sha256 }) => !places.has(sha256))) return true;
  return false;
}

async function backupsBeside(chain: readonly LeftBackup[]): Promise<string[]> {
  const [newest] = chain;
  const folder = dirname(newest?.file ?? '');
  const found: string[] = [];
  for (const name of (await readdir(folder)).toSorted()) {
    const path = join(folder, name);
    if (!/\.zip$/i.test(name) || chain.some(({ file }) => file === path)) continue;
    if ((await readTrailer(path).catch(() => null)) !== null) found.push(path);
  }
  return found;
}

/** Where everything lies, by its SHA-256; in the nearest file that has it. */
export function placesIn(chain: readonly LeftBackup[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const backup of chain)
    for (const entry of backup.zip.found) if (!places.has(entry.sha256)) places.set(entry.sha256, { backup, entry });
  return places;
}

/** Which folder a path within the archive stands for, as far as what is left says it. */
export class FolderOfPath {
  readonly #known = new Map<string, FolderPath>();

  constructor(chain: readonly LeftBackup[]) {
    for (const { manifest } of chain)
      for (const { path, folder } of manifest?.folders ?? []) this.#known.set(path, folder);
  }

  learn({ path, folder }: Pick<MessageLine, 'path' | 'folder'>): void {
    if (path !== undefined) this.#known.set(path.slice(0, path.lastIndexOf('/')), folder);
  }

  of(path: string): string {
    const within = path.slice(0, path.lastIndexOf('/'));
    return this.#known.get(within) ?? within.replace(/^mail\/?/, '');
  }
}
