import { hash } from 'node:crypto';
import type { LedgerTable } from '../../store/ledger-rows.ts';
import type { MessageLine, Part } from './manifest.ts';
import type { ZipWriter } from './write-zip.ts';

/** A part is closed after so many lines, or characters. */
const partLines = 1000;
const partCharacters = 4 * 1024 * 1024;

type Kind = Pick<Extract<Part, { holds: 'note' | 'settings' | 'secrets' }>, 'holds'>;

/** Writes what the manifest names: lines are gathered into parts, and each part's digest is kept for the manifest. */
export class PartWriter {
  readonly #zip: ZipWriter;
  readonly #mtime: Date;
  readonly #parts: Part[] = [];
  #lines: string[] = [];
  #characters = 0;
  #folder: MessageLine['folder'] | undefined;

  constructor(zip: ZipWriter, mtime: Date) {
    this.#zip = zip;
    this.#mtime = mtime;
  }

  list(): Part[] {
    return this.#parts;
  }

  async add(kind: Kind, name: string, bytes: Uint8Array): Promise<void> {
    this.#parts.push({ ...kind, ...(await this.#write(name, bytes)) });
  }

  /** Messages come folder by folder; a part holds those of one. */
  async addMessage(line: MessageLine): Promise<void> {
    if (this.#folder !== undefined && this.#folder !== line.folder) await this.endMessages();
    this.#folder = line.folder;
    if (this.#take(line)) await this.endMessages();
  }

  async endMessages(): Promise<void> {
    const messages = this.#lines.length;
    const folder = this.#folder;
    if (messages === 0 || folder === undefined) return;
    const written = await this.#writeLines('messages');
    this.#parts.push({ holds: 'messages', folder, messages, ...written });
  }

  async addRow(table: LedgerTable, row: object): Promise<void> {
    if (this.#take(row)) await this.endRows(table);
  }

  async endRows(table: LedgerTable): Promise<void> {
    const rows = this.#lines.length;
    if (rows === 0) return;
    const written = await this.#writeLines(`ledger-${table.replaceAll('_', '-')}`);
    this.#parts.push({ holds: 'ledger', table, rows, ...written });
  }

  /** True when the part is full. */
  #take(value: object): boolean {
    const line = JSON.stringify(value);
    this.#lines.push(line);
    this.#characters += line.length;
    return this.#lines.length >= partLines || this.#characters >= partCharacters;
  }

  async #writeLines(name: string): Promise<Pick<Part, 'name' | 'sha256' | 'sizeOctets'>> {
    const bytes = Buffer.from(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    this.#characters = 0;
    const number = String(this.#parts.length).padStart(6, '0');
    return this.#write(`postrider/${name}-${number}.ndjson`, bytes);
  }

  async #write(name: string, bytes: Uint8Array): Promise<Pick<Part, 'name' | 'sha256' | 'sizeOctets'>> {
    await this.#zip.add(name, bytes, this.#mtime);
    return { name, sha256: hash('sha256', bytes), sizeOctets: bytes.length };
  }
}
