import { type ScriptedServer, scriptedServer } from '../../src-main/core/incoming/testing/scripted-server.ts';

/** A small POP3 maildrop of the test's own. */
export interface Maildrop extends ScriptedServer {
  /** Puts one more message in. */
  deliver(mail: Buffer): void;
  /** From now on RETR of this number and of those after it is not answered, until `release`. */
  holdAt(number: number): void;
  release(): void;
}

/** Starts a maildrop that takes any password; nothing is ever deleted in it. */
export async function startMaildrop(mails: readonly Buffer[] = []): Promise<Maildrop> {
  const lying = mails.map((mail) => mail.toString('latin1'));
  let heldAt = Number.POSITIVE_INFINITY;
  const each = (line: (mail: string, index: number) => string) => `+OK\r\n${lying.map(line).join('')}.\r\n`;
  const server = await scriptedServer('+OK here\r\n', (line) => {
    const [verb = '', argument = ''] = line.toUpperCase().split(' ');
    const number = Number(argument);
    switch (verb) {
      case 'CAPA':
        return '+OK\r\nUSER\r\nUIDL\r\n.\r\n';
      case 'STAT':
        return `+OK ${lying.length} ${lying.reduce((sum, mail) => sum + mail.length, 0)}\r\n`;
      case 'LIST':
        return each((mail, index) => `${index + 1} ${mail.length}\r\n`);
      case 'UIDL':
        return each((_, index) => `${index + 1} parcel-${index + 1}\r\n`);
      case 'RETR':
        return number >= heldAt ? '' : `+OK\r\n${(lying[number - 1] ?? '').replace(/^\./gm, '..')}.\r\n`;
      default:
        return '+OK\r\n';
    }
  });
  return {
    ...server,
    deliver: (mail) => lying.push(mail.toString('latin1')),
    holdAt: (number) => {
      heldAt = number;
    },
    release: () => {
      heldAt = Number.POSITIVE_INFINITY;
    },
  };
}
