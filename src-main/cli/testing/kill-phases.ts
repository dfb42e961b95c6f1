import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OutboxRecord } from '#shared/mail/outbox.ts';
import { readLeavingNotes, withLeavingNotes } from '../../core/store/leaving-notes.ts';
import { leavingNotesFile } from '../../core/store/open-store.ts';

/**
 * Where a kill found a message. `queueing`: it was handed over and is not in the ledger. `waiting`: queued, no server has
 * it open. `before-dot`: in a mail transaction. `dot-pending`: a note or the ledger says that it may have left. `settled`: every
 * recipient is decided, the file still lies in the Outbox. `filing`: the file is in Sent, the ledger does not say so yet.
 */
export type Phase = 'queueing' | 'waiting' | 'before-dot' | 'dot-pending' | 'settled' | 'filing';

/** The phase of every message that was on its way; messages that are done, or wait for a decision, have none. */
export async function phasesOf(
  profileDir: string,
  handedOver: Iterable<number>,
  inTransaction: ReadonlySet<number>,
): Promise<Map<number, Phase>> {
  const found = new Map<number, Phase>();
  const known = new Set<number>();
  const sent = new Set(await messageNumbersIn(profileDir, '.Sent'));
  for (const record of await readLedger(profileDir)) {
    const number = numberOfId(record.messageId);
    known.add(number);
    const phase = phaseOf(record, sent.has(number), inTransaction.has(number));
    if (phase !== undefined) found.set(number, phase);
  }
  for (const number of handedOver) if (!known.has(number)) found.set(number, 'queueing');
  return found;
}

function phaseOf(record: OutboxRecord, isInSent: boolean, isOpen: boolean): Phase | undefined {
  const states = new Set(record.recipients.map(({ state }) => state));
  if (record.state === 'sent') return undefined;
  if (states.has('dot-pending')) return 'dot-pending';
  if (isInSent) return 'filing';
  if (states.has('pending')) return isOpen ? 'before-dot' : 'waiting';
  return record.heldFor === 'uncertain' ? undefined : 'settled';
}

export const idOfNumber = (number: number): string => `<${number}@killed.example>`;

function numberOfId(messageId: string): number {
  return Number(/^<(\d+)@/.exec(messageId)?.[1]);
}

/** A copy is read, so that mending what the kill left stays the program's own business. */
async function readLedger(profileDir: string): Promise<OutboxRecord[]> {
  const dir = await mkdtemp(join(tmpdir(), 'postrider-ledger-'));
  try {
    for (const name of ['ledger.sqlite', 'ledger.sqlite-wal']) {
      await copyFile(join(profileDir, name), join(dir, name)).catch(() => undefined);
    }
    const ledger = new DatabaseSync(join(dir, 'ledger.sqlite'));
    const rows = ledger.prepare('SELECT record FROM outbox').all();
    ledger.close();
    const notes = readLeavingNotes(join(profileDir, leavingNotesFile));
    return rows.map(({ record }) => withLeavingNotes(OutboxRecord.parse(JSON.parse(String(record))), notes));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The number of each message that lies in a folder of the Maildir, as often as it lies there. */
export async function messageNumbersIn(profileDir: string, folder: '.Sent' | '.Outbox' | '.Trash'): Promise<number[]> {
  const numbers: number[] = [];
  for (const part of ['cur', 'new']) {
    const path = join(profileDir, 'Mail', folder, part);
    for (const name of await readdir(path).catch(() => [])) {
      const text = await readFile(join(path, name), 'latin1').catch(() => '');
      numbers.push(numberOfId(/^Message-ID: (<.*>)\r?$/m.exec(text)?.[1] ?? ''));
    }
  }
  return numbers;
}
