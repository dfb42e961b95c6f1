import { type Address, formatAddress } from '#shared/mail/address.ts';

/** What of the original a reply or a forward needs. Text only: foreign HTML never gets into what the user writes. */
export interface Quoted {
  readonly from: Address[];
  readonly to: Address[];
  readonly cc: Address[];
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly date: number;
  readonly text: string;
}

/** Long mail is not quoted without end. */
const maxQuoteLength = 200_000;

const replyPrefix =
  /^(?:(?:re|aw|sv|antw|antwort|vs|ref|rif|r|odp|ynt|回复|答复)(?:\s*\[\d+\]|\s*\(\d+\))?\s*[:：]\s*)+/i;
const forwardPrefix = /^(?:(?:fwd?|wg|vb|tr|rv|enc|i|pd|doorst|转发)\s*[:：]\s*)+/i;

/** `Re: ` once, whatever language the prefixes before it were in. */
export function replySubject(subject: string): string {
  const bare = subject.trim().replace(replyPrefix, '');
  return `Re: ${bare}`.trimEnd();
}

/** `Fwd: ` once. */
export function forwardSubject(subject: string): string {
  const bare = subject.trim().replace(forwardPrefix, '');
  return `Fwd: ${bare}`.trimEnd();
}

/** `On DATE, NAME wrote:` */
function attributionLine(quoted: Quoted): string {
  const author = quoted.from[0];
  const name = author === undefined ? 'someone' : author.displayName.trim() || author.mailbox || 'someone';
  return `On ${writtenDate(quoted.date)}, ${name} wrote:`;
}

function writtenDate(moment: number): string {
  const date = new Date(moment);
  const day = date.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  return `${day} at ${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}

/** The original with `> ` before each line; its signature and trailing empty lines are left out. */
export function quoteText(quoted: Quoted): string {
  const lines = withoutSignature(quoted.text.slice(0, maxQuoteLength)).split('\n');
  const marked = lines.map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`.trimEnd()));
  return `${attributionLine(quoted)}\n${marked.join('\n')}\n`;
}

/** The same as HTML made from the text, so that it is as safe as text. */
export function quoteHtml(quoted: Quoted): string {
  const text = withoutSignature(quoted.text.slice(0, maxQuoteLength));
  return `<p>${escapeHtml(attributionLine(quoted))}</p><blockquote>${textToHtml(text)}</blockquote>`;
}

function withoutSignature(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const mark = lines.indexOf('-- ');
  return (mark < 0 ? lines : lines.slice(0, mark)).join('\n').trimEnd();
}

/** The block that says what is forwarded, then all of the text. */
export function forwardText(quoted: Quoted): string {
  return `${forwardBlock(quoted).join('\n')}\n\n${quoted.text.slice(0, maxQuoteLength).trimEnd()}\n`;
}

/** The same as HTML made from the text. */
export function forwardHtml(quoted: Quoted): string {
  return `<p>${forwardBlock(quoted).map(escapeHtml).join('<br>')}</p>${textToHtml(quoted.text.slice(0, maxQuoteLength).trimEnd())}`;
}

function forwardBlock({ from, to, cc, subject, date }: Quoted): string[] {
  const list = (addresses: readonly Address[]) => addresses.slice(0, 100).map(formatAddress).join(', ');
  return [
    '---------- Forwarded message ----------',
    `From: ${list(from)}`,
    `Date: ${writtenDate(date)}`,
    `Subject: ${subject}`,
    `To: ${list(to)}`,
    ...(cc.length === 0 ? [] : [`Cc: ${list(cc)}`]),
  ];
}

/** Text as HTML that looks the same: paragraphs at empty lines, line breaks inside. */
export function textToHtml(text: string): string {
  const paragraphs = text.replace(/\r\n?/g, '\n').split(/\n{2,}/);
  return paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br>')}</p>`).join('');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
