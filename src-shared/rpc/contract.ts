import { z } from 'zod';
import {
  AccountId,
  FolderPath,
  IdentityId,
  JobId,
  LocationId,
  MessageKey,
  OutboxId,
  RuleId,
  ServerId,
  UploadId,
} from '../ids.ts';
import { CheckedEndpoint, Job } from '../job.ts';
import { Address } from '../mail/address.ts';
import { BackupContents, BackupRow, BackupStatus, RestoreSettings } from '../mail/backup.ts';
import { Conversation, ConversationPage } from '../mail/conversation.ts';
import { Port, Security } from '../mail/endpoint.ts';
import { FolderSummary } from '../mail/folder.ts';
import { Identity, IdentityInput } from '../mail/identity.ts';
import { AccountInput, IncomingAccountView } from '../mail/incoming-account.ts';
import { RemovedThere, WaitingHeader, WaitingMail } from '../mail/look.ts';
import { ImportRequest, MailPlace, MailSourceView, SourceCount, UnfinishedImport } from '../mail/mail-source.ts';
import { ComposeKind, Draft, DraftAttachment, Flag, MessageSummary, ParsedMessage } from '../mail/message.ts';
import { NameUse } from '../mail/name-use.ts';
import {
  Attempt,
  DeliveryMemoryEntry,
  NetworkLocation,
  OutboxItem,
  RouteExplanation,
  SeenNetwork,
  ServerCondition,
} from '../mail/outbox.ts';
import { OutgoingServerView, ServerInput } from '../mail/outgoing-server.ts';
import { QuarantinedMessage, ScannerSettings, ScannerStatus, ScanOutcome } from '../mail/quarantine.ts';
import {
  AutoReply,
  JunkStatus,
  JunkVerdict,
  Rule,
  RuleAct,
  RuleInput,
  RuleOutcome,
  RuleProblem,
} from '../mail/rule.ts';
import { Contact, Preferences, PreferencesPatch, SettingsView } from '../mail/settings.ts';
import { PracticeFaults, PracticeSetup, SetupProposal } from '../mail/setup.ts';
import { TagName } from '../mail/tag.ts';

/** A method: what it takes and what it answers, both checked at both ends. */
export interface Method<P extends z.ZodType, R extends z.ZodType> {
  readonly params: P;
  readonly result: R;
}

function method<P extends z.ZodType, R extends z.ZodType>(params: P, result: R): Method<P, R> {
  return { params, result };
}

const nothing = z.object({});
const done = z.object({});
const job = z.object({ jobId: JobId });
const keys = z.object({ messageKeys: z.array(MessageKey).min(1).max(100_000) });

/** Any of the fields given replace those stored; `null` removes an optional one. Checked whole, after merging, against the input schema. */
const Patch = z.record(z.string(), z.unknown());

export const HostCapabilities = z.object({
  host: z.enum(['electron', 'browser', 'command']),
  chooseFolder: z.boolean(),
  chooseFile: z.boolean(),
  openPath: z.boolean(),
  openExternal: z.boolean(),
  notify: z.boolean(),
  /** It can go on without a window, with an icon in the notification area. */
  tray: z.boolean().optional(),
  /** It can ask in a window of the system's, out of a page's reach. */
  confirm: z.boolean().optional(),
});
export type HostCapabilities = z.infer<typeof HostCapabilities>;

/** Something the user has to know about the profile: shown as a quiet bar until dismissed. */
export const Notice = z.object({
  id: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
  action: z
    .enum(['open-outbox', 'open-settings', 'open-mail-folder', 'open-backup', 'open-quarantine', 'look-first', 'none'])
    .default('none'),
  /** The account it is about, for `look-first`. */
  accountId: AccountId.optional(),
});
export type Notice = z.infer<typeof Notice>;

export const AppInfo = z.object({
  version: z.string(),
  storeId: z.string(),
  revision: z.number().int(),
  profileDir: z.string(),
  mailFolder: z.string(),
  /** Where secrets are kept, in words a person understands. */
  secretsKeptIn: z.string(),
  capabilities: HostCapabilities,
  notices: z.array(Notice),
  /** Where exports go unless told otherwise. */
  defaultExportFolder: z.string(),
});
export type AppInfo = z.infer<typeof AppInfo>;

export const MessagePage = z.object({
  rows: z.array(MessageSummary),
  total: z.number().int(),
  unread: z.number().int(),
  revision: z.number().int(),
});
export type MessagePage = z.infer<typeof MessagePage>;

/** What one commit of the store changed. `folders` holds the new counts of every folder it touched. */
export const StoreChange = z.object({
  storeId: z.string(),
  fromRevision: z.number().int(),
  toRevision: z.number().int(),
  added: z.array(MessageSummary),
  updated: z.array(MessageSummary),
  removed: z.array(z.object({ messageKey: MessageKey, folder: FolderPath })),
  folders: z.array(FolderSummary),
  /** Folders that are no more, or have another name. */
  goneFolders: z.array(FolderPath).optional(),
  /** These folders have another name, given here or by another program; each one is named. */
  renamedFolders: z.array(z.object({ from: FolderPath, to: FolderPath })).optional(),
  /** One of so many that messages are not named: whoever shows some asks for them again. */
  isLarge: z.boolean().optional(),
});
export type StoreChange = z.infer<typeof StoreChange>;

export const ContactFormat = z.enum(['vcard', 'vcard4', 'csv']);
export type ContactFormat = z.infer<typeof ContactFormat>;

export const ExportFormat = z.enum(['mbox', 'eml', 'maildir', 'zip']);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** How to send this one message. */
export const SendOptions = z.object({
  /** Only these servers, in this order, for this message. */
  serverIds: z.array(ServerId).optional(),
  /** Epoch milliseconds: not before. */
  sendAt: z.number().optional(),
  /** Skip the undo time of the preferences. */
  immediately: z.boolean().optional(),
});
export type SendOptions = z.infer<typeof SendOptions>;

/** Every method of the application, once. */
export const methods = {
  'app.info': method(nothing, AppInfo),
  'app.dismissNotice': method(z.object({ id: z.string() }), done),

  'settings.get': method(nothing, SettingsView),
  'settings.setPreferences': method(PreferencesPatch, Preferences),
  'account.add': method(AccountInput, z.object({ id: AccountId })),
  'account.set': method(z.object({ id: AccountId, patch: Patch }), IncomingAccountView),
  'account.list': method(nothing, z.array(IncomingAccountView)),
  'account.remove': method(z.object({ id: AccountId }), done),
  'server.add': method(ServerInput, z.object({ id: ServerId })),
  'server.set': method(z.object({ id: ServerId, patch: Patch }), OutgoingServerView),
  'server.list': method(nothing, z.array(OutgoingServerView)),
  'server.remove': method(z.object({ id: ServerId }), done),
  'server.reorder': method(z.object({ ids: z.array(ServerId) }), done),
  'identity.add': method(IdentityInput, z.object({ id: IdentityId })),
  'identity.set': method(z.object({ id: IdentityId, patch: Patch }), Identity),
  'identity.list': method(nothing, z.array(Identity)),
  'identity.remove': method(z.object({ id: IdentityId }), done),
  'identity.reorder': method(z.object({ ids: z.array(IdentityId) }), done),

  'contact.list': method(nothing, z.array(Contact)),
  'contact.put': method(Contact, done),
  'contact.remove': method(z.object({ mailbox: z.string() }), done),
  /** The whole address book as a file for other programs: vCard 3.0, which they all read, 4.0, or a table. */
  'contact.export': method(
    z.object({ format: ContactFormat }),
    z.object({ text: z.string(), people: z.number().int(), addresses: z.number().int() }),
  ),
  /** The address book first, then addresses known from mail, best match first. */
  'contact.complete': method(
    z.object({ prefix: z.string().max(200), limit: z.number().int().min(1).max(50).default(8) }),
    z.array(Address),
  ),

  /** In the order they are asked. */
  'rule.list': method(nothing, z.array(Rule)),
  'rule.add': method(RuleInput, z.object({ id: RuleId })),
  'rule.set': method(z.object({ id: RuleId, patch: Patch }), Rule),
  'rule.remove': method(z.object({ id: RuleId }), done),
  'rule.reorder': method(z.object({ ids: z.array(RuleId) }), done),
  /** Asks the enabled rules, or these, or one not saved yet, about the messages of a folder. Ends with a `RulesReport`. */
  'rule.run': method(
    z.object({
      folder: FolderPath,
      ruleIds: z.array(RuleId).min(1).optional(),
      draft: RuleInput.optional(),
      isDryRun: z.boolean().default(false),
    }),
    job,
  ),
  /** What the rules say of one message, rule by rule; nothing is done. */
  'rule.explain': method(
    z.object({ messageKey: MessageKey }),
    z.object({ acts: z.array(RuleAct), outcomes: z.array(RuleOutcome) }),
  ),

  /** What rules could not do lately, the newest first, with the message's subject. */
  'rule.problems': method(nothing, z.array(RuleProblem.extend({ subject: z.string() }))),
  /** They were read: of this rule, or all. */
  'rule.forgetProblems': method(z.object({ ruleId: RuleId.optional() }), done),

  'junk.status': method(nothing, JunkStatus),
  'junk.set': method(z.object({ patch: Patch }), JunkStatus),
  /** Learns from them and moves them to Junk, or to the Inbox. */
  'junk.mark': method(
    keys.extend({ isJunk: z.boolean() }),
    z.object({ moved: z.array(z.object({ messageKey: MessageKey, from: FolderPath })) }),
  ),
  'junk.explain': method(z.object({ messageKey: MessageKey }), JunkVerdict),
  /** All it has learnt. No message is touched. */
  'junk.forget': method(nothing, done),

  'scanner.status': method(nothing, ScannerStatus),
  'scanner.set': method(z.object({ patch: Patch }), ScannerStatus),
  /** Runs the command on a clean message and on the EICAR test file, as it stands here, saved or not. Nothing is stored. */
  'scanner.try': method(
    z.object({ scanner: ScannerSettings }),
    z.object({ clean: ScanOutcome, infected: ScanOutcome }),
  ),
  /** Everything the scanner holds back. */
  'quarantine.list': method(nothing, z.array(QuarantinedMessage)),
  /** To the folder each was for. */
  'quarantine.release': method(
    keys,
    z.object({ released: z.array(z.object({ messageKey: MessageKey, folder: FolderPath })) }),
  ),
  /** For good: the files are removed. */
  'quarantine.delete': method(keys, done),
  /** The scanner judges them again. */
  'quarantine.check': method(keys, done),

  'autoReply.set': method(AutoReply, done),
  'autoReply.remove': method(z.object({ identityId: IdentityId }), done),

  'setup.propose': method(z.object({ address: z.string().max(320) }), SetupProposal),
  /** Tests every endpoint given, step by step; `check.progress` tells each step as it happens. Nothing is stored. */
  'check.account': method(z.object({ account: AccountInput, accountId: AccountId.optional() }), job),
  /**
   * With `serverId`, what was seen of that server before is compared, and what is seen now remembered. Direct MX is tested with
   * the servers of `domain`, or of an identity's own domain.
   */
  'check.server': method(
    z.object({
      server: ServerInput,
      serverId: ServerId.optional(),
      domain: z.string().trim().min(1).max(253).optional(),
    }),
    job,
  ),
  /**
   * Looks at a host from here, set up or not, without signing in: on the usual ports, or on those given. `host` may be the id
   * or the label of an outgoing server: then its own endpoints are looked at, and compared with what was seen before.
   */
  'check.host': method(
    z.object({
      host: z.string().trim().min(1).max(253),
      ports: z.array(Port).max(20).optional(),
      security: Security.optional(),
    }),
    job,
  ),
  /**
   * What answers in the place of this endpoint (`host:port`, only one of security `none`) may take mail, on the present network
   * and on no other. Remembered until it is forgotten (`server.forget`).
   */
  'server.acceptRelay': method(z.object({ serverId: ServerId, endpoint: z.string() }), done),
  'practice.setUp': method(nothing, PracticeSetup),
  'practice.faults': method(
    z.object({ faults: PracticeFaults.partial().optional() }),
    z.object({ isRunning: z.boolean(), faults: PracticeFaults }),
  ),
  /** What the practice servers took so far. */
  'practice.received': method(
    nothing,
    z.array(
      z.object({ server: z.string(), from: z.string(), to: z.array(z.string()), subject: z.string(), at: z.string() }),
    ),
  ),

  /** With no accounts named: all of them. */
  'collect.start': method(z.object({ accountIds: z.array(AccountId).optional() }), job),
  'collect.status': method(
    nothing,
    z.array(
      z.object({
        accountId: AccountId,
        lastAt: z.string().nullable(),
        nextAt: z.string().nullable(),
        lastResult: z.string(),
        /** The last one did not come to its end. */
        hasFailed: z.boolean().optional(),
      }),
    ),
  ),

  /** Gets the whole of a message that lies here by its beginning only, into its place. Ends with a `FetchReport`. */
  'message.fetchWhole': method(z.object({ messageKey: MessageKey }), job),
  /**
   * Opens a session and lists what waits, to be kept until `look.close` or ten idle minutes; a session that is lost meanwhile
   * is opened again by itself. Asked again, it looks anew.
   */
  'look.open': method(z.object({ accountId: AccountId }), WaitingMail),
  'look.headers': method(
    z.object({ accountId: AccountId, uniqueIds: z.array(z.string()).min(1).max(200) }),
    z.array(WaitingHeader),
  ),
  /** Fetches exactly these, whole, whatever their size. Ends as `collect.start` does. */
  'look.collect': method(z.object({ accountId: AccountId, uniqueIds: z.array(z.string()).min(1).max(100_000) }), job),
  /**
   * Deletes exactly these on the server, for good. Throws EINVALID, with nothing deleted, when one of them does not lie here
   * whole and `evenIfNotHere` does not say that this is meant.
   */
  'look.remove': method(
    z.object({
      accountId: AccountId,
      uniqueIds: z.array(z.string()).min(1).max(100_000),
      evenIfNotHere: z.boolean().default(false),
    }),
    RemovedThere,
  ),
  'look.close': method(z.object({ accountId: AccountId }), done),

  'folder.list': method(nothing, z.array(FolderSummary)),
  'folder.create': method(z.object({ folder: FolderPath }), done),
  /** With all folders in it. What named it in the settings names it by the new name, which is told in `followed`. */
  'folder.rename': method(
    z.object({ folder: FolderPath, to: FolderPath }),
    z.object({ folder: FolderPath, followed: z.array(NameUse) }),
  ),
  /**
   * Its messages go to Trash. Folders in it go with it only `withChildren`. Answers what undo needs: the folders, outer ones
   * first, and where each message was; and what in the settings names them still.
   */
  'folder.remove': method(
    z.object({ folder: FolderPath, withChildren: z.boolean().optional() }),
    z.object({
      folders: z.array(FolderPath),
      moved: z.array(z.object({ messageKey: MessageKey, from: FolderPath })),
      uses: z.array(NameUse),
    }),
  ),
  'message.list': method(
    z.object({
      folder: FolderPath,
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(1_000_000).default(100),
    }),
    MessagePage,
  ),
  /** All of a folder, newest first: for selecting thousands. */
  'message.keys': method(z.object({ folder: FolderPath }), z.object({ messageKeys: z.array(MessageKey) })),
  'message.get': method(z.object({ messageKey: MessageKey }), ParsedMessage),
  'message.summary': method(z.object({ messageKey: MessageKey }), MessageSummary.nullable()),
  /** The file that holds the bytes, for a caller on this machine. */
  'message.locate': method(z.object({ messageKey: MessageKey }), z.object({ path: z.string(), folder: FolderPath })),
  /** Answers which were otherwise before, for undo; so does `message.setTags`. */
  'message.setFlags': method(
    keys.extend({ add: z.array(Flag).default([]), remove: z.array(Flag).default([]) }),
    z.object({ changed: z.array(MessageKey) }),
  ),
  'message.setTags': method(
    keys.extend({ add: z.array(z.string().min(1).max(64)).default([]), remove: z.array(z.string()).default([]) }),
    z.object({ changed: z.array(MessageKey) }),
  ),
  /** The tags that messages carry, set up or not. */
  'tag.list': method(nothing, z.array(z.object({ tag: z.string(), messages: z.number().int() }))),
  /**
   * Gives every message of this tag the other one instead; null takes it away. Answers which messages carried it, for undo,
   * and the rules and saved searches that name it: renamed, they follow; taken away, they name what is no more.
   */
  'tag.replace': method(
    z.object({ tag: z.string().min(1).max(64), to: TagName.nullable() }),
    z.object({ messageKeys: z.array(MessageKey), uses: z.array(NameUse) }),
  ),
  /** Copies messages into a folder; each copy is a message of its own. Answers their keys, for undo. */
  'message.copy': method(keys.extend({ folder: FolderPath }), z.object({ copies: z.array(MessageKey) })),
  /** Answers where each message was before, for undo. */
  'message.move': method(
    keys.extend({ folder: FolderPath }),
    z.object({ moved: z.array(z.object({ messageKey: MessageKey, from: FolderPath })) }),
  ),
  /** For good: the files are removed. Only messages in Trash, Junk or Drafts. */
  'message.destroy': method(keys, done),
  'message.search': method(
    z.object({
      query: z.string().max(1000),
      folder: FolderPath.optional(),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(1_000_000).default(100),
    }),
    MessagePage,
  ),
  /** A folder as conversations, the one with the newest message first. */
  'conversation.list': method(
    z.object({
      folder: FolderPath,
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(1_000_000).default(100),
    }),
    ConversationPage,
  ),
  /** The conversation of a message as a tree: what of it lies in the folder, and what the user answered. */
  'conversation.get': method(z.object({ messageKey: MessageKey, folder: FolderPath }), Conversation.nullable()),
  /** The messages of these conversations that lie in the folder. */
  'conversation.keys': method(
    z.object({ folder: FolderPath, conversationIds: z.array(z.string().max(30)).min(1).max(100_000) }),
    z.object({ messageKeys: z.array(MessageKey) }),
  ),
  'message.attempts': method(z.object({ messageKey: MessageKey }), z.object({ item: OutboxItem.nullable() })),
  'store.changesSince': method(
    z.object({ storeId: z.string(), revision: z.number().int() }),
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('changes'), changes: z.array(StoreChange) }),
      z.object({ kind: z.literal('reset'), storeId: z.string(), revision: z.number().int() }),
    ]),
  ),

  /** A draft to start from: empty with the identity's signature, or a reply, a forward, or an existing draft opened again. */
  'compose.start': method(
    z.object({ kind: ComposeKind, messageKey: MessageKey.optional(), mailto: z.string().optional() }),
    Draft,
  ),
  /** Writes a new file, then removes the one it replaces. */
  'draft.save': method(Draft, z.object({ messageKey: MessageKey })),
  'draft.discard': method(z.object({ messageKey: MessageKey }), done),
  /** An attachment of a stored message as an upload, for forwarding. */
  'upload.fromMessage': method(z.object({ messageKey: MessageKey, partId: z.string().optional() }), DraftAttachment),
  'upload.discard': method(z.object({ uploadId: UploadId }), done),
  /** A message file that was handed in as an upload, to be read: it is filed nowhere. EINVALID when it is no message. */
  'openedFile.get': method(z.object({ uploadId: UploadId }), ParsedMessage),
  /** Files its octets, unless the folder holds just these already (`wasThere`). */
  'openedFile.copy': method(
    z.object({ uploadId: UploadId, folder: FolderPath }),
    z.object({ messageKey: MessageKey, wasThere: z.boolean() }),
  ),

  /** Builds the bytes, files them durably in the Outbox, answers, and only then begins to send. The draft's file is removed. */
  'outbox.submit': method(z.object({ draft: Draft, options: SendOptions.default({}) }), OutboxItem),
  /** The same for a file of RFC 5322 bytes on this machine. With `wait` the answer comes after one pass. */
  'outbox.submitFile': method(
    z.object({
      path: z.string(),
      reversePath: z.string().optional(),
      forwardPaths: z.array(z.string()).optional(),
      wait: z.boolean().default(false),
      options: SendOptions.default({}),
    }),
    OutboxItem,
  ),
  /** `light`: without attempts, for a screen that asks for those of one message when it is opened (`outbox.get`). */
  'outbox.list': method(z.object({ light: z.boolean().default(false) }), z.array(OutboxItem)),
  'outbox.get': method(z.object({ outboxId: OutboxId }), OutboxItem),
  /** Whether a message of this Message-ID waits, or was ever sent. */
  'outbox.knows': method(z.object({ messageId: z.string() }), z.object({ isKnown: z.boolean() })),
  /** One pass over what is due; `now` ignores due times and memory. */
  'outbox.flush': method(z.object({ now: z.boolean().default(false), outboxIds: z.array(OutboxId).optional() }), job),
  /**
   * Stops it at any stage before the final dot and gives it back as a draft. Where some recipients have it already
   * (`accepted`), the draft is for the others and the message itself goes to Sent.
   */
  'outbox.cancel': method(
    z.object({ outboxId: OutboxId }),
    z.object({ messageKey: MessageKey, accepted: z.array(z.string()) }),
  ),
  /** Sends what waits or failed by these servers, in this order, for this message only; none: by its route again. */
  'outbox.reroute': method(z.object({ outboxId: OutboxId, serverIds: z.array(ServerId) }), OutboxItem),
  'outbox.resolve': method(
    z.object({ outboxId: OutboxId, resolution: z.enum(['arrived', 'resend', 'discard']) }),
    OutboxItem,
  ),
  'route.explain': method(
    z.object({ from: z.string(), to: z.array(z.string()).default([]), sizeOctets: z.number().int().min(0).default(0) }),
    RouteExplanation,
  ),
  /** Gives the server its kick now (`kick` in its settings); the job ends with a `KickReport`. */
  'server.kick': method(z.object({ serverId: ServerId }), job),
  'server.conditions': method(nothing, z.array(ServerCondition)),
  'server.forget': method(z.object({ serverId: ServerId, keys: z.array(z.string()).optional() }), done),
  'server.memory': method(nothing, z.array(DeliveryMemoryEntry)),
  'network.location': method(nothing, NetworkLocation),
  'network.name': method(z.object({ locationId: LocationId, name: z.string().trim().min(1).max(100) }), done),
  /** Every network seen or named, the present one first, then the latest. */
  'network.list': method(nothing, z.array(SeenNetwork)),
  /** Its name, its record and what was remembered of servers there. Servers bound to it stay bound. */
  'network.forget': method(z.object({ locationId: LocationId }), done),
  /** Takes `network.forget` back, as long as this Postrider runs. Throws ENOTFOUND afterwards. */
  'network.restore': method(z.object({ locationId: LocationId }), done),

  'export.start': method(
    z.object({ folders: z.array(FolderPath).optional(), format: ExportFormat, out: z.string().min(1) }),
    job,
  ),
  /** Mail of other programs, where they keep it on this computer. */
  'import.places': method(nothing, z.array(MailPlace)),
  /** What lies at a path; nothing is taken. Throws EMALFORMED when it is no mail, with what to do. */
  'import.look': method(z.object({ path: z.string().min(1) }), MailSourceView),
  /** Counts messages for about a second; ask again for those the answer leaves out. */
  'import.count': method(
    z.object({ path: z.string().min(1), ids: z.array(z.string()).min(1).max(10_000) }),
    z.array(SourceCount),
  ),
  /** Ends with an `ImportReport`. */
  'import.start': method(ImportRequest, job),
  /** The import that was broken off last, to go on with: `import.start` of its request doubles nothing. */
  'import.unfinished': method(nothing, UnfinishedImport.nullable()),
  'import.forget': method(nothing, done),
  'backup.status': method(nothing, BackupStatus),
  /**
   * Makes one file. Without `out`: a new one in the schedule's folder, of the schedule's kind. With a passphrase the
   * passwords go in, encrypted under it. Ends with a `BackupReport`, as the next two.
   */
  'backup.create': method(
    z.object({
      out: z.string().min(1).optional(),
      incrementalFrom: z.string().min(1).optional(),
      passphrase: z.string().min(1).max(1000).optional(),
    }),
    job,
  ),
  /** Reads the file, and those it needs, to the last octet. */
  'backup.verify': method(z.object({ file: z.string().min(1) }), job),
  'backup.inspect': method(z.object({ file: z.string().min(1) }), BackupContents),
  'backup.messages': method(
    z.object({
      file: z.string().min(1),
      folder: FolderPath,
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(10_000).default(100),
    }),
    z.object({ rows: z.array(BackupRow), total: z.number().int() }),
  ),
  /** Puts back what is missing here: everything, some folders, or some messages. What is here already stays as it is. */
  'backup.restore': method(
    z.object({
      file: z.string().min(1),
      folders: z.array(FolderPath).min(1).optional(),
      messageKeys: z.array(MessageKey).min(1).max(100_000).optional(),
      /** Of one folder, or of messages: the folder they go to instead of their own. */
      into: FolderPath.optional(),
      settings: RestoreSettings.default('if-empty'),
      passphrase: z.string().min(1).max(1000).optional(),
    }),
    job,
  ),
  'index.rebuild': method(nothing, job),
  'index.check': method(nothing, job),

  'job.list': method(nothing, z.array(Job)),
  'job.cancel': method(z.object({ jobId: JobId }), done),

  'host.chooseFolder': method(
    z.object({ title: z.string(), startIn: z.string().optional() }),
    z.object({ path: z.string().nullable() }),
  ),
  'host.chooseFile': method(
    z.object({ title: z.string(), startIn: z.string().optional() }),
    z.object({ path: z.string().nullable() }),
  ),
  /** Shows a folder or file of this profile, or one a job wrote, in the system's file manager. */
  'host.openPath': method(z.object({ path: z.string() }), done),
  /** http, https and mailto only. */
  'host.openExternal': method(z.object({ url: z.string().max(8192) }), done),
  'host.notify': method(z.object({ title: z.string().max(200), body: z.string().max(1000) }), done),
} as const;

/** Everything the application tells by itself. */
export const events = {
  'store.changed': StoreChange,
  'job.changed': Job,
  'check.progress': z.object({ jobId: JobId, endpoint: CheckedEndpoint }),
  'settings.changed': SettingsView,
  /** Without attempts: `outbox.get` has them. */
  'outbox.changed': OutboxItem,
  'outbox.removed': z.object({ outboxId: OutboxId }),
  'outbox.attempting': z.object({ outboxId: OutboxId, attempt: Attempt }),
  'server.conditionChanged': ServerCondition,
  'network.changed': NetworkLocation,
  'mail.arrived': z.object({ count: z.number().int(), messages: z.array(MessageSummary) }),
  'notices.changed': z.array(Notice),
  /** The junk filter has learnt from messages that were moved: how many of each kind it knows. */
  'junk.learnt': z.object({ junk: z.number().int(), good: z.number().int() }),
  /** Asked by a second start: come to the front, perhaps with an address to write to. */
  'window.raise': z.object({ mailto: z.string().optional() }),
} as const;

export type MethodName = keyof typeof methods;
export type Params<M extends MethodName> = z.input<(typeof methods)[M]['params']>;
export type ParsedParams<M extends MethodName> = z.output<(typeof methods)[M]['params']>;
export type Result<M extends MethodName> = z.output<(typeof methods)[M]['result']>;
export type EventName = keyof typeof events;
export type Payload<E extends EventName> = z.output<(typeof events)[E]>;

/** One function a method: a missing one does not compile. */
export type Handlers = { readonly [M in MethodName]: (params: ParsedParams<M>) => Promise<Result<M>> };
