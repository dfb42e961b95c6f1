import { encodeWords } from '../message/encode-words.ts';

/** A delivery status notification as RFC 3462 and RFC 3464 describe it. Pure. */

export interface ReportedRecipient {
  readonly mailbox: string;
  readonly action: 'delayed' | 'failed';
  /** RFC 3463: `5.1.1`. */
  readonly status: string;
  /** What was said about this recipient. */
  readonly words?: string;
  /** A server's reply; otherwise the words are ours. */
  readonly isReply?: boolean;
  readonly remoteHost?: string;
  /** Epoch milliseconds. */
  readonly lastAttemptAt?: number;
}

export interface Report {
  readonly subject: string;
  /** Lines for a person. */
  readonly text: readonly string[];
  /** Empty for the null reverse-path. */
  readonly to: string;
  readonly inReplyTo: string;
  readonly messageId: string;
  readonly boundary: string;
  /** Epoch milliseconds, as the other two. */
  readonly now: number;
  readonly arrivedAt: number;
  readonly retryUntil?: number;
  readonly recipients: readonly ReportedRecipient[];
  /** The message it is about; null when it is gone. */
  readonly original: Uint8Array | null;
}

/** RFC 5322 §2.1.1: 998 octets a line; folded well before, where a person reads on. */
const longestLine = 200;

/** The bytes of the notice: text, then the fields for programs, then the message itself. */
export function reportMessage(report: Report): Uint8Array<ArrayBuffer> {
  const { boundary, original, recipients } = report;
  const isForeign = recipients.some(({ mailbox }) => isBeyondAscii(mailbox));
  const head = [
    'From: Postrider <postrider@localhost>',
    // RFC 5322 §3.4: a group may be empty; an address may not.
    report.to === '' ? 'To: undisclosed-recipients:;' : `To: <${headerSafe(report.to)}>`,
    `Subject: ${subjectText(report.subject)}`,
    `Date: ${dateField(report.now)}`,
    `Message-ID: ${report.messageId}`,
    ...(report.inReplyTo === ''
      ? []
      : [`In-Reply-To: ${headerSafe(report.inReplyTo)}`, `References: ${headerSafe(report.inReplyTo)}`]),
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    ` boundary="${boundary}"`,
    'Content-Transfer-Encoding: 8bit',
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...report.text.flatMap(foldText),
    `--${boundary}`,
    // RFC 6533 §4: with addresses beyond ASCII the part is another.
    `Content-Type: message/${isForeign ? 'global-delivery-status' : 'delivery-status'}`,
    ...(isForeign ? ['Content-Transfer-Encoding: 8bit'] : []),
    '',
    'Reporting-MTA: dns; postrider.localhost',
    `Arrival-Date: ${dateField(report.arrivedAt)}`,
    ...recipients.flatMap((recipient) => ['', ...recipientFields(recipient, report.retryUntil)]),
    '',
  ];
  const message =
    original === null
      ? []
      : [
          `--${boundary}`,
          'Content-Type: message/rfc822',
          'Content-Disposition: attachment',
          ...(original.some((octet) => octet > 127) ? ['Content-Transfer-Encoding: 8bit'] : []),
          '',
          '',
        ];
  return Uint8Array.from(
    Buffer.concat([
      Buffer.from([...head, ...message].join('\r\n')),
      original ?? Buffer.alloc(0),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  );
}

/** RFC 3464 §2.3, in its order. */
function recipientFields(recipient: ReportedRecipient, retryUntil: number | undefined): string[] {
  const { mailbox, action, status, words, isReply, remoteHost, lastAttemptAt } = recipient;
  const type = isBeyondAscii(mailbox) ? 'utf-8' : 'rfc822';
  return [
    `Final-Recipient: ${type}; ${headerSafe(mailbox)}`,
    `Action: ${action}`,
    `Status: ${headerSafe(status)}`,
    ...(remoteHost === undefined ? [] : [`Remote-MTA: dns; ${ascii(remoteHost)}`]),
    // `x-` for words that no server said (RFC 3464 §9.1).
    ...(words === undefined || words === ''
      ? []
      : foldField(`Diagnostic-Code: ${isReply === true ? 'smtp' : 'x-postrider'}; ${ascii(words)}`)),
    ...(lastAttemptAt === undefined ? [] : [`Last-Attempt-Date: ${dateField(lastAttemptAt)}`]),
    ...(action === 'delayed' && retryUntil !== undefined ? [`Will-Retry-Until: ${dateField(retryUntil)}`] : []),
  ];
}

function isBeyondAscii(text: string): boolean {
  return /[^\x20-\x7e]/.test(text);
}

function dateField(moment: number): string {
  return new Date(moment).toUTCString().replace('GMT', '+0000');
}

function headerSafe(text: string): string {
  return text.replace(/[\0-\x1f\x7f]+/g, ' ').trim();
}

/** The fields of a delivery status are ASCII. */
function ascii(text: string): string {
  return headerSafe(text)
    .replace(/[^\x20-\x7e]/gu, '?')
    .slice(0, 800);
}

/** RFC 5322 §2.2.3: folded before a space, so that no line is long. */
function foldField(field: string): string[] {
  const words = field.split(' ');
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + word.length > 76) {
      lines.push(line);
      line = ` ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Paragraphs are broken at spaces; what has none, anywhere. Indented lines (a transcript) keep their indent. */
function foldText(line: string): string[] {
  const safe = line.replace(/[\0-\x08\x0b-\x1f\x7f]/g, ' ').trimEnd();
  const isProse = !/^\s/.test(safe);
  const width = isProse ? 76 : longestLine;
  if (safe.length <= width) return [safe];
  const indent = /^\s*/.exec(safe)?.[0] ?? '';
  const hanging = isProse ? '' : `${indent}  `;
  const lines: string[] = [];
  for (let rest = safe, begun = indent; ; begun = hanging) {
    if (rest.length <= width) return [...lines, rest];
    const space = rest.lastIndexOf(' ', width);
    // A space of the indent is no place to break: nothing would have moved.
    const at = space > begun.length ? space : width;
    lines.push(rest.slice(0, at));
    rest = `${hanging}${rest.slice(at).trimStart()}`;
  }
}

/** RFC 2047, where the text is not plain ASCII. */
function subjectText(text: string): string {
  const safe = headerSafe(text).slice(0, 400);
  if (!isBeyondAscii(safe)) return foldField(`Subject: ${safe}`).join('\r\n').slice('Subject: '.length);
  return encodeWords(safe);
}
