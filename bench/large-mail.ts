import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from './realistic-mail.ts';

/**
 * A mailbox of any number of messages, quickly and the same on every machine. Words follow Zipf's law with a long tail, as
 * in language; half of the messages answer another; sizes are those of real mail, except that attached files are small:
 * 100,000 messages come to about 0.6 GB. What is measured with it is the number of messages, not the octets in them (for those
 * there is `realistic-mail.ts`).
 */

const vocabularySize = 40_000;
const syllables = 'ba de fi go lu ma ne pi ro su ta ve wi xo ya ze bra cle dri fro glu kri pla sto tre vlu'.split(' ');

function wordAt(rank: number): string {
  let word = '';
  for (let left = rank + 27; left > 0; left = Math.floor(left / syllables.length))
    word += syllables[left % syllables.length] ?? '';
  return word;
}

const vocabulary = Array.from({ length: vocabularySize }, (_, rank) => wordAt(rank));

/** The word of this rank; 0 is the most frequent. */
export function wordOfRank(rank: number): string {
  return vocabulary[rank] ?? '';
}

/** Drawing from it evenly gives each word about as often as its rank says (Zipf). */
const urn = fillUrn(1 << 18);

function fillUrn(size: number): Uint16Array {
  const filled = new Uint16Array(size);
  const harmonic = Math.log(vocabularySize) + 0.5772;
  for (let at = 0; at < size; at += 1) {
    const rank = Math.exp(((at + 0.5) / size) * harmonic - 0.5772);
    filled[at] = Math.min(vocabularySize - 1, Math.floor(rank));
  }
  return filled;
}

function words(random: () => number, count: number): string {
  let made = '';
  for (let index = 0; index < count; index += 1) {
    const rank = urn[Math.floor(random() * urn.length)] ?? 0;
    made += (index === 0 ? '' : ' ') + (vocabulary[rank] ?? '');
  }
  return made;
}

/** One of so many people; some write much more than others. */
function person(random: () => number): { name: string; mailbox: string } {
  const number = Math.floor(random() ** 3 * 3000);
  const first = wordAt(number * 7);
  const last = wordAt(number * 13 + 500);
  const name = `${first[0]?.toUpperCase()}${first.slice(1)} ${last[0]?.toUpperCase()}${last.slice(1)}`;
  return { name, mailbox: `${first}.${last}@${wordAt(number % 400)}.example` };
}

function paragraphs(random: () => number): string[] {
  const lines: string[] = [];
  // Most are short; a few are long.
  const count = 3 + Math.floor(random() ** 4 * 120);
  for (let index = 0; index < count; index += 1) lines.push(words(random, 6 + Math.floor(random() * 8)));
  return lines;
}

export interface LargeMessage {
  readonly bytes: Buffer;
  /** Its unique name in the Maildir, in the form of a collected message. */
  readonly unique: string;
  /** Maildir letters; '' for a message nobody has looked at. */
  readonly letters: string;
}

const spanMs = 11 * 365 * 86_400_000;
const lastMoment = Date.UTC(2026, 10, 20);

/** Message `index` of `count`, oldest first. */
export function largeMessage(index: number, count: number, seed = 1): LargeMessage {
  const random = seeded(seed * 1_000_003 + index);
  const from = person(random);
  const date = new Date(lastMoment - spanMs + Math.floor((index / count) * spanMs) + Math.floor(random() * 3_600_000));
  const answered = index > 50 && random() < 0.5 ? index - 1 - Math.floor(random() * 40) : -1;
  const isAccented = random() < 0.05;
  const subject = `${answered >= 0 ? 'Re: ' : ''}${words(random, 2 + Math.floor(random() * 5))}`;
  const head = [
    `Return-Path: <${from.mailbox}>`,
    `Received: from mx.example.org (mx.example.org [192.0.2.${index % 250}]) by mail.example.net; ${date.toUTCString()}`,
    `From: ${from.name} <${from.mailbox}>`,
    'To: Reader <reader@example.net>',
    ...(random() < 0.3 ? [`Cc: ${people(random)}`] : []),
    `Subject: ${isAccented ? `=?utf-8?B?${Buffer.from(`${subject} größer café 会議`).toString('base64')}?=` : subject}`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${seed}.${index}@example.org>`,
    ...(answered >= 0
      ? [`In-Reply-To: <${seed}.${answered}@example.org>`, `References: <${seed}.${answered}@example.org>`]
      : []),
    'MIME-Version: 1.0',
  ];
  const text = [...paragraphs(random), `Order ${100_000 + index}`];
  if (isAccented) text.push('Grüße aus Köln, das Café öffnet später. 会議は東京で行います。');
  const bytes = Buffer.from(body(random, head, text).join('\r\n'));
  const sender = createHash('sha256').update(`${seed}\0${index}`).digest('hex').slice(0, 32);
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return { bytes, unique: `${sender}-${digest}`, letters: lettersOf(random, index, count) };
}

function people(random: () => number): string {
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => person(random))
    .map(({ name, mailbox }) => `${name} <${mailbox}>`)
    .join(', ');
}

/** The newest are unread, and a few of the others. */
function lettersOf(random: () => number, index: number, count: number): string {
  if (index > count - 200 ? random() < 0.5 : random() < 0.02) return '';
  return `${random() < 0.03 ? 'F' : ''}${random() < 0.2 ? 'R' : ''}S`;
}

const plainHead = 'Content-Type: text/plain; charset=utf-8';

function body(random: () => number, head: string[], text: string[]): string[] {
  const kind = random();
  if (kind < 0.55) return [...head, plainHead, '', ...text, ''];
  const html = ['Content-Type: text/html; charset=utf-8', '', ...htmlOf(text), ''];
  if (kind < 0.62) return [...head, ...html];
  if (kind < 0.86)
    return [
      ...head,
      'Content-Type: multipart/alternative; boundary="=_b"',
      '',
      '--=_b',
      plainHead,
      '',
      ...text,
      '--=_b',
      ...html,
      '--=_b--',
      '',
    ];
  return [
    ...head,
    'Content-Type: multipart/mixed; boundary="=_b"',
    '',
    '--=_b',
    plainHead,
    '',
    ...text,
    '--=_b',
    ...attached(random),
    '--=_b--',
    '',
  ];
}

function htmlOf(text: readonly string[]): string[] {
  const style = 'font-family:Arial,sans-serif;font-size:14px;line-height:1.4;margin:0 0 12px 0';
  return [
    '<html><head><style>p{color:#222}</style></head><body>',
    ...text.map((line) => `<p style="${style}">${line}</p>`),
    '</body></html>',
  ];
}

/** One in six is a text, which is searched; the others are octets. */
function attached(random: () => number): string[] {
  const name = `${words(random, 2).replace(' ', '-')}`;
  if (random() < 0.16)
    return [
      `Content-Type: text/csv; name="${name}.csv"`,
      `Content-Disposition: attachment; filename="${name}.csv"`,
      '',
      ...paragraphs(random).map((line) => line.replaceAll(' ', ',')),
    ];
  const octets = Buffer.alloc(3000 + Math.floor(random() ** 3 * 60_000));
  for (let at = 0; at + 4 <= octets.length; at += 4) octets.writeUInt32LE(Math.floor(random() * 4_294_967_295), at);
  const lines = octets.toString('base64').match(/.{1,76}/g) ?? [];
  return [
    `Content-Type: application/pdf; name="${name}.pdf"`,
    `Content-Disposition: attachment; filename="${name}.pdf"`,
    'Content-Transfer-Encoding: base64',
    '',
    ...lines,
  ];
}

export interface LargeMailOptions {
  /** In the Inbox. */
  readonly count: number;
  /** In each of a few other folders. */
  readonly elsewhere?: number;
  readonly seed?: number;
}

const otherFolders = ['.Archive', '.Archive.2024', '.Sent', '.Projects'];

/** Writes the files of a Mail folder, as another program would have left them. Answers their octets. */
export function writeLargeMail(mailFolder: string, { count, elsewhere = 0, seed = 1 }: LargeMailOptions): number {
  let octets = 0;
  const folders = [
    { directory: '', messages: count, seed },
    ...otherFolders.map((directory, at) => ({ directory, messages: elsewhere, seed: seed + at + 1 })),
  ];
  for (const { directory, messages, seed: own } of folders) {
    if (messages === 0) continue;
    const path = join(mailFolder, directory);
    for (const sub of ['tmp', 'new', 'cur']) mkdirSync(join(path, sub), { recursive: true, mode: 0o700 });
    if (directory !== '') writeFileSync(join(path, 'maildirfolder'), '');
    for (let index = 0; index < messages; index += 1) {
      const { bytes, unique, letters } = largeMessage(index, messages, own);
      const name = letters === '' ? join('new', unique) : join('cur', `${unique}:2,${letters}`);
      writeFileSync(join(path, name), bytes, { mode: 0o600 });
      octets += bytes.length;
    }
  }
  return octets;
}
