import { dirname } from 'node:path';
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
}

type State = 'named' | 'in-folder' | 'recorded';

export function createDurableOrder(mailFolder: string): DurableOrder {
  const syncedTmp = new Set<string>();
  const states = new Map<string, { state: State; folder: string }>();
  const namedTooSoon: string[] = [];

  function named(from: string, to: string): void {
    if (isInTmp(from) && !syncedTmp.has(from)) namedTooSoon.push(to);
    syncedTmp.delete(from);
    states.set(digestIn(to), { state: 'named', folder: dirname(to) });
  }

  function synced(path: string): void {
    if (isInTmp(path)) syncedTmp.add(path);
    const isLedger = /\/ledger\.sqlite(-wal)?$/.test(path);
    for (const entry of states.values()) {
      if (entry.state === 'named' && entry.folder === path) entry.state = 'in-folder';
      else if (entry.state === 'in-folder' && isLedger) entry.state = 'recorded';
    }
  }

  return {
    namedTooSoon,
    isSafe: (digest) => states.get(digest)?.state === 'recorded',
    follow(changes, onDelete) {
      for (const { operation, how, path, more } of changes) {
        if (operation === 'send') {
          for (const [, number] of more.matchAll(/DELE (\d+);/g)) onDelete(Number(number));
        }
        if (how !== 'ok') continue;
        const isMessage = more.startsWith(mailFolder) && /\/(new|cur)\//.test(more);
        if ((operation === 'rename' || operation === 'link') && isMessage) named(path, more);
        // Written anew: what was synced before does not count.
        if (operation === 'write') syncedTmp.delete(path);
        if (operation === 'sync') synced(path);
      }
    },
  };
}

function isInTmp(path: string): boolean {
  return /\/tmp\/[^/]+$/.test(path);
}

/** The end of the unique part of a collected message's name. */
function digestIn(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (name.split(/[:;]/)[0] ?? name).slice(-16);
}
