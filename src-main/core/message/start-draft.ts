import type { MessageKey } from '#shared/ids.ts';
import type { Address } from '#shared/mail/address.ts';
import type { Draft, DraftAttachment, ParsedMessage } from '#shared/mail/message.ts';
import type { Settings } from '#shared/mail/settings.ts';
import { MailError } from '#shared/mail-error.ts';
import { type ChosenIdentity, chooseIdentity, identityAmong, isOwnMailbox } from './choose-identity.ts';
import { type DraftState, readDraftState } from './draft-state.ts';
import { parseMailto } from './mailto.ts';
import {
  forwardHtml,
  forwardSubject,
  forwardText,
  type Quoted,
  quoteHtml,
  quoteText,
  replySubject,
  textToHtml,
} from './quote.ts';

/** A stored message with what only a draft asks for. */
export interface Original {
  readonly parsed: ParsedMessage;
  /** Delivered-To, X-Original-To, and fields the user named for a shared maildrop. */
  readonly deliveredTo: string[];
  /** The field our own drafts carry. */
  readonly draftState: string | null;
}

export interface DraftSources {
  readonly settings: Settings;
  original(messageKey: MessageKey): Promise<Original>;
  /** The attachments as uploads; inline pictures by content id come back as `data:` addresses instead. */
  attachmentsOf(messageKey: MessageKey): Promise<{ uploads: DraftAttachment[]; pictures: Map<string, string> }>;
}

/** Makes the draft a composer opens with. Throws EINVALID without a message where one is needed, ENOTFOUND when it is gone. */
export async function startDraft(
  sources: DraftSources,
  kind: 'new' | 'reply' | 'reply-all' | 'forward' | 'edit',
  messageKey: MessageKey | undefined,
  mailto: string | undefined,
): Promise<Draft> {
  if (kind === 'new') return newDraft(sources.settings, mailto);
  if (messageKey === undefined) throw new MailError('EINVALID', 'Choose the message first.');
  const original = await sources.original(messageKey);
  if (kind === 'edit') return editDraft(sources, messageKey, original);
  if (kind === 'forward') return forwardDraft(sources, messageKey, original);
  return replyDraft(sources.settings, messageKey, original, kind === 'reply-all');
}

function newDraft(settings: Settings, mailto: string | undefined): Draft {
  const content = parseMailto(mailto ?? '');
  const chosen = chooseIdentity(settings.identities, [], null);
  return {
    ...emptyDraft(chosen),
    to: content.to,
    cc: content.cc,
    bcc: content.bcc,
    subject: content.subject,
    ...bodyFor(settings, chosen, content.body, { text: '', html: '' }),
  };
}

function replyDraft(settings: Settings, messageKey: MessageKey, original: Original, isToAll: boolean): Draft {
  const { parsed } = original;
  const chosen = answeringIdentity(settings, original);
  const isOurs = parsed.from.some(({ mailbox }) => isOwnMailbox(settings.identities, mailbox));
  const asked = parsed.replyTo.length > 0 ? parsed.replyTo : parsed.from;
  // Answering one's own message means writing once more to those it went to.
  const to = withMailbox(isOurs && parsed.replyTo.length === 0 ? parsed.to : asked);
  const notOurs = (list: Address[]) => list.filter(({ mailbox }) => !isOwnMailbox(settings.identities, mailbox));
  const cc = isToAll ? notOurs([...(isOurs ? [] : parsed.to), ...parsed.cc]) : [];
  const quoted = quotedOf(parsed);
  return {
    ...emptyDraft(chosen),
    to: unique(to),
    cc: unique(withMailbox(cc), to),
    subject: replySubject(parsed.subject),
    ...threadOf(parsed),
    ...bodyFor(settings, chosen, '', { text: quoteText(quoted), html: quoteHtml(quoted) }),
    source: { messageKey, kind: 'reply' },
  };
}

async function forwardDraft(sources: DraftSources, messageKey: MessageKey, original: Original): Promise<Draft> {
  const { settings } = sources;
  const { parsed } = original;
  const chosen = answeringIdentity(settings, original);
  const quoted = quotedOf(parsed);
  const { uploads } = await sources.attachmentsOf(messageKey);
  return {
    ...emptyDraft(chosen),
    subject: forwardSubject(parsed.subject),
    references: threadOf(parsed).references,
    ...bodyFor(settings, chosen, '', { text: forwardText(quoted), html: forwardHtml(quoted) }),
    attachments: uploads,
    source: { messageKey, kind: 'forward' },
  };
}

async function editDraft(sources: DraftSources, messageKey: MessageKey, original: Original): Promise<Draft> {
  const { parsed, draftState } = original;
  const { settings } = sources;
  const state: DraftState | null = draftState === null ? null : readDraftState(draftState);
  const { uploads, pictures } = await sources.attachmentsOf(messageKey);
  const chosen = chooseIdentity(
    settings.identities,
    parsed.from.map(({ mailbox }) => mailbox),
    null,
  );
  const known = settings.identities.find(({ id }) => id === state?.identityId) ?? chosen?.identity;
  return {
    identityId: known?.id ?? null,
    from: state?.from ?? chosen?.from,
    to: state?.to ?? withMailbox(parsed.to),
    cc: state?.cc ?? withMailbox(parsed.cc),
    bcc: state?.bcc ?? withMailbox(parsed.bcc),
    subject: parsed.subject,
    text: parsed.text,
    html: parsed.html === null ? null : withPictures(parsed.html, pictures),
    attachments: uploads,
    inReplyTo: parsed.inReplyTo[0],
    references: parsed.references,
    source: state?.source,
    ...(state?.send === undefined ? {} : { send: state.send }),
    messageKey,
  };
}

/** Our own built HTML, opened again: its `cid:` pictures go back into it. */
function withPictures(html: string, pictures: ReadonlyMap<string, string>): string {
  return html.replace(/cid:([^"'\s<>)]{1,300})/g, (link, contentId: string) => pictures.get(contentId) ?? link);
}

/** A draft of this identity without any content. */
export function emptyDraft(chosen: ChosenIdentity | null): Draft {
  return {
    identityId: chosen?.identity.id ?? null,
    from: chosen?.from,
    to: [],
    cc: [],
    bcc: [],
    subject: '',
    text: '',
    html: null,
    attachments: [],
    messageKey: null,
  };
}

/** RFC 3676 §4.3: the signature stands below `-- `. Above the quote, so that it follows what the user writes. */
function bodyFor(
  settings: Settings,
  chosen: ChosenIdentity | null,
  body: string,
  quote: { text: string; html: string },
): Pick<Draft, 'text' | 'html'> {
  const signature = chosen?.identity.signature?.replace(/\r\n?/g, '\n').trimEnd() ?? '';
  const signed = signature === '' ? '' : `\n\n-- \n${signature}\n`;
  const text = `${body}${signed}${quote.text === '' ? '' : `\n\n${quote.text}`}`;
  if (settings.preferences.composeFormat !== 'rich') return { text, html: null };
  const ownHtml = textToHtml(body);
  const signatureHtml = signature === '' ? '' : `<p>-- <br>${textToHtml(signature).slice('<p>'.length)}`;
  return { text, html: `${ownHtml}${signatureHtml}${quote.html}` };
}

function quotedOf(parsed: ParsedMessage): Quoted {
  const { from, to, cc, subject, text } = parsed;
  return { from, to, cc, subject, text, date: Date.parse(parsed.date) };
}

/** RFC 5322 §3.6.4: References is the parent's, then the parent. */
export function threadOf(parsed: ParsedMessage): { inReplyTo: string | undefined; references: string[] } {
  const before = parsed.references.length > 0 ? parsed.references : parsed.inReplyTo.slice(0, 1);
  const own = parsed.messageId === '' ? [] : [parsed.messageId];
  return { inReplyTo: own[0], references: [...before.filter((id) => id !== own[0]), ...own] };
}

/** An address a server wrote down is surer than one the sender wrote: a message may have come by Bcc, or by an alias. */
function answeringIdentity(settings: Settings, { parsed, deliveredTo }: Original): ChosenIdentity | null {
  const named = [...parsed.to, ...parsed.cc, ...parsed.bcc, ...parsed.from].map(({ mailbox }) => mailbox);
  return (
    identityAmong(settings.identities, deliveredTo) ??
    chooseIdentity(settings.identities, named, accountOf(settings, parsed))
  );
}

function accountOf(settings: Settings, parsed: ParsedMessage): string | null {
  return settings.accounts.find(({ folder }) => folder === parsed.folder)?.id ?? null;
}

function withMailbox(addresses: readonly Address[]): Address[] {
  return addresses.filter(({ mailbox }) => mailbox !== '');
}

function unique(addresses: readonly Address[], others: readonly Address[] = []): Address[] {
  const seen = new Set(others.map(({ mailbox }) => mailbox.toLowerCase()));
  return addresses.filter(({ mailbox }) => {
    const key = mailbox.toLowerCase();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
