import { closeSync, fdatasync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { OutboxId, ServerId } from '#shared/ids.ts';
import type { OutboxRecord } from '#shared/mail/outbox.ts';
import { sharedRun } from '#shared/shared-run.ts';
import { syncFolderOfNow } from '../durable.ts';
import type { Log } from '../ports.ts';

/** The last octets of a message may be on their way to this server, for these recipients. */
export const LeavingNote = z.object({ outboxId: OutboxId, serverId: ServerId, mailboxes: z.array(z.string()) });
export type LeavingNote = z.infer<typeof LeavingNote>;

/**
 * Notes that outlive a crash and are written much faster than the ledger: into places of a file that exist already, so
 * that one sync of data, with no change of the file's length, makes each durable. What they say reaches the ledger when
 * the message is settled, or when the next process opens the profile.
 */
export interface LeavingNotes {
  /** Notes that an earlier process left. */
  readonly left: readonly LeavingNote[];
  /**
   * Resolves when the note is on the disk. The answer removes it, once the ledger tells what became of the recipients.
   * Null where a note cannot be made: every place is taken, it is too long, or the disk refuses.
   */
  note(note: LeavingNote): Promise<(() => void) | null>;
  /** The ledger has what was left. Throws what the system throws. */
  forgetLeft(): void;
  close(): void;
}

/** A place is one page: written whole, it needs nothing read before. */
const placeOctets = 4096;
const places = 64;
const nothing = Buffer.alloc(placeOctets);
/** Where each note is laid out: written at once, so that one page serves them all. */
const page = Buffer.alloc(placeOctets);

const syncData = promisify(fdatasync);

/** Opens the notes at `path`. Never throws: without them, the ledger is asked each time. */
export function openLeavingNotes(path: string, log: Log): LeavingNotes {
  let fd: number;
  let left: Map<number, LeavingNote>;
  try {
    fd = openWhole(path);
    left = readPlaces(fd);
  } catch (error) {
    log.warn('The notes of what is leaving cannot be kept in a file of their own; the ledger keeps them.', {
      reason: String(error),
    });
    return {
      left: readLeavingNotes(path),
      note: async () => null,
      forgetLeft: () => undefined,
      close: () => undefined,
    };
  }
  const free = Array.from({ length: places }, (_, at) => at).filter((at) => !left.has(at));
  // One sync for everybody who wrote before it began.
  const sync = sharedRun(() => syncData(fd));
  let isClosed = false;

  function clear(place: number): void {
    if (isClosed) return;
    try {
      writeSync(fd, nothing, 0, placeOctets, place * placeOctets);
      free.push(place);
    } catch (error) {
      // The next start asks about a message whose fate the ledger knows: then the ledger counts.
      log.warn('A note of what was leaving stays behind.', { reason: String(error) });
    }
  }

  return {
    left: [...left.values()],
    async note(note) {
      const place = isClosed || !layOut(note) ? undefined : free.pop();
      if (place === undefined) return null;
      try {
        writeSync(fd, page, 0, placeOctets, place * placeOctets);
        await sync();
      } catch (error) {
        log.warn('A note of what is leaving could not be written; the ledger takes it.', { reason: String(error) });
        clear(place);
        return null;
      }
      return () => clear(place);
    },
    forgetLeft() {
      for (const place of left.keys()) clear(place);
      left.clear();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      closeSync(fd);
    },
  };
}

/** Reads the notes of a profile that nobody has open. */
export function readLeavingNotes(path: string): LeavingNote[] {
  try {
    const fd = openSync(path, 'r');
    try {
      return [...readPlaces(fd).values()];
    } finally {
      closeSync(fd);
    }
  } catch {
    return [];
  }
}

/** What the ledger had said, had each note been written there. */
export function withLeavingNotes(record: OutboxRecord, notes: readonly LeavingNote[]): OutboxRecord {
  const own = notes.filter(({ outboxId }) => outboxId === record.outboxId);
  if (own.length === 0) return record;
  const recipients = record.recipients.map((recipient) => {
    const note = own.find(({ mailboxes }) => mailboxes.includes(recipient.mailbox));
    // Any other state was written after the server had answered.
    return note === undefined || recipient.state !== 'pending'
      ? recipient
      : { ...recipient, state: 'dot-pending' as const, serverId: note.serverId };
  });
  return { ...record, recipients };
}

/** The file with all its places written once, so that no later write has to find room for them. */
function openWhole(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } catch {
    fd = openSync(path, 'wx+', 0o600);
  }
  try {
    const last = Buffer.alloc(1);
    if (readSync(fd, last, 0, 1, places * placeOctets - 1) === 1) return fd;
    for (let place = 0; place < places; place += 1) {
      const at = place * placeOctets;
      if (readSync(fd, last, 0, 1, at) === 0) writeSync(fd, nothing, 0, placeOctets, at);
      else if (readSync(fd, last, 0, 1, at + placeOctets - 1) === 0)
        writeSync(fd, Buffer.alloc(1), 0, 1, at + placeOctets - 1);
    }
    fsyncSync(fd);
    syncFolderOfNow(path);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function readPlaces(fd: number): Map<number, LeavingNote> {
  const whole = Buffer.alloc(places * placeOctets);
  const length = readSync(fd, whole, 0, whole.length, 0);
  const found = new Map<number, LeavingNote>();
  for (let place = 0; (place + 1) * placeOctets <= length; place += 1) {
    const note = fromPage(whole.subarray(place * placeOctets, (place + 1) * placeOctets));
    if (note !== null) found.set(place, note);
  }
  return found;
}

/** Fills `page`; false: the note is too long for one. */
function layOut(note: LeavingNote): boolean {
  const text = Buffer.from(JSON.stringify(note));
  const line = `${crc32(text).toString(16).padStart(8, '0')} ${text.length}\n`;
  if (line.length + text.length > placeOctets) return false;
  page.write(line, 'latin1');
  text.copy(page, line.length);
  page.fill(0, line.length + text.length);
  return true;
}

/** Null: nothing is there, or a note that was not wholly written. Then its sync had not ended, and nothing had left. */
function fromPage(page: Buffer): LeavingNote | null {
  const head = /^([0-9a-f]{8}) (\d{1,4})\n/.exec(page.toString('latin1', 0, 16));
  if (head === null) return null;
  const text = page.subarray(head[0].length, head[0].length + Number(head[2]));
  if (text.length !== Number(head[2]) || crc32(text) !== Number.parseInt(head[1] ?? '', 16)) return null;
  const parsed = LeavingNote.safeParse(JSON.parse(text.toString()));
  return parsed.success ? parsed.data : null;
}
