import { createHash } from 'node:crypto';

/** A seeded generator (mulberry32): the same mail on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const syllables = 'ba de fi go lu ma ne pi ro su ta ve wi xo ya ze bra cle dri fro glu kri pla sto tre vlu'.split(' ');

function words(random: () => number, count: number): string {
  const made: string[] = [];
  for (let index = 0; index < count; index += 1) {
    // Squaring favours the front of the vocabulary, as language does.
    let rank = Math.floor(random() ** 2 * 20_000) + 1;
    let word = '';
    while (rank > 0) {
      word += syllables[rank % syllables.length] ?? '';
      rank = Math.floor(rank / syllables.length);
    }
    made.push(word);
  }
  return made.join(' ');
}

/**
 * Message `index` of a mailbox as people have them, CRLF throughout: two in three are plain text of a few kB, most of the
 * others carry HTML, one in six a base64 attachment of up to 1 MB, so that 10,000 come to about 0.8 GB.
 */
export function realisticMessage(index: number): Buffer {
  const random = seeded(index + 1);
  const name = words(random, 2);
  const subject = words(random, 3 + Math.floor(random() * 5));
  const date = new Date(Date.UTC(2015, 0, 1) + index * 3_600_000);
  const head = [
    `Return-Path: <${name.replace(' ', '.')}@example.org>`,
    `Received: from mx.example.org (mx.example.org [192.0.2.${index % 250}]) by mail.example.net; ${date.toUTCString()}`,
    `From: ${name} <${name.replace(' ', '.')}@example.org>`,
    'To: Reader <reader@example.net>',
    `Subject: ${index % 7 === 0 ? `=?utf-8?B?${Buffer.from(`${subject} größer`).toString('base64')}?=` : subject}`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${createHash('sha256').update(String(index)).digest('hex').slice(0, 24)}@example.org>`,
    'MIME-Version: 1.0',
  ];
  const text = paragraphs(random, 4 + Math.floor(random() * 30));
  const kind = random();
  if (kind < 0.6) return plain(head, text);
  const html = `<html><body>${text.map((line) => `<p>${line}</p>`).join('\r\n')}</body></html>`;
  return kind < 0.84 ? alternative(head, text, html) : mixed(head, text, random);
}

function paragraphs(random: () => number, count: number): string[] {
  return Array.from({ length: count }, () => words(random, 8 + Math.floor(random() * 4)));
}

function plain(head: string[], text: string[]): Buffer {
  return Buffer.from([...head, 'Content-Type: text/plain; charset=utf-8', '', ...text, ''].join('\r\n'));
}

function alternative(head: string[], text: string[], html: string): Buffer {
  const parts = [
    'Content-Type: multipart/alternative; boundary="=_alt"',
    '',
    '--=_alt',
    'Content-Type: text/plain; charset=utf-8',
    '',
    ...text,
    '--=_alt',
    'Content-Type: text/html; charset=utf-8',
    '',
    html,
    '--=_alt--',
    '',
  ];
  return Buffer.from([...head, ...parts].join('\r\n'));
}

function mixed(head: string[], text: string[], random: () => number): Buffer {
  const octets = Buffer.alloc(Math.floor(random() ** 2 * 1_270_000) + 2000);
  for (let at = 0; at < octets.length; at += 4)
    octets.writeUInt32LE(Math.floor(random() * 4_294_967_295), Math.min(at, octets.length - 4));
  const lines = octets.toString('base64').match(/.{1,76}/g) ?? [];
  const parts = [
    'Content-Type: multipart/mixed; boundary="=_mix"',
    '',
    '--=_mix',
    'Content-Type: text/plain; charset=utf-8',
    '',
    ...text,
    '--=_mix',
    'Content-Type: application/pdf; name="report.pdf"',
    'Content-Disposition: attachment; filename="report.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    ...lines,
    '--=_mix--',
    '',
  ];
  return Buffer.from([...head, ...parts].join('\r\n'));
}
