import type {
  AccountId,
  FolderPath,
  IdentityId,
  LocationId,
  MessageKey,
  OutboxId,
  RuleId,
  ServerId,
} from '#shared/ids.ts';
import type { Address } from '#shared/mail/address.ts';
import type { Conversation, ConversationPage } from '#shared/mail/conversation.ts';
import type { FolderSummary } from '#shared/mail/folder.ts';
import type { FolderRename } from '#shared/mail/folder-rename.ts';
import type { Flag, MessageSummary } from '#shared/mail/message.ts';
import type { Attempt, DeliveryMemoryEntry, NetworkRecord, OutboxRecord } from '#shared/mail/outbox.ts';
import type { QuarantineRecord } from '#shared/mail/quarantine.ts';
import type { RuleProblem } from '#shared/mail/rule.ts';
import type { MessagePage, StoreChange } from '#shared/rpc/contract.ts';
import type { MessageOutline } from '../outline.ts';
import type { ForeignCards } from './foreign-cards.ts';
import type { LeavingNote } from './leaving-notes.ts';
import type { LedgerRows, LedgerTable } from './ledger-rows.ts';

/** Of folders, by other programs. */
export interface FolderNews {
  /** In the order in which they were found. */
  readonly renamed: readonly { readonly from: FolderPath; readonly to: FolderPath }[];
  /** Removed, or renamed in a way that cannot be told from that; not there at this moment. */
  readonly vanished: readonly FolderPath[];
}

/**
 * The store's door. The engine behind it runs in a worker thread (synchronous SQLite and file syncs stay off the main
 * thread); this interface is what every other room sees. All methods throw `MailError`: EDISKFULL, EIO, EPERMISSION,
 * ENOTFOUND, EMAILFOLDER. A method that changes something has made it durable when its promise resolves; calls that
 * arrive while a commit is under way share the next one.
 */
export interface Store {
  // folders
  listFolders(): Promise<FolderSummary[]>;
  createFolder(folder: FolderPath): Promise<void>;
  renameFolder(folder: FolderPath, to: FolderPath): Promise<void>;
  /** Removes an empty folder. */
  removeFolder(folder: FolderPath): Promise<void>;
  /** What other programs did to folders, until it is settled or forgotten; also what was found while nothing ran. */
  folderNews(): Promise<FolderNews>;
  /** What waits for the rules or in Quarantine goes to the folder under its new name, and the renaming is no news. */
  settleRename(rename: FolderRename): Promise<void>;
  forgetVanished(folders: readonly FolderPath[]): Promise<void>;

  // filing
  /**
   * Files messages: tmp, fsync, rename, fsync of the folder, then one ledger commit with the unique-ids, then the index.
   * The bytes are moved, not copied: the caller's buffers are empty afterwards. A key that is anywhere in the Mail folder
   * already is not written again (`already-there`), but its unique-id is recorded.
   */
  file(messages: FileRequest[]): Promise<FileOutcome[]>;
  /** A fresh key for mail that was not collected (drafts, outgoing, notices): random, with the digest of the bytes. */
  newMessageKey(bytes: Uint8Array): Promise<MessageKey>;
  /** Keys of messages with exactly these bytes, by digest and then compared. For imports. */
  findByContent(bytes: Uint8Array): Promise<MessageKey[]>;

  /**
   * Puts a whole message in the place of its beginning: bytes durable, then the ledger, then the beginning goes. Folder,
   * flags and tags are those of the beginning, which does not count as removed. Throws ENOTFOUND when it is gone.
   */
  replaceBeginning(beginning: MessageKey, whole: FileRequest): Promise<FileOutcome>;
  /** Every message whose key begins so, wherever it lies. */
  keysFrom(prefix: string): Promise<MessageKey[]>;
  /** Every message that lies here by its beginning only. */
  beginnings(): Promise<MessageKey[]>;

  // reading
  listMessages(query: { folder: FolderPath; offset: number; limit: number }): Promise<MessagePage>;
  /** The folder's conversations, the one with the newest message first. */
  listConversations(query: { folder: FolderPath; offset: number; limit: number }): Promise<ConversationPage>;
  /** The conversation of a message as a tree: what lies in `folder`, and the user's own answers in Sent. Null: it is gone. */
  conversation(messageKey: MessageKey, folder: FolderPath): Promise<Conversation | null>;
  /** The keys of these conversations' messages that lie in `folder`. */
  conversationKeys(folder: FolderPath, conversationIds: string[]): Promise<MessageKey[]>;
  /** All keys of a folder, oldest first: for exports. */
  listKeys(folder: FolderPath): Promise<MessageKey[]>;
  summary(messageKey: MessageKey): Promise<MessageSummary | null>;
  /** Those of them whose file is there, in whatever folder. */
  present(messageKeys: MessageKey[]): Promise<MessageKey[]>;
  /** Where the bytes are; throws ENOTFOUND when they are gone. */
  locate(messageKey: MessageKey): Promise<{ path: string; folder: FolderPath; sizeOctets: number }>;
  read(messageKey: MessageKey): Promise<Uint8Array>;
  /** What a message says, read by the index's reader off this thread; its text cut at `maxTextOctets`. */
  outline(messageKey: MessageKey, maxTextOctets: number): Promise<OutlinedMessage>;
  /** Plain words, all of them, over subject, addresses, text and attachment names; newest first. Sees everything filed before the call. */
  search(query: { query: string; folder?: FolderPath; offset: number; limit: number }): Promise<MessagePage>;
  /** Addresses seen in mail, most used first. */
  knownAddresses(prefix: string, limit: number): Promise<Address[]>;

  // reading of other programs
  /** Everybody in a copy of Thunderbird's address book. Throws EMALFORMED. */
  readForeignCards(path: string): Promise<ForeignCards>;

  // changing
  /** Answers which were otherwise before: undo is for these. The same of `setTags`. */
  setFlags(messageKeys: MessageKey[], add: Flag[], remove: Flag[]): Promise<MessageKey[]>;
  setTags(messageKeys: MessageKey[], add: string[], remove: string[]): Promise<MessageKey[]>;
  /** Every tag that a message carries, by name. */
  tags(): Promise<{ tag: string; messages: number }[]>;
  /** Gives every message of this tag the other one instead; null: none. Answers which messages carried it. */
  replaceTag(tag: string, to: string | null): Promise<MessageKey[]>;
  /** Answers where each was. Moving to Trash counts as removing here (`removals`); moving back out takes that back. */
  move(messageKeys: MessageKey[], folder: FolderPath): Promise<{ messageKey: MessageKey; from: FolderPath }[]>;
  /** Removes the files for good. */
  destroy(messageKeys: MessageKey[]): Promise<void>;

  // what the collection must remember (ledger)
  /**
   * Another whenever anything in the ledger was changed, by whomever; while it is the same, whatever is kept there is what
   * it was. Sometimes another although nothing was.
   */
  ledgerVersion(): Promise<string>;
  /** Everything known of an account's maildrop. */
  knownUniqueIds(accountId: AccountId): Promise<KnownUniqueId[]>;
  /** Updates or adds. */
  recordUniqueIds(accountId: AccountId, entries: KnownUniqueId[]): Promise<void>;
  /** Those no longer on the server need not be remembered. */
  forgetUniqueIds(accountId: AccountId, uniqueIds: string[]): Promise<void>;
  forgetAccount(accountId: AccountId): Promise<void>;
  /** Where this message was collected; null when that is not remembered (any more). */
  collectedAs(messageKey: MessageKey): Promise<{ accountId: AccountId; entry: KnownUniqueId } | null>;

  // what sending must remember (ledger)
  /**
   * `soon`: what is written need not hurry, and joins the next commit instead of making its own (within a few
   * milliseconds). It is durable all the same when the promise resolves.
   */
  putOutbox(records: OutboxRecord[], urgency?: 'now' | 'soon'): Promise<void>;
  /**
   * Durably notes that the last octets for these recipients may be on their way, so that they are found `dot-pending` after
   * a crash; `record` says so already. Much cheaper than `putOutbox`. The answer is called when the ledger has what became
   * of them, and takes the note away.
   */
  noteLeaving(record: OutboxRecord, note: LeavingNote): Promise<() => void>;
  /** Everything not yet `sent`, oldest first. */
  activeOutbox(): Promise<OutboxRecord[]>;
  outboxRecord(outboxId: OutboxId): Promise<OutboxRecord | null>;
  outboxOfMessage(messageKey: MessageKey): Promise<OutboxRecord | null>;
  /** Whether a message of this Message-ID is in the outbox, or was sent. */
  knowsMessageId(messageId: string): Promise<boolean>;
  removeOutbox(outboxId: OutboxId): Promise<void>;
  /** Joins the next commit, as `soon` above. */
  appendAttempts(outboxId: OutboxId, attempts: Attempt[]): Promise<void>;
  attemptsOf(outboxId: OutboxId): Promise<Attempt[]>;
  /** Those of every message not yet `sent`, each list oldest first; without those that have none. */
  attemptsOfActive(): Promise<{ outboxId: OutboxId; attempts: Attempt[] }[]>;
  /** The last attempts of every server, newest first, at most `limitPerServer` each. */
  recentAttempts(limitPerServer: number): Promise<Attempt[]>;
  deliveryMemory(): Promise<DeliveryMemoryEntry[]>;
  putDeliveryMemory(entries: DeliveryMemoryEntry[], removedKeys: string[]): Promise<void>;
  /** The networks this machine has been on. */
  networks(): Promise<NetworkRecord[]>;
  putNetwork(network: NetworkRecord): Promise<void>;
  removeNetwork(locationId: LocationId): Promise<void>;
  /** How many messages each server took since that moment, for rate limits; not those taken after `until`, by the clock of then. */
  acceptedSince(since: number, until?: number): Promise<{ serverId: string; messages: number }[]>;
  /** When the server took its `nth` latest message (1 is the last one), as those are counted; null: so many it never took. */
  acceptedAt(serverId: ServerId, nth: number, until?: number): Promise<number | null>;

  // what rules, the junk filter and auto-replies must remember (ledger)
  /** Mail filed with `isArrival` that has not been through the rules, oldest first. */
  arrivals(limit: number): Promise<Arrival[]>;
  /** They have been through the rules. */
  removeArrivals(messageKeys: MessageKey[]): Promise<void>;
  /** When this identity last answered that sender by itself; null: never. */
  repliedAt(identityId: IdentityId, sender: string): Promise<number | null>;
  putReply(identityId: IdentityId, sender: string, repliedAt: number): Promise<void>;
  /** How many messages were called junk and good. */
  junkTotals(): Promise<{ junk: number; good: number }>;
  /** Those of the words that were ever learnt. */
  junkWords(words: string[]): Promise<WordCounts[]>;
  /** Learns a message once; called otherwise than before, what was learnt of it is taken back. Answers whether anything changed. */
  trainJunk(messageKey: MessageKey, kind: JunkKind, words: string[]): Promise<boolean>;
  forgetJunk(): Promise<void>;

  // what the scanner and the rules have to say of messages (ledger)
  /** What is known of this message; null: nothing speaks against it. */
  quarantineRecord(messageKey: MessageKey): Promise<QuarantineRecord | null>;
  /** Everything not released, oldest first. */
  quarantineRecords(): Promise<QuarantineRecord[]>;
  /** In one commit: what was judged, what need not be remembered, and what waits for the rules from now on. */
  settleQuarantine(settled: QuarantineSettlement): Promise<void>;
  /** What a rule could not do, the newest first: of this message, or of every one. */
  ruleProblems(of: { messageKey?: MessageKey; limit: number }): Promise<RuleProblem[]>;
  /** Replaces what was known of the message; nothing given, it is forgotten. */
  putRuleProblems(messageKey: MessageKey, problems: RuleProblem[]): Promise<void>;
  /** Forgets what was told of this rule, or of every one. */
  forgetRuleProblems(ruleId?: RuleId): Promise<void>;

  // backup
  /** Files and ledger as they are at this moment, for as long as it is open, whatever changes meanwhile. */
  openSnapshot(): Promise<SnapshotHead>;
  /** The next messages, folder by folder; none when all were given. */
  snapshotMessages(snapshotId: string): Promise<SnapshotMessage[]>;
  /** The next rows of a table of the ledger; none when all were given. */
  snapshotRows(snapshotId: string, table: LedgerTable): Promise<LedgerRows>;
  closeSnapshot(snapshotId: string): Promise<void>;
  /** Adds what is missing, in one commit; what is there stays as it is. The messages are filed before. */
  restoreLedger(rows: LedgerRows): Promise<number>;

  // the index
  state(): Promise<StoreState>;
  changesSince(
    storeId: string,
    revision: number,
  ): Promise<{ kind: 'changes'; changes: StoreChange[] } | { kind: 'reset'; storeId: string; revision: number }>;
  /** Called after each commit that changed what a screen shows. */
  onChanged(listener: (change: StoreChange) => void): () => void;
  /** Looks at the Maildir for what other programs changed, and takes it up. */
  rescan(): Promise<void>;
  rebuildIndex(onProgress: (done: number, total: number) => void, signal: AbortSignal): Promise<{ messages: number }>;
  checkIndex(): Promise<{ messages: number; problems: string[] }>;
  close(): Promise<void>;
}

export interface StoreState {
  readonly storeId: string;
  readonly revision: number;
  readonly mailFolder: string;
  /** The Mail folder is missing or unexpectedly empty: collecting must stop. In words; null when all is well. */
  readonly mailFolderProblem: string | null;
}

export interface FileRequest {
  readonly folder: FolderPath;
  readonly messageKey: MessageKey;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly flags: Flag[];
  readonly tags?: string[];
  /** Epoch milliseconds; used where the Date field is missing. Default now. */
  readonly receivedAt?: number;
  /** Recorded in the same commit. */
  readonly collected?: {
    readonly accountId: AccountId;
    readonly entry: Omit<KnownUniqueId, 'messageKey' | 'isRemovedHere'>;
  };
  /**
   * It comes back from a backup, exactly as it was: `letters` and `sub` instead of `flags`. `removedAt`: the user had
   * removed it by then. Null takes a removal since then back, so that no server deletes what the user has taken back.
   */
  readonly restored?: {
    readonly sub: 'new' | 'cur';
    readonly letters: string;
    readonly removedAt: number | null;
  };
  /** It came in just now: it waits for the rules from the same commit on. */
  readonly isArrival?: boolean;
  /** It waits for the scanner from the same commit on; `folder` is Quarantine then. */
  readonly quarantine?: Omit<QuarantineRecord, 'messageKey'>;
  /** For a message that is to be sent: recorded in the same commit, after the file. */
  readonly outbox?: OutboxRecord;
}

/** A message that waits for the rules, and the folder it was filed in. */
export interface Arrival {
  readonly messageKey: MessageKey;
  readonly folder: FolderPath;
  /** Epoch milliseconds. */
  readonly filedAt: number;
}

export interface OutlinedMessage {
  readonly folder: FolderPath;
  readonly sizeOctets: number;
  /** The header as it stands, without the empty line. */
  readonly header: Uint8Array;
  readonly outline: MessageOutline;
}

export interface QuarantineSettlement {
  readonly put: readonly QuarantineRecord[];
  readonly forget: readonly MessageKey[];
  readonly arrivals: readonly Arrival[];
}

export type JunkKind = 'junk' | 'good';

/** In how many messages of each kind a word stood. */
export interface WordCounts {
  readonly word: string;
  readonly junk: number;
  readonly good: number;
}

/** What a snapshot holds. */
export interface SnapshotHead {
  readonly snapshotId: string;
  readonly storeId: string;
  readonly folders: readonly { readonly folder: FolderPath; readonly total: number }[];
  readonly octets: number;
  /** Files that are removed for good while it is open are kept here, each under its key. */
  readonly keptFolder: string;
}

export interface SnapshotMessage {
  readonly messageKey: MessageKey;
  readonly folder: FolderPath;
  /** Where the file lay; it may have moved since. */
  readonly path: string;
  readonly sub: 'new' | 'cur';
  /** The flags as they stand in the file name, those of other programs included. */
  readonly letters: string;
  readonly tags: readonly string[];
  readonly sizeOctets: number;
  readonly subject: string;
  /** The first author's name, or the address. */
  readonly from: string;
  /** Epoch milliseconds, as lists sort by it. */
  readonly date: number;
}

export interface FileOutcome {
  readonly messageKey: MessageKey;
  readonly outcome: 'filed' | 'already-there';
}

export interface KnownUniqueId {
  readonly uniqueId: string;
  /** Null: known on the server but never fetched whole. */
  readonly messageKey: MessageKey | null;
  /** As RETR gave it, and as LIST announced it; they differ on servers that count wrongly. */
  readonly octets: number;
  readonly listedOctets: number;
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
  /** Digest of the header by TOP, hex, where it was taken: recognises the message under another unique-id. */
  readonly headerDigest?: string;
  readonly collectedAt: number;
  /** A later session's RETR gave the same bytes although LIST says more. */
  readonly isConfirmed: boolean;
  /** The user removed it in the app (ledger event, not the file's absence). */
  readonly isRemovedHere: boolean;
}
