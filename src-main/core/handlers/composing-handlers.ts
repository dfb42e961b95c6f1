import { closeSync, constants, fstatSync, open, readFile, readFileSync } from 'node:fs';
import { domainToASCII } from 'node:url';
import { promisify } from 'node:util';
import { fewAtOnce } from '#shared/few-at-once.ts';
import type { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { Identity } from '#shared/mail/identity.ts';
import { type Draft, type DraftContent, SendableAddresses } from '#shared/mail/message.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import type { ListUnsubscribe } from '#shared/mail/unsubscribe.ts';
import { MailError } from '#shared/mail-error.ts';
import type { SendOptions } from '#shared/rpc/contract.ts';
import type { HandlersOf, OutboxService, Rooms, TakenBack } from '../services.ts';

type ComposingMethods =
  | 'compose.start'
  | 'draft.save'
  | 'draft.discard'
  | 'upload.fromMessage'
  | 'upload.discard'
  | 'outbox.submit'
  | 'outbox.submitFile'
  | 'message.unsubscribe'
  | 'outbox.cancel';

type ComposingRooms = Pick<Rooms, 'store' | 'message' | 'settings' | 'log'> & { readonly outbox: OutboxService };

/** A file larger than this is not a message somebody means to send. */
const maxFileOctets = 512 * 1024 * 1024;

/**
 * Opening takes a turn through Node's thread pool. A thousand files at once would all be read before the first is queued,
 * and what is being sent meanwhile would wait behind them for its own syncs.
 */
const filesAtOnce = 8;
const reading = fewAtOnce(filesAtOnce);

/** From a draft to the Outbox, and back when a send is cancelled. */
export function composingHandlers(rooms: ComposingRooms): HandlersOf<ComposingMethods> {
  const { store, message, settings, outbox, log } = rooms;

  /** What the draft leaves behind once its message is safe in the Outbox. None of it is worth failing a send for. */
  async function tidyUp(draft: Draft): Promise<void> {
    const leftovers = [
      ...(draft.messageKey === null ? [] : [store.destroy([draft.messageKey])]),
      ...draft.attachments.map(({ uploadId }) => message.discardUpload(uploadId)),
    ];
    for (const outcome of await Promise.allSettled(leftovers)) {
      if (outcome.status === 'rejected') log.error('A sent draft was not tidied up.', outcome.reason);
    }
  }

  /** Made anew with all a draft remembers; a file from elsewhere becomes the draft as it is, unless some have it already. */
  async function fileAsDraft(taken: TakenBack): Promise<{
    messageKey: MessageKey;
    accepted: string[];
    leftOver: MessageKey | null;
  }> {
    const { accepted } = taken;
    if (!taken.isComposed && accepted.length === 0) {
      await store.move([taken.messageKey], folder.drafts);
      await store.setFlags([taken.messageKey], ['draft', 'seen'], []);
      return { messageKey: taken.messageKey, accepted, leftOver: null };
    }
    const { messageKey: _stored, ...read } = await message.start('edit', taken.messageKey);
    const draft = { ...forTheOthers(read, accepted), ...keptOf(taken, read) };
    try {
      const bytes = await message.buildDraft(draft, identityOf(rooms, draft));
      const messageKey = await store.newMessageKey(bytes);
      await store.file([{ folder: folder.drafts, messageKey, bytes, flags: ['draft', 'seen'] }]);
      return { messageKey, accepted, leftOver: accepted.length === 0 ? taken.messageKey : null };
    } finally {
      await Promise.allSettled(draft.attachments.map(({ uploadId }) => message.discardUpload(uploadId)));
    }
  }

  async function submit(draft: Draft, options: SendOptions): Promise<OutboxItem> {
    const identity = identityOf(rooms, draft);
    if (identity === undefined) {
      throw new MailError(
        'EINVALID',
        'Choose which of your addresses this message is from. You can add one in Settings.',
      );
    }
    checkAddresses(draft);
    const built = await message.build(draft, identity);
    const item = await outbox.enqueue(built, {
      identityId: identity.id,
      serverIds: options.serverIds,
      sendAt: options.sendAt,
      undoMs: options.immediately === true ? 0 : settings.current().preferences.undoSendSeconds * 1000,
      source: draft.source,
      isComposed: true,
    });
    await tidyUp(draft);
    return item;
  }

  /** From the address the list writes to, as an answer would go; it is no answer in any other way. */
  async function askToLeave(messageKey: MessageKey, mail: NonNullable<ListUnsubscribe['mail']>): Promise<OutboxItem> {
    const { identityId, from } = await message.start('reply', messageKey);
    const { to, subject, text } = mail;
    const draft = { ...(await message.start('new')), identityId, from, subject, text, html: null };
    return submit({ ...draft, to: [{ displayName: '', mailbox: to }] }, {});
  }

  return {
    'compose.start': async ({ kind, messageKey, mailto }) => message.start(kind, messageKey, mailto),

    'draft.save': async ({ messageKey: former, ...draft }) => {
      const bytes = await message.buildDraft(draft, identityOf(rooms, draft));
      const messageKey = await store.newMessageKey(bytes);
      await store.file([{ folder: folder.drafts, messageKey, bytes, flags: ['draft', 'seen'] }]);
      // Only now: whatever happens in between, one of the two is there.
      if (former !== null) await store.destroy([former]).catch((error: unknown) => ignoreMissing(error));
      return { messageKey };
    },
    'draft.discard': async ({ messageKey }) => {
      const row = await store.summary(messageKey);
      if (row?.folder === folder.drafts) await store.move([messageKey], folder.trash);
      return {};
    },
    'upload.fromMessage': async ({ messageKey, partId }) => message.uploadFromMessage(messageKey, partId),
    'upload.discard': async ({ uploadId }) => {
      await message.discardUpload(uploadId);
      return {};
    },

    'outbox.submit': ({ draft, options }) => submit(draft, options),

    'outbox.submitFile': async ({ path, reversePath, forwardPaths, wait, options }) => {
      const bytes = await reading(() => readMessageFile(path));
      const built = await message.prepareFile(bytes, { reversePath, forwardPaths });
      const item = await outbox.enqueue(built, {
        // Of somebody else's message that is resent: whoever resends it.
        identityId: (settings.identityFor(built.from) ?? settings.identityFor(built.reversePath))?.id ?? null,
        serverIds: options.serverIds,
        sendAt: options.sendAt,
        undoMs: 0,
        waitForFlush: wait,
      });
      if (!wait) return item;
      await outbox.flush({ now: false, outboxIds: [item.outboxId], signal: new AbortController().signal });
      return outbox.item(item.outboxId);
    },

    'message.unsubscribe': async ({ messageKey, way }) => {
      const { unsubscribe } = await message.parse(messageKey);
      if (way === 'mail' && unsubscribe?.mail !== undefined)
        return { item: await askToLeave(messageKey, unsubscribe.mail) };
      if (way === 'one-click' && unsubscribe?.oneClick !== undefined) {
        // Loaded when it is used: with Node's web client comes more than most starts need.
        const { leaveByOneClick } = await import('../message/one-click.ts');
        await leaveByOneClick(unsubscribe.oneClick);
        return { item: null };
      }
      throw new MailError('EINVALID', 'The list behind this message offers no such way to leave it.');
    },

    'outbox.cancel': async ({ outboxId }) => {
      const { messageKey, accepted, leftOver } = await outbox.cancel(outboxId, (taken) => fileAsDraft(taken));
      if (leftOver !== null) await store.destroy([leftOver]).catch(ignoreMissing);
      return { messageKey, accepted };
    },
  };
}

function identityOf({ settings }: ComposingRooms, draft: DraftContent): Identity | undefined {
  return draft.identityId === null ? settings.current().identities[0] : settings.identity(draft.identityId);
}

/** The draft without those who have the message already. */
function forTheOthers(draft: DraftContent, accepted: readonly string[]): DraftContent {
  const gone = new Set(accepted.map(comparable));
  const open = (list: DraftContent['to']): DraftContent['to'] =>
    list.filter(({ mailbox }) => !gone.has(comparable(mailbox)));
  return { ...draft, to: open(draft.to), cc: open(draft.cc), bcc: open(draft.bcc) };
}

/** The envelope writes a domain in its ASCII form, the header perhaps not. */
function comparable(mailbox: string): string {
  const at = mailbox.lastIndexOf('@');
  const domain = mailbox.slice(at + 1);
  return `${mailbox.slice(0, at + 1)}${domainToASCII(domain) || domain}`.toLowerCase();
}

function keptOf(
  { identityId, source, send }: TakenBack,
  read: DraftContent,
): Pick<DraftContent, 'identityId' | 'source' | 'send'> {
  return {
    identityId: identityId ?? read.identityId,
    ...(source === undefined ? {} : { source }),
    ...(send.serverIds === undefined && send.sendAt === undefined ? {} : { send }),
  };
}

function checkAddresses(draft: Draft): void {
  if (draft.to.length + draft.cc.length + draft.bcc.length === 0) {
    throw new MailError('EINVALID', 'Say who this message is for: it has no recipient yet.');
  }
  const checked = SendableAddresses.safeParse(draft);
  if (checked.success) return;
  const [list, index] = checked.error.issues[0]?.path ?? [];
  const lists: Record<string, DraftContent['to']> = { to: draft.to, cc: draft.cc, bcc: draft.bcc };
  const address = lists[String(list)]?.[Number(index)];
  throw new MailError(
    'EINVALID',
    `“${address?.mailbox ?? ''}” is not a complete address (name@example.com). Correct it and send again.`,
  );
}

const openFile = promisify(open);
const contentOf = promisify(readFile);

/** A file up to this size is read within this thread's turn: its octets come sooner than a thread of the pool would. */
const smallOctets = 64 * 1024;

// Not by file handles, nor by a turn through the pool for each step: either costs more than a small message takes to read.
async function readMessageFile(path: string): Promise<Uint8Array> {
  try {
    // A pipe that nobody writes to would hold a thread of the pool for ever.
    const fd = await openFile(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = fstatSync(fd);
      if (!found.isFile()) throw new MailError('EINVALID', `${path} is not a file. Name the file of one message.`);
      if (found.size > maxFileOctets)
        throw new MailError('ETOOLARGE', 'The file is larger than 512 MB. No server takes that.');
      return found.size > smallOctets ? await contentOf(fd) : readFileSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof MailError) throw error;
    throw new MailError('ENOTFOUND', `The file ${path} cannot be read.`, { cause: error });
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof MailError) || error.code !== 'ENOTFOUND') throw error;
}
