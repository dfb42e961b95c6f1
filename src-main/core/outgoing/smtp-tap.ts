import type { AttemptLog } from './attempt-log.ts';
import { createRedaction } from './redaction.ts';
import { parseReply, type SmtpReply } from './smtp-reply.ts';

/** A command the library sent and the reply that belongs to it (replies come in the order of the commands, RFC 2920). */
export interface Exchange {
  readonly command: string;
  reply: SmtpReply | undefined;
}

/**
 * Listens to the library's transaction log: which commands went out, which replies came. That gives the phase, the reply
 * for each recipient and the transcript, which the library's own callbacks do not tell.
 */
export interface SmtpTap {
  /** Forget the exchanges so far; what follows belongs to `log`. */
  begin(log: AttemptLog): void;
  readonly exchanges: readonly Exchange[];
  /** The next reply is one we made up: it is no part of the dialogue. */
  ignoreNextReply(): void;
  /** What `debug`, `info`, `warn`, `error` of the library's logger are bound to. */
  hear(entry: unknown, message: unknown): void;
  /** Not to stand in what the server says, should it repeat it. */
  hide(...secrets: readonly string[]): void;
  /** What the server said without what is not to stand in it. */
  readonly clean: (text: string) => string;
}

const dots = '••••••••';

export function createTap(): SmtpTap {
  let log: AttemptLog | undefined;
  let exchanges: Exchange[] = [];
  let isSigningIn = false;
  let isIgnoring = false;
  const redaction = createRedaction();

  function heardClient(line: string): void {
    const verb = line.split(' ', 1)[0]?.toUpperCase() ?? '';
    // Once AUTH has begun every line is part of it, until a reply ends it: none of them is kept.
    if (verb === 'AUTH') isSigningIn = true;
    const command = isSigningIn ? (verb === 'AUTH' ? authLine(line) : dots) : line;
    log?.client(command);
    exchanges.push({ command, reply: undefined });
  }

  function heardServer(said: string): void {
    if (isIgnoring) {
      isIgnoring = false;
      return;
    }
    const raw = redaction.clean(said);
    log?.server(raw);
    const reply = parseReply(raw);
    if (reply === null) return;
    if (isSigningIn && reply.replyCode !== 334) isSigningIn = false;
    const open = exchanges.find((exchange) => exchange.reply === undefined);
    if (open !== undefined) open.reply = reply;
  }

  return {
    begin(next) {
      log = next;
      exchanges = [];
    },
    ignoreNextReply() {
      isIgnoring = true;
    },
    hide: redaction.hide,
    clean: redaction.clean,
    get exchanges() {
      return exchanges;
    },
    hear(entry, message) {
      if (typeof message !== 'string' || typeof entry !== 'object' || entry === null || !('tnx' in entry)) return;
      if (entry.tnx === 'client') heardClient(message);
      else if (entry.tnx === 'server') heardServer(message);
    },
  };
}

/** `AUTH PLAIN xyz`: the mechanism may be seen, what follows it may not. */
function authLine(line: string): string {
  const [verb, mechanism, ...secret] = line.split(' ');
  return [verb, mechanism, ...(secret.length > 0 ? [dots] : [])].join(' ');
}
