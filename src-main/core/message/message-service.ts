import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import type { InvitationAnswer } from '#shared/mail/invitation.ts';
import type { DraftAttachment, ParsedMessage } from '#shared/mail/message.ts';
import { MailError } from '#shared/mail-error.ts';
import type { MessageService, Rooms, SettingsService } from '../services.ts';
import type { Store } from '../store/store-api.ts';
import { isOwnMailbox } from './choose-identity.ts';
import { fieldsOfMultidrops, mailboxesInHeader } from './delivered-to.ts';
import { answerDraft, shownInvitation } from './invitations.ts';
import { withOpenedFiles } from './opened-files.ts';
import { createParseProcess } from './parse-process.ts';
import type { ReadMessage, ReadPart } from './parse-protocol.ts';
import { prepareFile } from './prepare-file.ts';
import { rawView } from './raw-view.ts';
import { safeFileName } from './safe-file-name.ts';
import { shownPart } from './shown-part.ts';
import { type Original, startDraft } from './start-draft.ts';
import { createUploads } from './uploads.ts';

/** All this room asks of the store. */
export type MessageSource = Pick<Store, 'read' | 'summary' | 'locate'>;

type MessageRooms = Pick<Rooms, 'profileDir' | 'spawn' | 'resources' | 'log' | 'clock'> & {
  readonly store: MessageSource;
  readonly settings: Pick<SettingsService, 'current'>;
  /** The scanner holds it back: of such a message only the header is read, and no part is given out. */
  readonly isHeld?: (messageKey: MessageKey, folder: FolderPath) => Promise<boolean>;
};

const tooHard = {
  time: 'Reading this message took longer than five seconds, so its source is shown as it came.',
  died: 'Reading this message took more memory than allowed, so its source is shown as it came.',
  failed: 'This message could not be read, so its source is shown as it came.',
} as const;

/** Reading what a person opens, building what is sent, and the files that wait to be sent. See `MessageService`. */
export function createMessageService(rooms: MessageRooms): MessageService {
  const { settings, clock, log } = rooms;
  const parser = createParseProcess(rooms);
  const uploads = createUploads(join(rooms.profileDir, 'uploads'));
  const store = withOpenedFiles(rooms.store, uploads);
  const buildOptions = () => ({ uploadPath: uploads.path, now: clock.now() });
  uploads.removeOld(clock.now()).catch((error: unknown) => log.error('Old uploads were not removed.', error));

  async function read(messageKey: MessageKey): Promise<{ message: ReadMessage; isRaw: boolean }> {
    const bytes = await store.read(messageKey);
    const outcome = await parser.run({ kind: 'message', bytes });
    if (outcome.kind === 'answered' && outcome.reply.kind === 'message') {
      return { message: outcome.reply.message, isRaw: false };
    }
    const why = outcome.kind === 'gave-up' ? outcome.why : 'failed';
    if (outcome.kind === 'answered' && outcome.reply.kind === 'failed') {
      log.warn('A message could not be read.', { messageKey, reason: outcome.reply.reason });
    }
    return { message: rawView(bytes, tooHard[why]), isRaw: true };
  }

  async function original(messageKey: MessageKey): Promise<Original> {
    const summary = await store.summary(messageKey);
    if (summary === null) throw gone();
    const isHeld = (await rooms.isHeld?.(messageKey, summary.folder)) === true;
    const { message, isRaw } = isHeld ? await headerOnly(messageKey) : await read(messageKey);
    const { deliveredTo, draftState, date, invitation, ...rest } = message;
    const parsed: ParsedMessage = {
      ...rest,
      messageKey,
      folder: summary.folder,
      date: date === null ? summary.date : new Date(date).toISOString(),
      sizeOctets: summary.sizeOctets,
      flags: summary.flags,
      tags: summary.tags,
      isRaw,
      ...(invitation === undefined
        ? {}
        : { invitation: shownInvitation(invitation, settings.current(), deliveredTo, rest.to) }),
    };
    return { parsed, deliveredTo, draftState };
  }

  /** Delivered to what the fields say that the user named for shared maildrops, where that is one of ours. */
  async function delivered(messageKey: MessageKey): Promise<Original> {
    const seen = await original(messageKey);
    const { accounts, identities } = settings.current();
    const named = fieldsOfMultidrops(accounts);
    if (named.length === 0) return seen;
    const own = mailboxesInHeader(await store.read(messageKey), named).filter((box) => isOwnMailbox(identities, box));
    return own.length === 0 ? seen : { ...seen, deliveredTo: own };
  }

  async function headerOnly(messageKey: MessageKey): Promise<{ message: ReadMessage; isRaw: boolean }> {
    const view = rawView(await store.read(messageKey), tooHard.failed);
    return { message: { ...view, text: '', defects: [] }, isRaw: false };
  }

  async function answerInvitation(messageKey: MessageKey, answer: InvitationAnswer) {
    await refuseHeld(messageKey);
    const { parsed } = await original(messageKey);
    const draft = answerDraft(parsed, answer, settings.current());
    const mailbox = parsed.invitation?.asked?.mailbox ?? '';
    const wish = { mailbox, answer, now: clock.now() };
    const outcome = await parser.run({ kind: 'answer', bytes: await store.read(messageKey), answer: wish });
    if (outcome.kind === 'answered' && outcome.reply.kind === 'answer')
      return { draft, calendarReply: outcome.reply.calendar };
    throw new MailError(
      'EMALFORMED',
      'This invitation cannot be read well enough to be answered. Write to whoever invites instead.',
    );
  }

  async function refuseHeld(messageKey: MessageKey): Promise<void> {
    const summary = await store.summary(messageKey);
    if (summary !== null && (await rooms.isHeld?.(messageKey, summary.folder)) === true)
      throw new MailError(
        'EINVALID',
        'The virus scanner holds this message back. Release it from Quarantine first, if you trust it.',
      );
  }

  async function parts(messageKey: MessageKey, partIds?: string[]): Promise<ReadPart[]> {
    await refuseHeld(messageKey);
    const outcome = await parser.run({ kind: 'parts', bytes: await store.read(messageKey), partIds });
    if (outcome.kind === 'answered' && outcome.reply.kind === 'parts') return outcome.reply.parts;
    throw new MailError(
      'EMALFORMED',
      'The attachments of this message cannot be read. The whole message can be saved as a file instead.',
    );
  }

  async function part(messageKey: MessageKey, partId: string): Promise<ReadPart> {
    const [found] = await parts(messageKey, [partId]);
    if (found === undefined) throw new MailError('ENOTFOUND', 'The message has no such attachment.');
    return found;
  }

  const asUpload = (file: ReadPart): Promise<DraftAttachment> => uploads.add({ ...file, body: [file.bytes] });

  async function attachmentsOf(messageKey: MessageKey) {
    const carried: DraftAttachment[] = [];
    const pictures = new Map<string, string>();
    // Half an attachment is worse than none: it looks whole to whoever gets it.
    if (isBeginning(messageKey)) return { uploads: carried, pictures };
    for (const file of await parts(messageKey)) {
      if (file.isInline && file.contentId !== undefined && file.contentType.startsWith('image/')) {
        const base64 = Buffer.from(file.bytes).toString('base64');
        pictures.set(file.contentId, `data:${file.contentType};base64,${base64}`);
      } else carried.push(await asUpload(file));
    }
    return { uploads: carried, pictures };
  }

  return {
    parse: async (messageKey) => shownPart((await original(messageKey)).parsed),
    read: (messageKey) => store.read(messageKey),
    locate: (messageKey) => store.locate(messageKey),
    part,
    build: async (draft, identity, calendarReply) =>
      (await builder()).buildMessage(draft, identity, { ...buildOptions(), calendarReply }),
    answerInvitation,
    buildDraft: async (draft, identity) => (await builder()).buildDraftMessage(draft, identity, buildOptions()),
    prepareFile: async (bytes, envelope) => prepareFile(bytes, envelope, clock.now()),
    addUpload: (file) => uploads.add(file),
    discardUpload: (uploadId) => uploads.discard(uploadId),
    async uploadFromMessage(messageKey, partId) {
      if (isBeginning(messageKey))
        throw new MailError(
          'EINVALID',
          'Only the beginning of this message is here. Get the whole message first, then attach it.',
        );
      if (partId !== undefined) return asUpload(await part(messageKey, partId));
      await refuseHeld(messageKey);
      const [{ path }, summary] = await Promise.all([store.locate(messageKey), store.summary(messageKey)]);
      const subject = summary?.subject.trim().replace(/[/\\]/g, '_').slice(0, 100) ?? '';
      const fileName = safeFileName(`${subject || 'message'}.eml`, 'message/rfc822');
      return uploads.add({ fileName, contentType: 'message/rfc822', body: createReadStream(path) });
    },
    start: async (kind, messageKey, mailto) => {
      if (messageKey !== undefined) await refuseHeld(messageKey);
      return startDraft({ settings: settings.current(), original: delivered, attachmentsOf }, kind, messageKey, mailto);
    },
    close: () => parser.close(),
  };
}

/** Loaded when something is written: the library is large, and most of what starts us does not write. */
const builder = (): Promise<typeof import('./build-message.ts')> => import('./build-message.ts');

function gone(): MailError {
  return new MailError('ENOTFOUND', 'This message is no longer here. It may have been moved or removed.');
}
