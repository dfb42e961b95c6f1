import type {
  AccountId,
  FolderPath,
  IdentityId,
  JobId,
  LocationId,
  MessageKey,
  OutboxId,
  ServerId,
  UploadId,
} from '#shared/ids.ts';
import type { CheckedEndpoint } from '#shared/job.ts';
import type { Endpoint, OAuthSecret, Secret } from '#shared/mail/endpoint.ts';
import type { FolderRename } from '#shared/mail/folder-rename.ts';
import type { Identity, IdentityInput } from '#shared/mail/identity.ts';
import type { AccountInput, IncomingAccount, IncomingAccountView } from '#shared/mail/incoming-account.ts';
import type { InvitationAnswer } from '#shared/mail/invitation.ts';
import type { Draft, DraftAttachment, DraftContent, ParsedMessage } from '#shared/mail/message.ts';
import type { NameUse } from '#shared/mail/name-use.ts';
import type { NetworkLocation, OutboxItem } from '#shared/mail/outbox.ts';
import type { OutgoingServer, OutgoingServerView, ServerInput } from '#shared/mail/outgoing-server.ts';
import type { Contact, Preferences, Settings, SettingsView } from '#shared/mail/settings.ts';
import type { PracticeFaults } from '#shared/mail/setup.ts';
import type { EventName, Handlers, MethodName, Payload } from '#shared/rpc/contract.ts';
import type { JobRunner } from './jobs/job-runner.ts';
import type { Clock, Desktop, Log, Network, Resources, Secrets, Spawn, TokenSource } from './ports.ts';
import type { Store } from './store/store-api.ts';

/**
 * The interfaces through which the rooms of the core use each other. `app-core.ts` makes the services and hands them
 * in; a room imports these types and never another room's code.
 */

/** What every service is given. */
export interface Base {
  readonly clock: Clock;
  readonly log: Log;
  /** Tells every screen. */
  readonly emit: <E extends EventName>(name: E, payload: Payload<E>) => void;
}

/** The part of the settings that `rules/` and `scanning/` change. */
export type MailRules = Pick<Settings, 'rules' | 'junk' | 'autoReplies' | 'scanner'>;

/** The part of the contract a service answers for. */
export type HandlersOf<M extends MethodName> = Pick<Handlers, M>;

/** `settings/`: settings.json and the secrets beside it. Getters answer from memory. */
export interface SettingsService {
  current(): Settings;
  view(): Promise<SettingsView>;
  account(id: AccountId): IncomingAccount | undefined;
  server(id: ServerId): OutgoingServer | undefined;
  identity(id: IdentityId): Identity | undefined;
  /** The identity whose address (or `*@domain`) fits, exact addresses first. */
  identityFor(mailbox: string): Identity | undefined;
  addAccount(input: AccountInput): Promise<AccountId>;
  setAccount(id: AccountId, patch: Record<string, unknown>): Promise<IncomingAccountView>;
  removeAccount(id: AccountId): Promise<void>;
  addServer(input: ServerInput): Promise<ServerId>;
  setServer(id: ServerId, patch: Record<string, unknown>): Promise<OutgoingServerView>;
  removeServer(id: ServerId): Promise<void>;
  reorderServers(ids: ServerId[]): Promise<void>;
  addIdentity(input: IdentityInput): Promise<IdentityId>;
  setIdentity(id: IdentityId, patch: Record<string, unknown>): Promise<Identity>;
  removeIdentity(id: IdentityId): Promise<void>;
  setPreferences(patch: Partial<Preferences>): Promise<Preferences>;
  putContact(contact: Contact): Promise<void>;
  /** Whoever is there already stays as they are, but for a name where there was none. Each address counts once. */
  addContacts(contacts: readonly Contact[]): Promise<{ added: number; known: number }>;
  removeContact(mailbox: string): Promise<void>;
  /** Rules, junk settings, auto-replies and the scanner; `decide` sees the newest settings and may throw. */
  changeMailRules(decide: (settings: Settings) => Partial<MailRules>): Promise<void>;
  /** What named the folder, or one within, names it by its new name; answers what did. `folders`: all there were. */
  followFolder(rename: FolderRename, folders: readonly FolderPath[]): Promise<NameUse[]>;
  /** What names one of these folders. `folders`: all there are. */
  usesOfFolders(wanted: readonly FolderPath[], folders: readonly FolderPath[]): NameUse[];
  /** The same for a tag, its place in the list of tags included. */
  followTag(from: string, to: string): Promise<NameUse[]>;
  usesOfTag(tag: string): NameUse[];
  nameLocation(location: { locationId: string; name: string }): Promise<void>;
  /** Takes the name of a network away; one without a name stays as it is. */
  forgetLocation(locationId: LocationId): Promise<void>;
  accountSecret(id: AccountId): Promise<Secret | undefined>;
  serverSecret(id: ServerId): Promise<Secret | undefined>;
  /**
   * Takes settings and secrets from a backup: all of them where there are none, else (`add`) those that are missing.
   * What is here stays as it is. Answers whether anything was taken.
   */
  restore(restored: Settings, how: 'if-empty' | 'add', secrets: Readonly<Record<string, Secret>>): Promise<boolean>;
  onChanged(listener: (settings: Settings) => void): () => void;
  /** What was wrong with settings.json at start, in a sentence; null when nothing was. */
  readonly problem: string | null;
}

/** Makes a token source from the stored OAuth secret. */
export type TokenSourceFor = (secret: OAuthSecret, save: (secret: OAuthSecret) => Promise<void>) => TokenSource;

/** `message/`: parsing what a person opens (in a killable child), building what is sent, uploads. */
export interface MessageService {
  parse(messageKey: MessageKey): Promise<ParsedMessage>;
  /** The octets of a message, or of a file that was opened to be read (`openedFileKey`). */
  read(messageKey: MessageKey): Promise<Uint8Array>;
  /** Where they lie. */
  locate(messageKey: MessageKey): Promise<{ path: string; sizeOctets: number }>;
  /** The decoded bytes of one attachment, with the names to serve it under. */
  part(messageKey: MessageKey, partId: string): Promise<{ bytes: Uint8Array; fileName: string; contentType: string }>;
  /** Builds the exact bytes once: Message-ID, Date, CRLF; Bcc kept as a header field (it is removed on the wire). */
  build(draft: DraftContent, identity: Identity, calendarReply?: string): Promise<BuiltMessage>;
  /** The answer to an invitation as a draft, and its calendar part for `build`. Throws EINVALID when there is nothing to answer. */
  answerInvitation(messageKey: MessageKey, answer: InvitationAnswer): Promise<{ draft: Draft; calendarReply: string }>;
  /** The same for a draft being saved: addresses may be incomplete, nothing is checked. */
  buildDraft(draft: DraftContent, identity: Identity | undefined): Promise<Uint8Array<ArrayBuffer>>;
  /** Checks a file of RFC 5322 bytes for sending: CRLF, Date and Message-ID added where missing, envelope read. */
  prepareFile(bytes: Uint8Array, envelope?: { reversePath?: string; forwardPaths?: string[] }): Promise<BuiltMessage>;
  addUpload(file: { fileName: string; contentType: string; body: AsyncIterable<Uint8Array> }): Promise<DraftAttachment>;
  uploadFromMessage(messageKey: MessageKey, partId?: string): Promise<DraftAttachment>;
  discardUpload(uploadId: UploadId): Promise<void>;
  start(
    kind: 'new' | 'reply' | 'reply-all' | 'forward' | 'edit',
    messageKey?: MessageKey,
    mailto?: string,
  ): Promise<Draft>;
  close(): Promise<void>;
}

/** A message ready for the outbox. */
export interface BuiltMessage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly messageId: string;
  readonly subject: string;
  /** MAIL FROM; '' for the null reverse-path. */
  readonly reversePath: string;
  /** The From address, for finding the identity. */
  readonly from: string;
  /** Every recipient once: To, Cc, Bcc. */
  readonly forwardPaths: string[];
}

/** `outgoing/`: the outbox and everything behind it. */
export interface OutboxService {
  /** Files the message in Outbox and the record in the ledger, durably, then returns; sending starts by itself. */
  enqueue(message: BuiltMessage, options: EnqueueOptions): Promise<OutboxItem>;
  /** One pass over one item or over what is due, finished when the promise resolves. */
  flush(options: {
    now: boolean;
    outboxIds?: OutboxId[];
    signal: AbortSignal;
    onProgress?: (done: number, total: number) => void;
  }): Promise<{ sent: number; deferred: number; held: number; failed: number }>;
  item(outboxId: OutboxId): Promise<OutboxItem>;
  /**
   * Stops the message and takes it out of the outbox once `fileDraft` has made a draft of it. Throws EUNCERTAIN when
   * somebody has it or may have it.
   */
  cancel<T>(outboxId: OutboxId, fileDraft: (taken: TakenBack) => Promise<T>): Promise<T>;
  /** Begins the schedule: takes up what the ledger holds (what may have left becomes uncertain), wakes when items fall due. */
  startSchedule(): Promise<void>;
  /** Takes up active messages that came into the ledger by another way: a restore. */
  takeUpRestored(): Promise<void>;
  location(): Promise<NetworkLocation>;
  /** Hangs up every pooled session and waits for what is under way. */
  close(): Promise<void>;
}

/** What a message taken out of the outbox was. */
export interface TakenBack {
  readonly messageKey: MessageKey;
  readonly identityId: IdentityId | null;
  /** Written in the composer: its draft is made anew. Any other file becomes the draft, byte for byte. */
  readonly isComposed: boolean;
  /** Mailboxes that have it already: the draft is for the others. */
  readonly accepted: string[];
  readonly source?: { messageKey: MessageKey; kind: 'reply' | 'forward' };
  /** The servers and the moment chosen for it. */
  readonly send: { readonly serverIds?: ServerId[]; readonly sendAt?: number };
}

export interface EnqueueOptions {
  readonly identityId: IdentityId | null;
  readonly serverIds?: ServerId[];
  readonly sendAt?: number;
  /** Milliseconds the composer's undo takes; 0 for none. */
  readonly undoMs: number;
  readonly source?: { messageKey: MessageKey; kind: 'reply' | 'forward' };
  /** Written in the composer. */
  readonly isComposed?: boolean;
  /** Do not start by itself: the caller runs a pass. */
  readonly waitForFlush?: boolean;
}

/** `incoming/`: collection. */
export interface CollectionService {
  /** Starts a job over these accounts (all when none are named). */
  collect(accountIds?: AccountId[]): JobId;
  startSchedule(): void;
  close(): Promise<void>;
}

/** `practice/`: the built-in servers on loopback. */
export interface PracticeService {
  /** Starts the servers (if they are not running) and answers where they listen. */
  start(): Promise<{
    maildrop: Endpoint;
    first: Endpoint;
    second: Endpoint;
    user: string;
    password: string;
    address: string;
  }>;
  faults(): PracticeFaults;
  setFaults(faults: Partial<PracticeFaults>): Promise<PracticeFaults>;
  isRunning(): boolean;
  /** What both practice relays took since they started, newest last. */
  received(): { server: string; from: string; to: string[]; subject: string; at: string }[];
  close(): Promise<void>;
}

/** How a check tells each step while it runs. */
export type OnCheckProgress = (endpoint: CheckedEndpoint) => void;

/** What every room may ask for when it is made; each factory takes a `Pick` of this. */
export interface Rooms extends Base {
  readonly profileDir: string;
  readonly secrets: Secrets;
  readonly resources: Resources;
  readonly spawn: Spawn;
  readonly network: Network;
  readonly desktop: Desktop;
  readonly store: Store;
  readonly settings: SettingsService;
  readonly jobs: JobRunner;
  readonly message: MessageService;
  readonly outbox: OutboxService;
  readonly tokenSourceFor: TokenSourceFor;
  /** Where a message collected by this account's rules goes first. */
  readonly inboxOf: (account: IncomingAccount) => FolderPath;
}
