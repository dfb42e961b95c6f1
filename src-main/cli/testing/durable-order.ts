import { dirname } from 'node:path';
import { isBeginning } from '#shared/mail/beginning.ts';
import type { Change } from './fault-library.ts';

/**
 * What of a Mail folder would be left after a power cut, followed over the changes that processes made: a kill proves
 * what a process had done, not what the disk had. A message is safe when its bytes were synced before it got its name,
 * its folder after that, and the ledger after that again.
 */
export interface DurableOrder {
  /** Takes up the changes of one process. `onDelete` is asked with each message number a DELE names, when it is sent. */
  follow(changes: readonly Change[], onDelete: (messageNumber: number) => void): void;
  /** Whether the message may be relied on now. `digest`: the first 16 hex digits of its SHA-256, which end its name. */
  isSafe(digest: string): boolean;
  /** Names that were given before the bytes were synced. */
  readonly namedTooSoon: readonly string[];
  /** Beginnings of large messages that were removed while a power cut could still have taken their whole messages. */
  readonly removedTooSoon: readonly string[];
}

type State = 'named' | 'in-folder' | 'recorded';

export function createDurableOrder(mailFolder: string): DurableOrder {
  const syncedTmp = new Set<string>();
  const states = new Map<string, { state: State; folder: string; owner: string }>();
  const namedTooSoon: string[] = [];
  const removedTooSoon: string[] = [];
  let ledgerWrites = 0;

  function named(from: string, to: string): void {
    if (isBeginning(fileNameOf(to))) return;
    if (isInTmp(from) && !syncedTmp.has(from)) namedTooSoon.push(to);
    syncedTmp.delete(from);
    const known = isInTmp(from) ? undefined : states.get(digestIn(to));
    // Moved, it has the old name or the new one: the file system keeps a rename whole.
    const state = known?.state ?? 'named';
    states.set(digestIn(to), { state, folder: dirname(to), owner: ownerIn(to) });
  }

  function removed(path: string): void {
    if (!isBeginning(fileNameOf(path))) return;
    const wholes = [...states.values()].filter(({ owner }) => owner === ownerIn(path));
    if (!wholes.some(({ state }) => state === 'recorded')) removedTooSoon.push(path);
  }

  function synced(path: string): void {
    if (isInTmp(path)) syncedTmp.add(path);
    // The header of the file is written and synced by itself, before the first commit.
    const isCommit = isLedger(path) && ledgerWrites > 1;
    if (isLedger(path)) ledgerWrites = 0;
    for (const entry of states.values()) {
      if (entry.state === 'named' && entry.folder === path) entry.state = 'in-folder';
      else if (entry.state === 'in-folder' && isCommit) entry.state = 'recorded';
    }
  }

  return {
    namedTooSoon,
    removedTooSoon,
    isSafe: (digest) => states.get(digest)?.state === 'recorded',
    follow(changes, onDelete) {
      for (const { operation, how, path, more } of changes) {
        if (operation === 'send') {
          for (const [, number] of more.matchAll(/DELE (\d+);/g)) onDelete(Number(number));
        }
        if (how !== 'ok') continue;
        if ((operation === 'rename' || operation === 'link') && isMessagePath(mailFolder, more)) named(path, more);
        // Written anew: what was synced before does not count.
        if (operation === 'write') syncedTmp.delete(path);
        if (operation === 'write' && isLedger(path)) ledgerWrites += 1;
        if (operation === 'sync') synced(path);
        if (operation === 'unlink' && isMessagePath(mailFolder, path)) removed(path);
      }
    },
  };
}

function isLedger(path: string): boolean {
  return /\/ledger\.sqlite(-wal)?$/.test(path);
}

function isInTmp(path: string): boolean {
  return /\/tmp\/[^/]+$/.test(path);
}

function isMessagePath(mailFolder: string, path: string): boolean {
  return path.startsWith(mailFolder) && /\/(new|cur)\//.test(path);
}

function fileNameOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.split(/[:;]/)[0] ?? name;
}

/** The end of the unique part of a collected message's name. */
function digestIn(path: string): string {
  return fileNameOf(path).slice(-16);
}

/** Its begin tells the account and the unique-id: the same for a beginning and its whole message. */
function ownerIn(path: string): string {
  return fileNameOf(path).slice(0, 32);
}
