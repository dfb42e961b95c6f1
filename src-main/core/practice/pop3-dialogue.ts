import { createAuthDialogue } from './pop3-auth-dialogue.ts';
import {
  apopDigest,
  type Pop3Fault,
  type Pop3ServerOptions,
  type PracticeMessage,
  type PracticeSession,
} from './pop3-server.ts';

interface DialogueOptions {
  readonly options: Pop3ServerOptions;
  readonly session: PracticeSession;
  readonly timestamp: string;
  readonly fault: Pop3Fault;
  /** Takes the maildrop for this session; false while another holds it (RFC 1939 §4). */
  readonly lock: () => boolean;
  readonly write: (reply: Uint8Array) => void;
  readonly hangUp: () => void;
  readonly startTls: () => void;
}

interface Lying {
  readonly message: PracticeMessage;
  readonly wire: Buffer;
  isMarked: boolean;
}

/** A whole reply without its last CRLF, or its octets as they are. */
type Reply = string | Uint8Array;

const ok = (text = ''): Reply => (text === '' ? '+OK' : `+OK ${text}`);
const err = (text: string): Reply => `-ERR ${text}`;
const lines = (text: string, body: readonly string[]): Reply => [`+OK ${text}`, ...body, '.'].join('\r\n');

/** What one session of a practice POP3 server says to each line it is sent. */
export function createPop3Dialogue(dialogue: DialogueOptions) {
  const { options, session, timestamp, fault, lock, write, hangUp, startTls } = dialogue;
  let user = '';
  let maildrop: Lying[] | null = null;
  let isEncrypted = false;
  /** To be done once the reply is out. */
  let afterwards: (() => void) | null = null;
  const auth = createAuthDialogue(options, signIn);
  const offersStls = options.stls !== undefined && fault !== 'stls-missing';

  function signIn(name: string, isRight: boolean): Reply {
    if (name !== options.user || !isRight || fault === 'wrong-password')
      return err('[AUTH] Wrong user name or password for this practice mailbox.');
    if (!lock()) return err('[IN-USE] Another session has this maildrop open.');
    maildrop = options.maildrop
      .messages()
      .map((message) => ({ message, wire: wireOctets(message.bytes), isMarked: false }));
    return ok(`${maildrop.length} messages`);
  }

  function waiting(): { number: number; lying: Lying }[] {
    return (maildrop ?? []).flatMap((lying, index) => (lying.isMarked ? [] : [{ number: index + 1, lying }]));
  }

  function withMessage(word: string | undefined, use: (lying: Lying) => Reply): Reply {
    const lying = /^\d+$/.test(word ?? '') ? maildrop?.[Number(word) - 1] : undefined;
    return lying === undefined || lying.isMarked ? err('There is no such message.') : use(lying);
  }

  function retrieve(lying: Lying): Reply {
    const reply = Buffer.concat([Buffer.from(`+OK ${octetsOf(lying)} octets\r\n`), stuffed(lying.wire)]);
    const isFirst = session.retrieved.length === 0;
    if (fault === 'drops-in-the-middle' && (!isFirst || maildrop?.length === 1)) {
      afterwards = hangUp;
      return reply.subarray(0, Math.ceil(reply.length / 2));
    }
    session.retrieved.push(lying.message.uniqueId);
    return reply;
  }

  async function quit(): Promise<Reply> {
    const marked = (maildrop ?? []).filter(({ isMarked }) => isMarked).map(({ message }) => message.uniqueId);
    if (marked.length > 0) await options.maildrop.remove(marked);
    session.deleted.push(...marked);
    session.hasQuit = true;
    afterwards = hangUp;
    return ok('Goodbye.');
  }

  function capabilities(): Reply {
    return lines('Capabilities follow.', [
      'USER',
      ...(options.top === false ? [] : ['TOP']),
      ...(options.uidl === false ? [] : ['UIDL']),
      ...(options.pipelining === false ? [] : ['PIPELINING']),
      ...(options.sasl === undefined ? [] : [`SASL ${options.sasl.join(' ')}`]),
      ...(offersStls && !isEncrypted ? ['STLS'] : []),
      'RESP-CODES',
      'AUTH-RESP-CODE',
      'IMPLEMENTATION Postrider-practice',
    ]);
  }

  function beforeSignIn(verb: string, words: string[], line: string): Reply {
    switch (verb) {
      case 'USER':
        user = line.slice(5);
        return ok();
      case 'PASS':
        return signIn(user, line.slice(5) === options.password);
      case 'APOP':
        if (options.apop !== true) return err('APOP is not offered here.');
        return signIn(words[0] ?? '', words[1] === apopDigest(timestamp, options.password));
      case 'AUTH':
        return auth.begin(words[0] ?? '', words[1]);
      case 'STLS':
        if (!offersStls || isEncrypted) return err('Encryption is not offered here.');
        isEncrypted = true;
        afterwards = startTls;
        return ok('Begin TLS negotiation now.');
      default:
        return err('Sign in first.');
    }
  }

  function signedIn(verb: string, words: string[]): Reply {
    const list = waiting();
    switch (verb) {
      case 'STAT':
        return ok(`${list.length} ${list.reduce((sum, { lying }) => sum + octetsOf(lying), 0)}`);
      case 'LIST':
        return lines(
          'Messages follow.',
          list.map(({ number, lying }) => `${number} ${octetsOf(lying)}`),
        );
      case 'UIDL':
        if (options.uidl === false) return err('Unknown command.');
        return lines(
          'Unique-ids follow.',
          list.map(({ number, lying }) => `${number} ${lying.message.uniqueId}`),
        );
      case 'RETR':
        return withMessage(words[0], retrieve);
      case 'TOP':
        if (options.top === false) return err('Unknown command.');
        return withMessage(words[0], ({ wire }) => topOf(wire, Number(words[1] ?? 0)));
      case 'DELE':
        return withMessage(words[0], (lying) => {
          lying.isMarked = true;
          return ok();
        });
      case 'RSET':
        for (const lying of maildrop ?? []) lying.isMarked = false;
        return ok();
      case 'NOOP':
        return ok();
      default:
        return err('Unknown command.');
    }
  }

  async function answer(line: string): Promise<Reply> {
    const response = auth.takeResponse(line);
    if (response !== null) return response;
    session.commands.push(line);
    const [verb = '', ...words] = line.split(' ');
    const name = verb.toUpperCase();
    if (name === 'CAPA') return options.capa === false ? err('Unknown command.') : capabilities();
    if (name === 'QUIT') return quit();
    return maildrop === null ? beforeSignIn(name, words, line) : signedIn(name, words);
  }

  function put(reply: Reply): void {
    write(typeof reply === 'string' ? Buffer.from(`${reply}\r\n`, 'utf8') : reply);
    const then = afterwards;
    afterwards = null;
    then?.();
  }

  return {
    greet: () => put(ok(`Postrider practice mailbox ready${options.apop === true ? ` ${timestamp}` : ''}`)),
    async take(line: string): Promise<void> {
      const own = options.intercept?.(line, session) ?? null;
      put(own === null ? await answer(line) : Buffer.from(own, 'latin1'));
    },
  };
}

function octetsOf({ message, wire }: Lying): number {
  return message.listedOctets ?? wire.length;
}

/** What RETR sends: the message, with an end of line at its end (RFC 1939 §3 ends every line with CRLF). */
function wireOctets(bytes: Uint8Array): Buffer {
  const message = Buffer.from(bytes);
  const isWhole = message.length === 0 || message.subarray(-2).toString('latin1') === '\r\n';
  return isWhole ? message : Buffer.concat([message, Buffer.from('\r\n')]);
}

/** Doubles a dot at the start of each line and adds the terminator. */
function stuffed(wire: Buffer): Buffer {
  const text = wire.toString('latin1').replace(/(^|\r\n)\./g, '$1..');
  return Buffer.from(`${text}.\r\n`, 'latin1');
}

/** RFC 1939 §7: the header, the empty line, and that many lines of the body. */
function topOf(wire: Buffer, bodyLines: number): Buffer {
  const end = wire.indexOf('\r\n\r\n');
  let at = end < 0 ? wire.length : end + 4;
  for (let left = bodyLines; left > 0 && at < wire.length; left -= 1) {
    const next = wire.indexOf('\r\n', at);
    at = next < 0 ? wire.length : next + 2;
  }
  return Buffer.concat([Buffer.from('+OK\r\n'), stuffed(wire.subarray(0, at))]);
}
