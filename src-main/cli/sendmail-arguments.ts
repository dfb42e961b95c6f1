import { checkAddress } from './check-input.ts';
import { UsageError } from './exit-codes.ts';

/** What a caller of `sendmail` may say, as far as it means something here. */
export interface SendmailArguments {
  readonly recipients: string[];
  /** `-t` */
  readonly readHeader: boolean;
  /** `-f` or `-r`; '' for the null reverse-path. */
  readonly reversePath?: string;
  /** `-F` */
  readonly fullName?: string;
  /** `-i`, `-oi`: a line with a single dot does not end the message. */
  readonly ignoreDots: boolean;
}

/** Options that take a value, joined (`-fa@b.c`) or as the next word (`-f a@b.c`); what each is for is sendmail(8)'s. */
const withValue = new Set('fFrBhNRVOXLCAop');

/** Reads the words after `sendmail`, as getopt does. What only tunes a real sendmail is accepted and has no effect. */
export function sendmailArguments(args: readonly string[]): SendmailArguments {
  const recipients: string[] = [];
  const found: { readHeader: boolean; ignoreDots: boolean; reversePath?: string; fullName?: string } = {
    readHeader: false,
    ignoreDots: false,
  };
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') {
      recipients.push(...words.splice(0));
    } else if (!word.startsWith('-') || word === '-') recipients.push(word);
    else readOption(word, words, found);
  }
  return {
    ...found,
    recipients: recipients.flatMap(addressesIn),
  };
}

function readOption(
  word: string,
  words: string[],
  found: { readHeader: boolean; ignoreDots: boolean; reversePath?: string; fullName?: string },
): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? '';
    if (letter === 'b') {
      if (word.slice(at + 1) !== 'm') throw new UsageError(`Postrider’s sendmail has no mode -b${word.slice(at + 1)}.`);
      return;
    }
    if (letter === 'q') throw new UsageError('Use “postrider outbox flush” instead of -q.');
    if (withValue.has(letter)) {
      const joined = word.slice(at + 1);
      const value = joined !== '' ? joined : words.shift();
      if (value === undefined) throw new UsageError(`-${letter} needs a value.`);
      if (letter === 'f' || letter === 'r') found.reversePath = bareAddress(value);
      if (letter === 'F') found.fullName = value;
      if (letter === 'o' && value === 'i') found.ignoreDots = true;
      return;
    }
    if (letter === 't') found.readHeader = true;
    else if (letter === 'i') found.ignoreDots = true;
    else if (!'vUnGmse'.includes(letter)) throw new UsageError(`Postrider’s sendmail has no option -${letter}.`);
  }
}

/** The addresses of a list, parted by commas; one inside quotes (RFC 5321 §4.1.2, `"a,b"@c.d`) parts nothing. */
export function addressesIn(list: string): string[] {
  const parts = list.match(/(?:"(?:\\.|[^"\\])*"|[^,])+/g) ?? [];
  return parts.map(bareAddress).filter((one) => one !== '');
}

/** What stands in angle brackets, with or without a name before it. */
export function bareAddress(path: string): string {
  return path.trim().replace(/^(?:"(?:\\.|[^"\\])*"|[^<>"])*<([^<>]*)>$/, '$1');
}

/**
 * Throws EINVALID for an address nobody can be reached at: told before the message is taken, since afterwards the caller
 * may be gone. A name without a domain is a user of this machine.
 */
export function checkAddresses({ recipients, reversePath = '' }: SendmailArguments): void {
  for (const address of reversePath === '' ? recipients : [...recipients, reversePath])
    if (!/^[^\s\p{Cc}@]+$/u.test(address)) checkAddress(address);
}

/** Without `-i`, a line that is a single dot ends the message, as it did on a terminal. */
export function upToLoneDot(message: Buffer): Buffer {
  const LF = 10;
  for (let start = 0; start < message.length; ) {
    const lf = message.indexOf(LF, start);
    const end = lf < 0 ? message.length : lf;
    const line = end - start <= 2 ? message.toString('latin1', start, end) : '';
    if (line === '.' || line === '.\r') return message.subarray(0, start);
    start = end + 1;
  }
  return message;
}
