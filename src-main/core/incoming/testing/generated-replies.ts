import type { ReplyShape } from '../pop3-framing.ts';

/** One reply of a server, as octets, and what is to be understood of it. */
export interface GeneratedReply {
  readonly shape: ReplyShape;
  readonly wire: Buffer;
  readonly status: 'ok' | 'err' | 'continue';
  readonly text: string;
  readonly body: Buffer;
}

const words = ['', 'x', '14 octets', '[IN-USE] busy', '.', '+OK', '-ERR', 'gr\xfc\xdfe', '<1896.697@dbc>', '\t tab'];
const pieces = [
  '.',
  '..',
  '\r\n',
  '\r',
  '\n',
  'x',
  '\0',
  '\xe9',
  '.\r\n',
  '\r\n.',
  '\r\n.\r',
  'Subject: a\r\n',
  '+OK\r\n',
  '-ERR\r\n',
];

/** The same replies from the same random numbers: status lines, listings and messages with everything that looks like an end. */
export function generatedReplies(count: number, random: () => number): GeneratedReply[] {
  const one = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  return Array.from({ length: count }, (_, index) => {
    const text = one(words);
    if (index % 5 === 0) return single('err', `-ERR ${text}`, text);
    if (index % 5 === 1) return single('ok', `+OK ${text}`, text);
    if (index % 25 === 2) return single('continue', `+ ${text}`, text);
    const body = Array.from({ length: Math.floor(random() * 14) }, () => one(pieces)).join('');
    return multi(text, body === '' ? '' : `${body}\r\n`);
  });
}

function single(status: 'ok' | 'err' | 'continue', line: string, text: string): GeneratedReply {
  const shown = status === 'continue' ? text : text.replace(/^[ \t]+/, '');
  return { shape: 'single', wire: latin1(`${line}\r\n`), status, text: shown, body: latin1('') };
}

function multi(text: string, body: string): GeneratedReply {
  const wire = latin1(`+OK ${text}\r\n${stuffed(body)}`);
  return { shape: 'multi', wire, status: 'ok', text: text.replace(/^[ \t]+/, ''), body: latin1(body) };
}

/** By the letter of RFC 1939 §3, line by line: written apart from the code it tries. */
function stuffed(body: string): string {
  const lines = body.split('\r\n');
  lines.pop();
  return `${lines.map((line) => `${line.startsWith('.') ? '.' : ''}${line}\r\n`).join('')}.\r\n`;
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
