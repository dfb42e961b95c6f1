import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import { folder } from '#shared/mail/folder.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { MailError } from '#shared/mail-error.ts';
import type { HandlersOf, Rooms } from '../services.ts';
import { folderMeant } from './new-folder-name.ts';

type MailMethods =
  | 'message.list'
  | 'message.keys'
  | 'message.get'
  | 'message.summary'
  | 'message.locate'
  | 'message.setFlags'
  | 'message.setTags'
  | 'tag.list'
  | 'tag.replace'
  | 'message.copy'
  | 'message.move'
  | 'message.destroy'
  | 'message.search'
  | 'conversation.list'
  | 'conversation.get'
  | 'conversation.keys'
  | 'store.changesSince';

/** From these folders a message may be destroyed for good; from all others it goes to Trash first. */
const destroyable: readonly string[] = [folder.trash, folder.junk, folder.drafts, folder.quarantine];

/** What there is to say of a message beside what stands in it. */
export type NotesOf = (
  messageKey: MessageKey,
  folder: FolderPath,
) => Promise<Pick<ParsedMessage, 'scan' | 'ruleProblems' | 'beginning'>>;

/** Folders and messages: what is shown, and what a person does with it. */
export function mailHandlers({
  store,
  message,
  settings,
  notesOf,
  onMoved,
}: Pick<Rooms, 'store' | 'message' | 'settings'> & {
  readonly notesOf?: NotesOf;
  readonly onMoved?: (moved: readonly { messageKey: MessageKey; from: FolderPath }[], to: FolderPath) => void;
}): HandlersOf<MailMethods> {
  const meant = async (named: FolderPath): Promise<FolderPath> =>
    folderMeant(
      named,
      (await store.listFolders()).map((one) => one.folder),
    );
  return {
    'message.list': async (query) => store.listMessages(query),
    'message.keys': async ({ folder: of }) => ({ messageKeys: (await store.listKeys(of)).reverse() }),
    'message.get': async ({ messageKey }) => {
      const parsed = await message.parse(messageKey);
      const notes = await notesOf?.(messageKey, parsed.folder);
      // A beginning ends in the middle: that is no damage, and what is attached to it is not all here.
      return { ...parsed, ...notes, ...(isBeginning(messageKey) ? { attachments: [], defects: [] } : {}) };
    },
    'message.summary': async ({ messageKey }) => store.summary(messageKey),
    'message.locate': async ({ messageKey }) => {
      const { path, folder: where } = await store.locate(messageKey);
      return { path, folder: where };
    },
    'message.setFlags': async ({ messageKeys, add, remove }) => ({
      changed: await store.setFlags(messageKeys, add, remove),
    }),
    'message.setTags': async ({ messageKeys, add, remove }) => ({
      changed: await store.setTags(messageKeys, add, remove),
    }),
    'tag.list': async () => store.tags(),
    'tag.replace': async ({ tag, to }) => {
      const messageKeys = await store.replaceTag(tag, to);
      return { messageKeys, uses: to === null ? settings.usesOfTag(tag) : await settings.followTag(tag, to) };
    },
    'message.copy': async ({ messageKeys, folder: named }) => {
      const to = await meant(named);
      if (to === folder.outbox) throw new MailError('EINVALID', 'The Outbox takes only what you send.');
      const copies: MessageKey[] = [];
      for (const messageKey of messageKeys) copies.push(await copyMessage(store, messageKey, to));
      return { copies };
    },
    'message.move': async ({ messageKeys, folder: named }) => {
      const to = await meant(named);
      await refuseWaiting(store, messageKeys, to);
      await refuseHeld(store, messageKeys, to);
      const moved = await store.move(messageKeys, to);
      onMoved?.(moved, to);
      return { moved };
    },
    'message.destroy': async ({ messageKeys }) => {
      for (const messageKey of messageKeys) {
        const row = await store.summary(messageKey);
        if (row !== null && !destroyable.includes(row.folder)) {
          throw new MailError('EINVALID', `“${row.subject}” is in ${row.folder}. Move it to Trash first.`);
        }
      }
      await store.destroy(messageKeys);
      return {};
    },
    'message.search': async (query) => store.search(query),
    'conversation.list': async (query) => store.listConversations(query),
    'conversation.get': async ({ messageKey, folder: where }) => store.conversation(messageKey, where),
    'conversation.keys': async ({ folder: where, conversationIds }) => ({
      messageKeys: await store.conversationKeys(where, conversationIds),
    }),
    'store.changesSince': async ({ storeId, revision }) => store.changesSince(storeId, revision),
  };
}

async function copyMessage(store: Rooms['store'], messageKey: MessageKey, to: FolderPath): Promise<MessageKey> {
  if (isBeginning(messageKey))
    throw new MailError('EINVALID', 'Only the beginning of this message is here. Fetch it whole, then copy it.');
  const [read, row] = await Promise.all([store.read(messageKey), store.summary(messageKey)]);
  if (row?.folder === folder.quarantine)
    throw new MailError('EINVALID', 'This message is in quarantine. Release it first, then copy it.');
  const bytes = new Uint8Array(read);
  const copy = await store.newMessageKey(bytes);
  await store.file([{ folder: to, messageKey: copy, bytes, flags: row?.flags ?? [], tags: row?.tags ?? [] }]);
  return copy;
}

/** A message that is waiting in the Outbox belongs to the sending; moving its file away would lose it. */
async function refuseWaiting(
  store: Rooms['store'],
  messageKeys: Parameters<Rooms['store']['move']>[0],
  to: string,
): Promise<void> {
  if (to === folder.outbox) throw new MailError('EINVALID', 'The Outbox takes only what you send.');
  const waiting = new Set((await store.activeOutbox()).map((record) => record.messageKey));
  if (messageKeys.some((messageKey) => waiting.has(messageKey))) {
    throw new MailError('EINVALID', 'This message is waiting to be sent. Cancel it in the Outbox first.');
  }
}

/**
 * The scanner brings mail into Quarantine, and it leaves by being released or deleted. Asked here as well as on the
 * screen: a selection of thousands holds messages no screen has read.
 */
async function refuseHeld(store: Rooms['store'], messageKeys: readonly MessageKey[], to: FolderPath): Promise<void> {
  if (to === folder.quarantine)
    throw new MailError('EINVALID', 'Only the virus scanner puts mail into Quarantine. Nothing was moved.');
  const quarantine = (await store.listFolders()).find((one) => one.folder === folder.quarantine);
  if (quarantine === undefined || quarantine.total === 0) return;
  const held = new Set(await store.listKeys(folder.quarantine));
  if (messageKeys.some((messageKey) => held.has(messageKey)))
    throw new MailError('EINVALID', 'Mail in Quarantine is not moved: release it or delete it. Nothing was moved.');
}
