import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { systemCodeOf, toDiskError } from '#shared/disk-error.ts';
import type { FolderPath } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import { type LedgerRows, type LedgerTable, parseLedgerRows } from '../../store/ledger-rows.ts';
import { sha256Of } from './digest.ts';
import { Manifest, MessageLine, manifestName, type Part } from './manifest.ts';
import { damaged, ZipReader } from './read-zip.ts';
import { checkTrailer, type ReadOptions, readTrailer } from './trailer.ts';

const maxPartOctets = 256 * 1024 * 1024;

/** One file of a chain, opened. */
export interface OpenBackup {
  readonly file: string;
  /** As its trailer says. */
  readonly sha256: string;
  readonly octets: number;
  readonly manifest: Manifest;
  readonly zip: ZipReader;
  close(): Promise<void>;
}

/** Opens a file by its manifest. `sha256` is what its trailer says, or what a check of it gave. */
export async function openBackup(file: string, known?: string): Promise<OpenBackup> {
  if (!isAbsolute(file)) throw new MailError('EINVALID', 'The backup must be given as a full path.');
  try {
    const sha256 = known ?? (await readTrailer(file));
    if (sha256 === null) throw notABackup(file);
    const { size } = await stat(file);
    const zip = await ZipReader.open(file);
    try {
      const manifest = await readManifest(zip);
      return { file, sha256, octets: size, manifest, zip, close: () => zip.close() };
    } catch (error) {
      await zip.close();
      throw error;
    }
  } catch (error) {
    if (systemCodeOf(error) === 'EISDIR') throw notABackup(file);
    throw toDiskError(error, `read ${file}`);
  }
}

function notABackup(file: string): MailError {
  return new MailError('EMALFORMED', `${file} is no backup of Postrider, or its end is missing.`);
}

async function readManifest(zip: ZipReader): Promise<Manifest> {
  const entry = zip.entries.get(manifestName);
  if (entry === undefined || entry.sizeOctets > maxPartOctets) throw damaged('its manifest is missing');
  return parseManifest(await zip.read(entry));
}

/** Throws EMALFORMED, and EVERSION when a newer program made it. */
export function parseManifest(bytes: Uint8Array): Manifest {
  const json = parseJson(bytes, 'its manifest');
  const version = z.object({ formatVersion: z.number() }).safeParse(json);
  if (version.success && version.data.formatVersion > 1)
    throw new MailError('EVERSION', 'This backup was made by a newer Postrider. Install that version or a later one.');
  const parsed = Manifest.safeParse(json);
  if (!parsed.success) throw damaged('its manifest cannot be understood', parsed.error);
  return parsed.data;
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw damaged(`${what} cannot be read`, error);
  }
}

/** The bytes of an entry the manifest names. Throws EMALFORMED when they are not those that were written. */
export async function readPart({ zip }: OpenBackup, part: Part): Promise<Uint8Array<ArrayBuffer>> {
  const entry = zip.entries.get(part.name);
  if (entry === undefined) throw damaged(`“${part.name}” is missing`);
  if (entry.sizeOctets !== part.sizeOctets || entry.sizeOctets > maxPartOctets)
    throw damaged(`“${part.name}” has another size than the manifest says`);
  const bytes = await zip.read(entry);
  if ((await sha256Of(bytes)) !== part.sha256) throw damaged(`“${part.name}” is not what the manifest says`);
  return bytes;
}

function linesOf(bytes: Uint8Array, name: string): unknown[] {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  try {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  } catch (error) {
    throw damaged(`“${name}” cannot be read`, error);
  }
}

/** The messages of one part. */
export async function readMessageLines(
  backup: OpenBackup,
  part: Extract<Part, { holds: 'messages' }>,
): Promise<MessageLine[]> {
  return parseMessagePart(await readPart(backup, part), part);
}

/** The lines in the bytes of a part; where the manifest says what is in it, it must be that. Throws EMALFORMED. */
export function parseMessagePart(
  bytes: Uint8Array,
  part: { name: string; messages?: number; folder?: FolderPath },
): MessageLine[] {
  const lines = z.array(MessageLine).safeParse(linesOf(bytes, part.name));
  if (!lines.success) throw damaged(`“${part.name}” cannot be understood`, lines.error);
  const { messages = lines.data.length, folder: named } = part;
  const isRight =
    lines.data.length === messages && lines.data.every(({ folder }) => named === undefined || folder === named);
  if (!isRight) throw damaged(`“${part.name}” is not what the manifest says`);
  return lines.data;
}

/** The rows of one part of the ledger. */
export async function readLedgerRows(
  backup: OpenBackup,
  part: Extract<Part, { holds: 'ledger' }>,
): Promise<LedgerRows> {
  return parseLedgerPart(await readPart(backup, part), part);
}

/** The rows in the bytes of a part, likewise. Throws EMALFORMED. */
export function parseLedgerPart(
  bytes: Uint8Array,
  part: { name: string; table: LedgerTable; rows?: number },
): LedgerRows {
  const lines = linesOf(bytes, part.name);
  try {
    const rows = parseLedgerRows(part.table, lines);
    if (rows.rows.length === (part.rows ?? rows.rows.length)) return rows;
  } catch (error) {
    throw damaged(`“${part.name}” cannot be understood`, error);
  }
  throw damaged(`“${part.name}” is not what the manifest says`);
}

/** Every message of a backup, part by part. */
export async function* linesIn(backup: OpenBackup): AsyncGenerator<MessageLine> {
  for (const part of backup.manifest.parts) if (part.holds === 'messages') yield* await readMessageLines(backup, part);
}

/** The bytes of a message, from the file of the chain that holds it. Throws EMALFORMED. */
export async function readMessageBytes(
  { zip }: OpenBackup,
  line: Pick<MessageLine, 'path' | 'sizeOctets' | 'sha256'>,
): Promise<Uint8Array<ArrayBuffer>> {
  const entry = line.path === undefined ? undefined : zip.entries.get(line.path);
  if (entry === undefined) throw damaged(`the message “${line.path ?? ''}” is missing`);
  if (entry.sizeOctets !== line.sizeOctets) throw damaged(`“${entry.name}” has another size than the manifest says`);
  const bytes = await zip.read(entry);
  if ((await sha256Of(bytes)) !== line.sha256) throw damaged(`“${entry.name}” is not what was backed up`);
  return bytes;
}

/**
 * A backup and the earlier ones it needs, nearest first, each found beside the one that names it: under its name, or
 * under another one by its trailer. With `check` every file is read whole against its trailer before anything in it is
 * believed. Throws EMALFORMED, and ENOTFOUND naming the file that is missing.
 */
export async function openChain(file: string, check: ReadOptions | null): Promise<OpenBackup[]> {
  const chain: OpenBackup[] = [];
  try {
    let next: { file: string; sha256: string | undefined } = { file: resolve(file), sha256: undefined };
    for (;;) {
      const sha256 = check === null ? next.sha256 : await checkFile(next.file, check);
      const backup = await openBackup(next.file, sha256);
      chain.push(backup);
      const { base } = backup.manifest;
      if (base === null) return chain;
      if (chain.some((earlier) => earlier.sha256 === base.sha256)) throw damaged('it needs itself');
      next = { file: await findBase(backup), sha256: base.sha256 };
    }
  } catch (error) {
    await closeChain(chain);
    throw error;
  }
}

export async function closeChain(chain: readonly OpenBackup[]): Promise<void> {
  for (const backup of chain) await backup.close();
}

async function checkFile(file: string, check: ReadOptions): Promise<string> {
  try {
    return await checkTrailer(file, check);
  } catch (error) {
    check.signal.throwIfAborted();
    throw toDiskError(error, `read ${file}`);
  }
}

/** Where the earlier backup lies. Throws ENOTFOUND with its name. */
export async function findBase({ file, manifest }: Pick<OpenBackup, 'file' | 'manifest'>): Promise<string> {
  const { base } = manifest;
  if (base === null) throw new TypeError('A full backup needs no other.');
  const folder = dirname(file);
  // Its name is only a hint: the rest of what it says is not followed.
  const named = join(folder, basename(base.file));
  if ((await trailerOf(named)) === base.sha256) return named;
  for (const name of await readdir(folder)) {
    if (!/\.zip$/i.test(name)) continue;
    const candidate = join(folder, name);
    if ((await trailerOf(candidate)) === base.sha256) return candidate;
  }
  throw new MailError(
    'ENOTFOUND',
    `${basename(file)} needs the earlier backup ${basename(base.file)} of ${base.createdAt}, which is not beside it. ` +
      'Put that file into the same folder.',
  );
}

async function trailerOf(path: string): Promise<string | null> {
  return readTrailer(path).catch(() => null);
}
