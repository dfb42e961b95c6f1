import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import type { FileRequest, KnownUniqueId } from '../../store/store-api.ts';
import type { CollectStore } from '../collect-options.ts';

export interface MemoryStore extends CollectStore {
  readonly messages: ReadonlyMap<MessageKey, { readonly folder: FolderPath; readonly bytes: Uint8Array }>;
  readonly batches: number[];
  /** What the ledger holds, by unique-id. */
  known(): KnownUniqueId[];
  /** The user removed it in the app. */
  markRemoved(uniqueId: string): void;
  /** Its file is gone, and nobody removed it in the app. */
  loseFile(uniqueId: string): void;
  /** Runs before each commit; throws to make it fail. */
  beforeFile: (messages: FileRequest[]) => void | Promise<void>;
  mailFolderProblem: string | null;
}

/** The store's door with nothing behind it but memory; takes the caller's buffers away as the real one does. */
export function createMemoryStore(): MemoryStore {
  const messages = new Map<MessageKey, { folder: FolderPath; bytes: Uint8Array }>();
  const ledger = new Map<string, KnownUniqueId>();
  const batches: number[] = [];
  const store: MemoryStore = {
    messages,
    batches,
    mailFolderProblem: null,
    beforeFile: () => {},
    known: () => [...ledger.values()],
    markRemoved(uniqueId) {
      const entry = ledger.get(uniqueId);
      if (entry !== undefined) ledger.set(uniqueId, { ...entry, isRemovedHere: true });
    },
    loseFile(uniqueId) {
      const key = ledger.get(uniqueId)?.messageKey ?? null;
      if (key !== null) messages.delete(key);
    },
    state: async () => ({
      storeId: 'memory',
      revision: 0,
      mailFolder: '/dev/null',
      mailFolderProblem: store.mailFolderProblem,
    }),
    async file(requests) {
      await store.beforeFile(requests);
      batches.push(requests.length);
      return requests.map(({ messageKey, folder, bytes, collected }) => {
        const own = structuredClone(bytes, { transfer: [bytes.buffer] });
        const isThere = messages.has(messageKey);
        if (!isThere) messages.set(messageKey, { folder, bytes: own });
        if (collected !== undefined)
          ledger.set(collected.entry.uniqueId, { ...collected.entry, messageKey, isRemovedHere: false });
        return { messageKey, outcome: isThere ? 'already-there' : 'filed' };
      });
    },
    async replaceBeginning(beginning, whole) {
      const place = messages.get(beginning);
      if (place === undefined) throw new MailError('ENOTFOUND', 'The beginning is gone.');
      const [outcome] = await store.file([{ ...whole, folder: place.folder }]);
      messages.delete(beginning);
      if (outcome === undefined) throw new TypeError('nothing was filed');
      return outcome;
    },
    keysFrom: async (prefix) => [...messages.keys()].filter((key) => key.startsWith(prefix)).sort(),
    summary: async () => null,
    present: async (keys) => keys.filter((key) => messages.has(key)),
    async read(messageKey) {
      const found = messages.get(messageKey);
      if (found === undefined) throw new MailError('ENOTFOUND', 'It is gone.');
      return found.bytes;
    },
    ledgerVersion: async () => JSON.stringify([...ledger.values()]),
    knownUniqueIds: async () => [...ledger.values()],
    async recordUniqueIds(_accountId, entries) {
      for (const entry of entries) ledger.set(entry.uniqueId, entry);
    },
    async forgetUniqueIds(_accountId, uniqueIds) {
      for (const uniqueId of uniqueIds) ledger.delete(uniqueId);
    },
  };
  return store;
}
