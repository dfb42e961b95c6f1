import { domainToASCII } from 'node:url';
import { domainOf } from '#shared/mail/address.ts';
import { MailError } from '#shared/mail-error.ts';
import type { AttemptLog } from '../attempt-log.ts';
import type { Wire } from './wire.ts';

/** A message that was handed to us, with its envelope. */
export interface HandedMail {
  readonly reversePath: string;
  readonly forwardPaths: readonly string[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface ReceiveOptions {
  /** What we call ourselves. */
  readonly hostName: string;
  /** Recipients elsewhere are refused; empty: what the server brings is ours by its own judgement. */
  readonly domains: readonly string[];
  readonly mostOctets: number;
  readonly commandMs: number;
  readonly dataMs: number;
  /** The message is durable when it resolves: only then is it taken over. */
  file(mail: HandedMail): Promise<void>;
  readonly log: Pick<AttemptLog, 'client' | 'server'>;
}

export interface Reception {
  received: number;
  /** What we did not take: it stays there, or goes back to its sender. */
  declined: number;
  /** What went wrong here with the last one that could not be filed. */
  fault?: MailError;
}

const longestCommandOctets = 4096;
const mostRecipients = 1000;
const mostMistakes = 20;

interface Session {
  readonly options: ReceiveOptions;
  readonly reception: Reception;
  hasGreeted: boolean;
  reversePath: string | null;
  forwardPaths: string[];
  mistakes: number;
}

/**
 * The receiving side of SMTP over a connection that is already there (RFC 2645 §5.2: the roles have turned). Ends with QUIT;
 * throws `MailError` when the connection ends otherwise. `reception` counts along: it holds whatever happens.
 *
 * The package `smtp-server` was looked at for this: it wants a listener of its own, looks up who calls, decodes what it
 * shows, and answers bare line feeds; the dialogue needed here is eight commands long.
 */
export async function receiveMail(wire: Wire, options: ReceiveOptions, reception: Reception): Promise<void> {
  const session: Session = {
    options,
    reception,
    hasGreeted: false,
    reversePath: null,
    forwardPaths: [],
    mistakes: 0,
  };
  const say = (line: string): void => {
    for (const part of line.split('\r\n')) options.log.client(part);
    wire.write(`${line}\r\n`);
  };
  say(`220 ${options.hostName} ready`);
  for (;;) {
    const raw = await wire.takeLine(options.commandMs, longestCommandOctets);
    const line = raw.toString('utf8');
    options.log.server(line.trimEnd());
    // RFC 5321 §2.3.8: CR and LF only together. Lines that end otherwise are how a message is smuggled into another.
    const verb = /^[^\r\n\0]*\r\n$/.test(line) ? (/^[a-z]{4}(?=[ \r])/i.exec(line)?.[0].toUpperCase() ?? '') : null;
    if (verb === 'QUIT') {
      say(`221 2.0.0 ${options.hostName} closing`);
      wire.end();
      return;
    }
    const reply =
      verb === null
        ? '500 5.5.2 lines end with CRLF'
        : verb === 'DATA'
          ? await takeData(wire, session, say)
          : answer(session, verb, line.trimEnd());
    if (/^50|^555/.test(reply)) session.mistakes += 1;
    if (session.mistakes > mostMistakes) {
      throw new MailError('EPROTOCOL', 'The server made too many mistakes in handing mail over.');
    }
    say(reply);
  }
}

/** Whatever is not DATA or QUIT. */
function answer(session: Session, verb: string, text: string): string {
  const { options } = session;
  switch (verb) {
    case 'EHLO':
      session.hasGreeted = true;
      forget(session);
      return [
        `250-${options.hostName}`,
        '250-PIPELINING',
        '250-8BITMIME',
        '250-SMTPUTF8',
        '250-ENHANCEDSTATUSCODES',
        `250 SIZE ${options.mostOctets}`,
      ].join('\r\n');
    case 'HELO':
      session.hasGreeted = true;
      forget(session);
      return `250 ${options.hostName}`;
    case 'MAIL':
      return mail(session, text);
    case 'RCPT':
      return recipient(session, text);
    case 'RSET':
      forget(session);
      return '250 2.0.0 reset';
    case 'NOOP':
      return '250 2.0.0 here';
    case 'VRFY':
      return '252 2.1.5 send it and see';
    default:
      return '502 5.5.1 not known here';
  }
}

function forget(session: Session): void {
  session.reversePath = null;
  session.forwardPaths = [];
}

const path = /^<((?:"(?:[^"\\]|\\.)*"|[^"<>\s])*)>(?: +(.*))?$/u;

function mail(session: Session, text: string): string {
  if (!session.hasGreeted) return '503 5.5.1 EHLO first';
  if (session.reversePath !== null) return '503 5.5.1 one MAIL at a time';
  const found = path.exec(text.replace(/^MAIL FROM: */i, ''));
  if (found === null) return '501 5.5.4 MAIL FROM:<address>';
  for (const parameter of (found[2] ?? '').split(/ +/).filter((one) => one !== '')) {
    const [keyword = '', value = ''] = parameter.toUpperCase().split('=');
    if (keyword === 'SIZE') {
      if (Number(value) > session.options.mostOctets) return tooLarge(session);
    } else if (keyword !== 'BODY' && keyword !== 'SMTPUTF8') return '555 5.5.4 parameter not known here';
  }
  session.reversePath = found[1] ?? '';
  return '250 2.1.0 sender fine';
}

function recipient(session: Session, text: string): string {
  if (session.reversePath === null) return '503 5.5.1 MAIL first';
  const found = path.exec(text.replace(/^RCPT TO: */i, ''));
  // RFC 5321 §4.1.1.3: a source route is passed over.
  const mailbox = (found?.[1] ?? '').replace(/^@[^:]*:/, '');
  if (mailbox === '') return '501 5.5.4 RCPT TO:<address>';
  if (found?.[2] !== undefined && found[2] !== '') return '555 5.5.4 parameter not known here';
  if (!isOurs(mailbox, session.options.domains))
    return '550 5.7.1 that domain was not asked for; mail is not passed on';
  if (session.forwardPaths.length >= mostRecipients) return '452 4.5.3 too many recipients';
  session.forwardPaths.push(mailbox);
  return '250 2.1.5 recipient fine';
}

function isOurs(mailbox: string, domains: readonly string[]): boolean {
  // RFC 5321 §4.5.1: mail for the postmaster is taken even without a domain.
  if (domains.length === 0 || mailbox.toLowerCase() === 'postmaster') return true;
  const domain = inAscii(domainOf(mailbox));
  return domains.some((own) => inAscii(own.toLowerCase()) === domain);
}

function inAscii(domain: string): string {
  return domainToASCII(domain) || domain;
}

/** The message is filed before the reply that takes it over: until then it is the server's. */
async function takeData(wire: Wire, session: Session, say: (line: string) => void): Promise<string> {
  const { options, reception, reversePath, forwardPaths } = session;
  if (reversePath === null || forwardPaths.length === 0) return '503 5.5.1 MAIL and RCPT first';
  say('354 go on');
  const { octets, bytes } = await wire.takeMessage(options.dataMs, options.mostOctets);
  options.log.server(`(${octets} octets of message)`);
  forget(session);
  if (bytes === null) return tooLarge(session);
  try {
    await options.file({ reversePath, forwardPaths, bytes });
  } catch (error) {
    reception.declined += 1;
    reception.fault =
      error instanceof MailError ? error : new MailError('EIO', 'A message could not be filed here.', { cause: error });
    return reception.fault.code === 'EDISKFULL' ? '452 4.3.1 no room here now' : '451 4.3.0 not filed here';
  }
  reception.received += 1;
  return '250 2.0.0 filed';
}

/** Final, so that its sender is told: put off, it would come again for days. */
function tooLarge({ reception, options }: Session): string {
  reception.declined += 1;
  return `552 5.3.4 messages of at most ${options.mostOctets} octets are taken here`;
}
