import { z } from 'zod';
import { AccountId, FolderPath, MessageKey, UploadId } from '../../ids.ts';
import { Conversation, ConversationPage } from '../../mail/conversation.ts';
import { FolderSummary } from '../../mail/folder.ts';
import { RemovedThere, WaitingHeader, WaitingMail } from '../../mail/look.ts';
import { ComposeKind, Draft, DraftAttachment, Flag, MessageSummary, ParsedMessage } from '../../mail/message.ts';
import { NameUse } from '../../mail/name-use.ts';
import { OutboxItem } from '../../mail/outbox.ts';
import { longestQuery } from '../../mail/search-query.ts';
import { TagName } from '../../mail/tag.ts';
import { done, job, keys, method, nothing } from '../method.ts';
import { MessagePage, StoreChange } from '../shapes.ts';

/** Mail itself: collecting it, folders, messages, drafts. */
export const mailMethods = {
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
      query: z.string().max(longestQuery),
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
} as const;
