import { createReadStream, type ReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import MailComposer, { type MailComposerAttachment, type MailComposerOptions } from 'nodemailer/lib/mail-composer';
import { encodeWord } from 'nodemailer/lib/mime-funcs';
import type { Address } from '#shared/mail/address.ts';
import type { Identity } from '#shared/mail/identity.ts';
import type { DraftAttachment, DraftContent } from '#shared/mail/message.ts';
import { MailError } from '#shared/mail-error.ts';
import type { BuiltMessage } from '../services.ts';
import { formatDate } from './dates.ts';
import { draftState, draftStateField } from './draft-state.ts';
import { toCrlf, toFlowedText } from './flowed-text.ts';
import { htmlToText } from './html-to-text.ts';
import { takeInlineImages } from './inline-images.ts';
import { owned, toCrlfOctets } from './prepare-file.ts';
import {
  asciiDomain,
  type CheckedDraft,
  checkDraft,
  envelopeMailbox,
  messageIds,
  newMessageId,
  uniqueMailboxes,
} from './sendable.ts';

/** Where the file of an upload lies; only paths from here ever reach the composer. */
export type UploadPath = (attachment: DraftAttachment) => Promise<string>;

interface BuildOptions {
  readonly uploadPath: UploadPath;
  /** Epoch milliseconds, for the Date field. */
  readonly now: number;
  /** The calendar part of an answer to an invitation, beside the text (RFC 6047 §2.4). */
  readonly calendarReply?: string | undefined;
}

/**
 * Builds the exact octets of a message, once: these are stored, and these are sent on every try. All lines end with
 * CRLF and hold ASCII only (a local part outside ASCII excepted, RFC 6531), so that any server can take them. Bcc stays
 * in the header; it is removed on the wire. Throws EINVALID naming what cannot be sent, ENOTFOUND for a lost upload.
 */
export async function buildMessage(
  draft: DraftContent,
  identity: Identity,
  { uploadPath, now, calendarReply }: BuildOptions,
): Promise<BuiltMessage> {
  const checked = checkDraft(draft, identity);
  const messageId = newMessageId(checked.from.mailbox);
  const body = bodyOf(draft, asciiDomain(checked.from.mailbox));
  const bytes = await compose({
    ...headerOf(checked, messageId, now),
    alternatives: [...body.alternatives, ...calendarPart(calendarReply)],
    attachments: [...body.inline, ...(await attachmentsOf(draft.attachments, uploadPath))],
  });
  const forwardPaths = [...checked.to, ...checked.cc, ...checked.bcc].map(({ mailbox }) => envelopeMailbox(mailbox));
  return {
    bytes,
    messageId,
    subject: checked.subject,
    reversePath: envelopeMailbox(checked.from.mailbox),
    from: envelopeMailbox(checked.from.mailbox),
    forwardPaths: uniqueMailboxes(forwardPaths),
  };
}

/** The same for a draft being saved: nothing is checked, what is incomplete is kept in a field of our own. */
export async function buildDraftMessage(
  draft: DraftContent,
  identity: Identity | undefined,
  { uploadPath, now }: BuildOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const mailbox = draft.from ?? identity?.address ?? '';
  const alternatives = [{ contentType: 'text/plain; charset=utf-8', content: toCrlf(draft.text) }];
  if (draft.html !== null) alternatives.push({ contentType: 'text/html; charset=utf-8', content: toCrlf(draft.html) });
  const complete = (list: readonly Address[]) => list.filter((address) => /^[^\s@]+@[^\s@]+$/.test(address.mailbox));
  const header = headerOf(
    {
      from: { displayName: oneLine(identity?.displayName ?? ''), mailbox: oneLine(mailbox) },
      replyTo: undefined,
      to: complete(draft.to),
      cc: complete(draft.cc),
      bcc: complete(draft.bcc),
      subject: oneLine(draft.subject),
      inReplyTo: messageIds(draft.inReplyTo ?? '')[0],
      references: (draft.references ?? []).flatMap(messageIds),
    },
    newMessageId(mailbox),
    now,
  );
  return compose({
    ...header,
    headers: [
      ...header.headers,
      { key: draftStateField, value: { prepared: true, foldLines: true, value: draftState(draft) } },
    ],
    alternatives,
    attachments: await attachmentsOf(draft.attachments, uploadPath),
  });
}

function oneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f]+/g, ' ').trim();
}

function headerOf(checked: CheckedDraft, messageId: string, now: number) {
  return {
    messageId,
    date: formatDate(now),
    from: checked.from.mailbox === '' ? undefined : toComposer(checked.from),
    to: checked.to.map(toComposer),
    cc: checked.cc.map(toComposer),
    bcc: checked.bcc.map(toComposer),
    replyTo: checked.replyTo,
    inReplyTo: checked.inReplyTo,
    references: checked.references,
    headers: [{ key: 'User-Agent', value: 'Postrider' }, ...subjectFields(checked.subject)],
  };
}

/** Objects, not text: the composer does not read them as a list of addresses then. */
function toComposer({ displayName, mailbox }: Address): { name: string; address: string } {
  return { name: displayName, address: mailbox };
}

/** RFC 5322 §2.1.1: a line holds at most 998 characters; a word that cannot be folded goes as encoded words. */
function subjectFields(subject: string): { key: string; value: string | { prepared: boolean; value: string } }[] {
  if (subject === '') return [];
  if (!/[^ \t]{900}/.test(subject)) return [{ key: 'Subject', value: subject }];
  return [
    { key: 'Subject', value: { prepared: true, value: encodeWord(subject, 'Q', 52).replaceAll('?= =?', '?=\r\n =?') } },
  ];
}

function bodyOf(draft: DraftContent, domain: string) {
  const plain = { contentType: 'text/plain; charset=utf-8; format=flowed' };
  if (draft.html === null) {
    return { alternatives: [{ ...plain, content: toFlowedText(withoutNul(draft.text)) }], inline: [] };
  }
  const { html, images } = takeInlineImages(withoutNul(draft.html), domain);
  const inline = images.map(
    (image): MailComposerAttachment => ({
      cid: image.contentId,
      content: image.bytes,
      contentType: image.contentType,
      contentDisposition: 'inline',
      filename: image.fileName,
    }),
  );
  return {
    alternatives: [
      { ...plain, content: toFlowedText(htmlToText(html)) },
      { contentType: 'text/html; charset=utf-8', content: toCrlf(wholePage(html)) },
    ],
    inline,
  };
}

/** Base64: a calendar's lines are its own, and none of them may be touched on the way. */
function calendarPart(calendarReply: string | undefined) {
  if (calendarReply === undefined) return [];
  const contentType = 'text/calendar; charset=utf-8; method=REPLY';
  return [{ contentType, content: calendarReply, contentTransferEncoding: 'base64' as const }];
}

function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}

function wholePage(html: string): string {
  if (/^\s*(?:<!doctype|<html)/i.test(html)) return html;
  return `<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n${html}\n</body></html>\n`;
}

async function attachmentsOf(
  attachments: readonly DraftAttachment[],
  uploadPath: UploadPath,
): Promise<MailComposerAttachment[]> {
  const parts: MailComposerAttachment[] = [];
  for (const attachment of attachments) {
    const path = await uploadPath(attachment);
    const contentType = await sendableType(attachment.contentType, path);
    const isMessage = contentType === 'message/rfc822';
    parts.push({
      // An empty file would be an empty string to the composer, which it takes for a part without content.
      content: attachment.sizeOctets === 0 ? Buffer.alloc(0) : isMessage ? await readFile(path) : lazyStream(path),
      contentType,
      contentDisposition: 'attachment',
      contentTransferEncoding: isMessage ? '7bit' : 'base64',
      filename: oneLine(attachment.fileName),
    });
  }
  return parts;
}

function lazyStream(path: string): ReadStream {
  return createReadStream(path);
}

/**
 * RFC 2046 §5.2.1: a message inside a message may not be encoded. One that is not plain ASCII in short CRLF lines could
 * be damaged on its way, so it travels as a file instead.
 */
async function sendableType(contentType: string, path: string): Promise<string> {
  const type = contentType.toLowerCase();
  if (!/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(type) || type.startsWith('multipart/')) return 'application/octet-stream';
  if (!type.startsWith('message/')) return type;
  if (type !== 'message/rfc822') return 'application/octet-stream';
  const bytes = await readFile(path);
  const text = bytes.toString('latin1');
  const isSafe = toCrlfOctets(bytes).length === bytes.length && !/[\0\x80-\xff]/.test(text) && !/[^\n]{998}/.test(text);
  return isSafe ? type : 'application/octet-stream';
}

async function compose(mail: MailComposerOptions): Promise<Uint8Array<ArrayBuffer>> {
  // Nothing in a message may make the composer open a file or an address; the uploads come as streams of our own.
  const composer = new MailComposer({ ...mail, disableFileAccess: true, disableUrlAccess: true });
  const node = composer.compile();
  node.keepBcc = true;
  try {
    const built = await node.build();
    return owned(toCrlfOctets(built));
  } catch (error) {
    throw new MailError('EIO', 'An attachment could not be read. Attach it again, then send.', { cause: error });
  }
}
