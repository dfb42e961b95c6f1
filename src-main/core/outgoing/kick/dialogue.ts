import { createHmac } from 'node:crypto';
import type { AttemptLog } from '../attempt-log.ts';
import { createRedaction, formsOf } from '../redaction.ts';
import { type Credentials, chooseMechanism, type Mechanism, xoauth2Response } from '../sign-in.ts';
import { isPositive, parseReply, type SmtpReply } from '../smtp-reply.ts';
import type { Capabilities } from '../smtp-session.ts';
import { noReply, refused } from '../stage-failure.ts';
import type { Wire } from './wire.ts';

/** Our side of an SMTP dialogue, one command and its reply at a time. */
export interface Dialogue {
  readonly wire: Wire;
  /** `shown` stands in the transcript in its place, for what is secret. */
  say(line: string, shown?: string): Promise<SmtpReply>;
  /** Not to stand in what the server says, should it repeat it. */
  hide(...secrets: readonly string[]): void;
}

const longestReplyOctets = 64 * 1024;
const dots = '••••••••';

/** Throws `MailError` when no reply comes. */
export function createDialogue(
  wire: Wire,
  name: string,
  log: Pick<AttemptLog, 'client' | 'server'>,
  timeoutMs: number,
): Dialogue {
  const redaction = createRedaction();
  async function hear(): Promise<SmtpReply> {
    const lines: string[] = [];
    for (let octets = 0; octets < longestReplyOctets; ) {
      const raw = await wire.takeLine(timeoutMs, longestReplyOctets);
      octets += raw.length;
      const line = redaction.clean(raw.toString('utf8').replace(/\r?\n$/, ''));
      log.server(line);
      lines.push(line);
      if (!/^\d{3}(?:[ -]|$)/.test(line)) break;
      if (line.charAt(3) === '-') continue;
      const reply = parseReply(lines.join('\n'));
      if (reply !== null) return reply;
    }
    throw noReply('ehlo', 'EPROTOCOL', `${name} does not speak SMTP.`);
  }
  return {
    wire,
    hide: redaction.hide,
    say(line, shown) {
      log.client(shown ?? line);
      wire.write(`${line}\r\n`);
      return hear();
    },
  };
}

/**
 * EHLO, and the sign-in where the server has one. Throws `StageFailure` at `ehlo` or `auth`. A refused password is not
 * offered a second time; a refused token is renewed once.
 */
export async function beginDialogue(
  dialogue: Dialogue,
  options: {
    ehloName: string;
    host: string;
    credentials: Credentials;
    log: AttemptLog;
    signal: AbortSignal;
    /** Told who answers before anybody signs in; throws to leave. */
    meet(capabilities: Pick<Capabilities, 'firstLine' | 'extensions'>): Promise<string | undefined>;
  },
): Promise<void> {
  const { ehloName, host, credentials, log, signal } = options;
  log.enter('ehlo');
  const ehlo = await dialogue.say(`EHLO ${ehloName}`);
  if (!isPositive(ehlo)) throw refused('ehlo', ehlo);
  const [firstLine = '', ...keywords] = ehlo.lines;
  const extensions = new Set(
    keywords.flatMap((line) =>
      line
        .trim()
        .toUpperCase()
        .split(/[\s=]+/, 1),
    ),
  );
  const remark = await options.meet({ firstLine, extensions });
  log.note([...keywords, ...(remark === undefined ? [] : [`(${remark})`])].join(' '));
  const mechanism = chooseMechanism(credentials, offeredMechanisms(ehlo), host);
  if (mechanism === null || credentials.kind === 'none') return;
  log.enter('auth');
  let reply = await signIn(dialogue, mechanism, credentials, { signal, force: false });
  if (credentials.kind === 'token' && reply.replyCode === 535) {
    reply = await signIn(dialogue, mechanism, credentials, { signal, force: true });
  }
  if (reply.replyCode !== 235) throw refused('auth', reply);
  log.note(`Signed in with ${mechanism}.`);
}

function offeredMechanisms(ehlo: SmtpReply): string[] {
  return ehlo.lines.slice(1).flatMap((line) => {
    const [keyword, ...methods] = line
      .trim()
      .toUpperCase()
      .split(/[\s=]+/);
    return keyword === 'AUTH' ? methods : [];
  });
}

async function signIn(
  { say, hide }: Dialogue,
  mechanism: Mechanism,
  credentials: Exclude<Credentials, { kind: 'none' }>,
  wanted: { signal: AbortSignal; force: boolean },
): Promise<SmtpReply> {
  const shown = `AUTH ${mechanism}`;
  if (credentials.kind === 'token') {
    const token = await credentials.token(wanted);
    const response = xoauth2Response(credentials.user, token);
    hide(token, response);
    const reply = await say(`${shown} ${response}`, `${shown} ${dots}`);
    return reply.replyCode === 334 ? say('') : reply;
  }
  const { user, password } = credentials;
  hide(...formsOf(credentials));
  switch (mechanism) {
    case 'CRAM-MD5': {
      // RFC 2195
      const challenge = await say(shown);
      if (challenge.replyCode !== 334) return challenge;
      const digest = createHmac('md5', password)
        .update(Buffer.from(challenge.lines[0] ?? '', 'base64'))
        .digest('hex');
      return say(inBase64(`${user} ${digest}`), dots);
    }
    case 'LOGIN': {
      const asked = await say(shown);
      if (asked.replyCode !== 334) return asked;
      const again = await say(inBase64(user), dots);
      return again.replyCode === 334 ? say(inBase64(password), dots) : again;
    }
    default:
      return say(`${shown} ${inBase64(`\0${user}\0${password}`)}`, `${shown} ${dots}`);
  }
}

function inBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
