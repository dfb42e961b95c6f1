import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Messages that try a reader's patience, the same ones every time. */
export function generatedMail(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const make = kinds[index % kinds.length];
    return new Uint8Array(Buffer.from(make === undefined ? '' : make(index), 'latin1'));
  });
}

function header(index: number, more = ''): string {
  return `From: sender${index}@example.test\r\nTo: anna@example.test\r\nSubject: Message ${index}\r\nMessage-ID: <${index}@example.test>\r\n${more}\r\n`;
}

function noise(index: number, octets: number): string {
  let text = '';
  for (let round = 0; text.length < octets; round += 1)
    text += createHash('sha512').update(`${index}.${round}`).digest('base64').slice(0, 76).concat('\r\n');
  return text.slice(0, octets);
}

const kinds: readonly ((index: number) => string)[] = [
  (index) => `${header(index)}A plain one, number ${index}.\r\n`,
  (index) => `${header(index, 'Content-Transfer-Encoding: 8bit\r\n')}Gr\xfc\xdfe \xe9\xe8\xff\xfe\x80 ${index}\r\n`,
  (index) => `${header(index)}.\r\n..\r\n...\r\n.${index}\r\n.\r\n\r\n.\r\n`,
  (index) => `${header(index)}${'long'.repeat(5000 + index)}\r\n.${'x'.repeat(2000)}\r\n`,
  (index) => `${header(index)}bare\nline\n.\nfeeds ${index}\n..\n`,
  (index) => `${header(index)}no line end at the end ${index}`,
  (index) => `${header(index)}a NUL \0 and \x01\x7f in it ${index}\r\n`,
  (index) => `Subject: only a header ${index}\r\n`,
  (index) => `no header at all, number ${index}\r\n`,
  (index) => `${header(index)}ends with a dot ${index}\r\n.`,
  (index) => `${header(index)}${noise(index, 1000 + ((index * 7919) % 60_000))}\r\n`,
  (index) => `${header(index)}bare returns \r here ${index}\r\r\n.\r\r\n`,
  (index) => `\r\n\r\nbegins with empty lines ${index}\r\n`,
];

const corpusFolder = join(import.meta.dirname, '../../../../../shared/corpus/messages');

export const hasCorpus = existsSync(corpusFolder);

/** Real and deliberately malformed messages, where the folder exists. */
export function corpusMail(): Uint8Array[] {
  return readdirSync(corpusFolder)
    .sort()
    .map((name) => new Uint8Array(readFileSync(join(corpusFolder, name))));
}
