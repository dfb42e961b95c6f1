import { hash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isMarkedAsUntransferable, type Transferable } from 'node:worker_threads';
import { MessageKey } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import type { StoreChange } from '#shared/rpc/contract.ts';
import type { Clock, Log } from '../ports.ts';
import { createFrameBatch } from './frame-batch.ts';
import { type LeavingNotes, openLeavingNotes, withLeavingNotes } from './leaving-notes.ts';
import { toAttemptRow, toOutboxRow } from './outbox-rows.ts';
import { type StoreWorker, startStoreWorker } from './start-store-worker.ts';
import type { FileRequest, Store } from './store-api.ts';
import type { EngineFileRequest, EngineMethod, EngineMethods, FromWorker } from './store-protocol.ts';

export interface OpenStoreOptions {
  readonly profileDir: string;
  readonly mailFolder: string;
  /** The worker's entry: `core/workers/store-worker.ts`, wherever it was packed. */
  readonly workerUrl: URL;
  /** When it was started already, on the same folders. */
  readonly worker?: StoreWorker;
  /** What changes before anybody listens is kept for the first who does: a folder renamed while nothing ran, say. */
  readonly keepsChanges?: boolean;
  readonly log: Log;
  readonly clock?: Clock;
}

/**
 * Starts the store's worker and opens the profile in it. Throws `MailError`: EPERMISSION, EDISKFULL, EIO, EVERSION. A
 * missing Mail folder is no error here; `state()` tells of it.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { profileDir, mailFolder, workerUrl } = options;
  const connection = connect(options.worker ?? startStoreWorker({ workerUrl, profileDir, mailFolder }), options);
  await connection.opened;
  const notes = openLeavingNotes(join(profileDir, leavingNotesFile), options.log);
  try {
    await takeOver(notes, connection);
  } catch (error) {
    notes.close();
    await connection.call('close', []);
    throw error;
  }
  return createStore(connection, notes, () => options.clock?.now() ?? Date.now());
}

/** In the profile; see `LeavingNotes`. */
export const leavingNotesFile = 'leaving-notes';

/** What an earlier process noted as leaving stands in the ledger from now on, as if it had been written there. */
async function takeOver(notes: LeavingNotes, { call }: Connection): Promise<void> {
  if (notes.left.length === 0) return;
  const active = await call('activeOutbox', []);
  const rows = active
    .map((record) => ({ record, revised: withLeavingNotes(record, notes.left) }))
    .filter(({ record, revised }) => record !== revised)
    .map(({ revised }) => toOutboxRow(revised));
  if (rows.length > 0) await call('putOutbox', [rows, 'now']);
  notes.forgetLeft();
}

type Answer<M extends EngineMethod> = Awaited<ReturnType<EngineMethods[M]>>;

interface Connection {
  readonly opened: Promise<void>;
  readonly call: <M extends EngineMethod>(
    method: M,
    args: Parameters<EngineMethods[M]>,
    transfer?: Transferable[],
  ) => Promise<Answer<M>>;
  readonly rebuild: EngineMethods['rebuildIndex'];
  readonly onChanged: (listener: (change: StoreChange) => void) => () => void;
  readonly close: () => Promise<void>;
}

/** A `ToWorker`; its arguments were checked against the method when it was called. */
interface CallFrame {
  readonly kind: 'call' | 'rebuild' | 'abort';
  readonly id: number;
  readonly method?: EngineMethod;
  readonly args?: readonly unknown[];
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress?: (done: number, total: number) => void;
}

function stopped(): MailError {
  return new MailError(
    'EINTERNAL',
    'The part of Postrider that keeps the mail has stopped. No stored mail is lost; close Postrider and start it again.',
  );
}

function connect({ worker, listen }: StoreWorker, { log, keepsChanges = false }: OpenStoreOptions): Connection {
  const pending = new Map<number, Pending>();
  const listeners = new Set<(change: StoreChange) => void>();
  let unheard: StoreChange[] | null = keepsChanges ? [] : null;
  const opening = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<void>();
  let end: MailError | undefined;
  let nextId = 1;

  function finish(error: MailError): void {
    end ??= error;
    opening.reject(end);
    for (const entry of pending.values()) entry.reject(end);
    pending.clear();
  }

  const take = (message: FromWorker): unknown => {
    switch (message.kind) {
      case 'ready':
        return opening.resolve();
      case 'failedToOpen':
        return finish(MailError.fromData(message.error));
      case 'answer':
        pending.get(message.id)?.resolve(message.value);
        return void pending.delete(message.id);
      case 'refusal':
        pending.get(message.id)?.reject(MailError.fromData(message.error));
        return void pending.delete(message.id);
      case 'progress':
        return pending.get(message.id)?.onProgress?.(message.done, message.total);
      case 'changed':
        unheard?.push(message.change);
        for (const listener of listeners) listener(message.change);
        return;
      case 'log':
        return relay(log, message);
    }
  };
  listen({
    onMessages(messages) {
      for (const message of messages) take(message);
    },
    onError(error) {
      log.error('The store worker failed.', error);
      finish(stopped());
    },
    onUnreadable: (error) => log.error('A message of the store worker cannot be read.', error),
    onExit() {
      finish(stopped());
      exited.resolve();
    },
  });

  // Until the loop has heard all that is there to hear: so many calls of that turn share one commit of the ledger.
  const calls = createFrameBatch<CallFrame>(worker, setImmediate, ({ id }, error) => {
    pending.get(id)?.reject(error);
    pending.delete(id);
  });

  function send<T>(
    frame: (id: number) => CallFrame,
    extra: Partial<Pending>,
    transfer: readonly Transferable[] = [],
  ): Promise<T> {
    if (end !== undefined) return Promise.reject(end);
    const id = nextId++;
    return new Promise<T>((resolve, reject) => {
      pending.set(id, { ...extra, resolve, reject });
      calls.post(frame(id), transfer);
    });
  }

  return {
    opened: opening.promise,
    onChanged(listener) {
      listeners.add(listener);
      const missed = unheard ?? [];
      unheard = null;
      for (const change of missed) listener(change);
      return () => listeners.delete(listener);
    },
    call: (method, args, transfer) => send((id) => ({ kind: 'call', id, method, args }), {}, transfer),
    rebuild(onProgress, signal) {
      let rebuildId = 0;
      const abort = (): void => calls.post({ kind: 'abort', id: rebuildId });
      const frame = (id: number): CallFrame => {
        rebuildId = id;
        return { kind: 'rebuild', id };
      };
      const done = send<{ messages: number }>(frame, { onProgress });
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort);
      return done.finally(() => signal.removeEventListener('abort', abort));
    },
    close: () => exited.promise,
  };
}

function relay(log: Log, { level, message, details }: Extract<FromWorker, { kind: 'log' }>): void {
  const given = typeof details === 'object' && details !== null ? { ...details } : undefined;
  if (level === 'error') log.error(message, details);
  else if (level === 'warn') log.warn(message, given);
  else log.info(message, given);
}

/** First 16 hex digits of SHA-256, as at the end of our keys. Off this thread, since a message may have 30 MB. */
async function digestOf(bytes: Uint8Array): Promise<string> {
  if (bytes.length < 64 * 1024) return hash('sha256', bytes).slice(0, 16);
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return Buffer.from(digest).toString('hex').slice(0, 16);
}

/** Room that a reader of a message left at the end of its buffer, not worth a copy. */
const slackOctets = 4096;

/** Buffers that hold one message and nothing else are moved; a part of a larger one (Node's pool) is copied out first. */
function movable(request: Omit<FileRequest, 'outbox'>): EngineFileRequest {
  const { bytes } = request;
  const isWhole = bytes.byteOffset === 0 && bytes.buffer.byteLength - bytes.byteLength <= slackOctets;
  return isWhole && !isMarkedAsUntransferable(bytes.buffer) ? request : { ...request, bytes: new Uint8Array(bytes) };
}

function createStore(connection: Connection, notes: LeavingNotes, now: () => number): Store {
  const { call } = connection;
  let closing: Promise<void> | undefined;
  return {
    listFolders: () => call('listFolders', []),
    createFolder: (folder) => call('createFolder', [folder]),
    renameFolder: (folder, to) => call('renameFolder', [folder, to]),
    removeFolder: (folder) => call('removeFolder', [folder]),
    folderNews: () => call('folderNews', []),
    settleRename: (rename) => call('settleRename', [rename]),
    forgetVanished: (folders) => call('forgetVanished', [folders]),
    file(messages) {
      const receivedAt = now();
      const requests = messages.map(({ outbox, ...request }) => {
        const moved = movable({ receivedAt, ...request });
        return outbox === undefined ? moved : { ...moved, outbox: toOutboxRow(outbox) };
      });
      const buffers = new Set(requests.map(({ bytes }) => bytes.buffer));
      return call('file', [requests], [...buffers]);
    },
    replaceBeginning(beginning, { outbox: _none, ...whole }) {
      const request = movable({ receivedAt: now(), ...whole });
      return call('replaceBeginning', [beginning, request], [request.bytes.buffer]);
    },
    keysFrom: (prefix) => call('keysFrom', [prefix]),
    beginnings: () => call('beginnings', []),
    async newMessageKey(bytes) {
      return MessageKey.parse(`${randomUUID().replaceAll('-', '')}-${await digestOf(bytes)}`);
    },
    async findByContent(bytes) {
      const found: MessageKey[] = [];
      for (const { messageKey, sizeOctets } of await call('keysByDigest', [await digestOf(bytes)])) {
        if (sizeOctets !== bytes.length) continue;
        if (Buffer.compare(await call('read', [messageKey]), bytes) === 0) found.push(messageKey);
      }
      return found;
    },
    listMessages: (query) => call('listMessages', [query]),
    listConversations: (query) => call('listConversations', [query]),
    conversation: (messageKey, folder) => call('conversation', [messageKey, folder]),
    conversationKeys: (folder, ids) => call('conversationKeys', [folder, ids]),
    listKeys: (folder) => call('listKeys', [folder]),
    summary: (messageKey) => call('summary', [messageKey]),
    present: (keys) => call('present', [keys]),
    locate: (messageKey) => call('locate', [messageKey]),
    read: (messageKey) => call('read', [messageKey]),
    outline: (messageKey, maxTextOctets) => call('outline', [messageKey, maxTextOctets]),
    search: (query) => call('search', [query]),
    knownAddresses: (prefix, limit) => call('knownAddresses', [prefix, limit]),
    readForeignCards: (path) => call('readForeignCards', [path]),
    setFlags: (keys, add, remove) => call('setFlags', [keys, add, remove]),
    tags: () => call('tags', []),
    replaceTag: (tag, to) => call('replaceTag', [tag, to]),
    setTags: (keys, add, remove) => call('setTags', [keys, add, remove]),
    move: (keys, folder) => call('move', [keys, folder]),
    destroy: (keys) => call('destroy', [keys]),
    ledgerVersion: () => call('ledgerVersion', []),
    knownUniqueIds: (accountId) => call('knownUniqueIds', [accountId]),
    recordUniqueIds: (accountId, entries) => call('recordUniqueIds', [accountId, entries]),
    forgetUniqueIds: (accountId, uniqueIds) => call('forgetUniqueIds', [accountId, uniqueIds]),
    forgetAccount: (accountId) => call('forgetAccount', [accountId]),
    collectedAs: (messageKey) => call('collectedAs', [messageKey]),
    putOutbox: (records, urgency = 'now') => call('putOutbox', [records.map(toOutboxRow), urgency]),
    async noteLeaving(record, note) {
      const remove = await notes.note(note);
      if (remove !== null) return remove;
      await call('putOutbox', [[toOutboxRow(record)], 'now']);
      return () => undefined;
    },
    activeOutbox: () => call('activeOutbox', []),
    outboxRecord: (outboxId) => call('outboxRecord', [outboxId]),
    outboxOfMessage: (messageKey) => call('outboxOfMessage', [messageKey]),
    knowsMessageId: (messageId) => call('knowsMessageId', [messageId]),
    removeOutbox: (outboxId) => call('removeOutbox', [outboxId]),
    appendAttempts: (outboxId, attempts) => call('appendAttempts', [outboxId, attempts.map(toAttemptRow)]),
    attemptsOf: (outboxId) => call('attemptsOf', [outboxId]),
    attemptsOfActive: () => call('attemptsOfActive', []),
    recentAttempts: (limitPerServer) => call('recentAttempts', [limitPerServer]),
    deliveryMemory: () => call('deliveryMemory', []),
    putDeliveryMemory: (entries, removedKeys) => call('putDeliveryMemory', [entries, removedKeys]),
    networks: () => call('networks', []),
    putNetwork: (network) => call('putNetwork', [network]),
    removeNetwork: (locationId) => call('removeNetwork', [locationId]),
    acceptedSince: (since, until) => call('acceptedSince', [since, until]),
    acceptedAt: (serverId, nth, until) => call('acceptedAt', [serverId, nth, until]),
    arrivals: (limit) => call('arrivals', [limit]),
    removeArrivals: (keys) => call('removeArrivals', [keys]),
    repliedAt: (identityId, sender) => call('repliedAt', [identityId, sender]),
    putReply: (identityId, sender, repliedAt) => call('putReply', [identityId, sender, repliedAt]),
    junkTotals: () => call('junkTotals', []),
    junkWords: (words) => call('junkWords', [words]),
    trainJunk: (messageKey, kind, words) => call('trainJunk', [messageKey, kind, words]),
    forgetJunk: () => call('forgetJunk', []),
    quarantineRecord: (messageKey) => call('quarantineRecord', [messageKey]),
    quarantineRecords: () => call('quarantineRecords', []),
    settleQuarantine: (settled) => call('settleQuarantine', [settled]),
    ruleProblems: (of) => call('ruleProblems', [of]),
    putRuleProblems: (messageKey, problems) => call('putRuleProblems', [messageKey, problems]),
    forgetRuleProblems: (ruleId) => call('forgetRuleProblems', [ruleId]),
    openSnapshot: () => call('openSnapshot', []),
    snapshotMessages: (snapshotId) => call('snapshotMessages', [snapshotId]),
    snapshotRows: (snapshotId, table) => call('snapshotRows', [snapshotId, table]),
    closeSnapshot: (snapshotId) => call('closeSnapshot', [snapshotId]),
    restoreLedger: (rows) => call('restoreLedger', [rows]),
    state: () => call('state', []),
    changesSince: (storeId, revision) => call('changesSince', [storeId, revision]),
    onChanged: connection.onChanged,
    rescan: () => call('rescan', []),
    rebuildIndex: (onProgress, signal) => connection.rebuild(onProgress, signal),
    checkIndex: () => call('checkIndex', []),
    close() {
      closing ??= call('close', []).then(connection.close).finally(notes.close);
      return closing;
    },
  };
}
