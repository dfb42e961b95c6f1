import type { AttemptOutcome, AttemptStage, DeliveryMemoryEntry, SmtpExtension } from '#shared/mail/outbox.ts';
import type { MailErrorCode } from '#shared/mail-error.ts';
import type { SmtpReply } from './smtp-reply.ts';

/** How a stage ended other than well: a server's reply, or none. */
export type Failure =
  | { readonly kind: 'reply'; readonly reply: SmtpReply }
  | {
      readonly kind: 'no-reply';
      readonly code: MailErrorCode;
      readonly text: string;
      /** What the server does not offer, where that is the reason. */
      readonly lacks?: Lacking;
    };

/** The most octets a server says it takes, or an extension it does not have. */
export type Lacking = { readonly limitOctets: number } | { readonly extension: SmtpExtension };

/** What is to be done about it. */
export type NextStep =
  | 'next-endpoint'
  | 'next-server'
  | 'fail-recipient'
  | 'hold-content'
  | 'hold-uncertain'
  | 'stop-cancelled';

export type Remember = Extract<
  DeliveryMemoryEntry['kind'],
  | 'cool-down'
  | 'refused-sender'
  | 'refused-recipient-domain'
  | 'refused-relaying'
  | 'refused-size'
  | 'lacks-extension'
  | 'blocked'
  | 'auth-failed'
>;

export interface Verdict {
  readonly outcome: AttemptOutcome;
  readonly next: NextStep;
  readonly remember: Remember | null;
  /** One plain clause of what it means, without the full stop. */
  readonly meaning: string;
}

const about = {
  relaying: /relay(?:ing)?\b|not (?:permitted|allowed|authori[sz]ed) to (?:relay|send)|domain isn.t in my list/i,
  sender:
    /sender (?:address |domain )?(?:is )?(?:not|refused|rejected|denied|unknown|verif)|\bsend ?as\b|not (?:owned|allowed) (?:by|to use)|not authori[sz]ed to (?:use|send)|from address .{0,40}(?:not|reject|denied)/i,
  clientHost:
    /client host|block ?list|black ?list|\b(?:dns|r)bl\b|spamhaus|barracuda|sorbs|your (?:ip|host|network)\b|(?:ip|ip address|host) .{0,60}(?:is|has been|was) (?:blocked|listed|banned)|dynamic ip|residential/i,
  size: /\btoo (?:large|big)\b|\bsize\b.*\b(?:limit|exceed|maximum)|exceeds? .{0,40}\b(?:size|limit|maximum)|\bmessage size\b/i,
  authentication: /auth(?:entication|orization|orisation)? (?:is )?required|must authenticate|log ?in first|STARTTLS/i,
} as const;

/** RFC 3463 §3.2, §3.3: the address or the mailbox of this recipient is the trouble. 5.1.7 and 5.1.8 are about the sender. */
const recipientStatus = /^[45]\.(?:1\.(?:0|1|2|3|4|6|9|10)|2\.\d+)$/;
const senderStatus = /^[45]\.(?:1\.[78]|7\.(?:60|26|27|23|25)|2\.252)$/;

/**
 * The reply table: what an ended stage means for the message and what is tried next. Stage and reply code decide, the
 * enhanced status code and the words refine. `isDotSent` says whether the last body octets may have left.
 */
export function classifyFailure(stage: AttemptStage, failure: Failure, isDotSent: boolean): Verdict {
  if (failure.kind === 'no-reply') return classifySilence(stage, failure, isDotSent);
  const { reply } = failure;
  // RFC 5321 §3.8: 421 may answer anything; the server is going away.
  if (reply.replyCode === 421) return goingAway;
  switch (stage) {
    case 'resolve':
    case 'connect':
    case 'greeting':
    case 'ehlo':
      return about.clientHost.test(reply.text) && reply.replyCode >= 500 ? blocked : greetingRefused;
    case 'tls':
      return unsafe;
    case 'auth':
      return classifyAuth(reply);
    case 'mail':
      return classifyMail(reply);
    case 'rcpt':
      return classifyRecipient(reply);
    case 'data':
      return classifyData(reply);
    case 'final-dot':
      return classifyFinalDot(reply);
    default:
      return transientAtServer;
  }
}

const goingAway: Verdict = {
  outcome: 'transient',
  next: 'next-endpoint',
  remember: 'cool-down',
  meaning: 'the server is closing its connections for now',
};
const greetingRefused: Verdict = {
  outcome: 'unreachable',
  next: 'next-endpoint',
  remember: 'cool-down',
  meaning: 'the server does not take mail right now',
};
const blocked: Verdict = {
  outcome: 'permanent',
  next: 'next-server',
  remember: 'blocked',
  meaning: 'the server refuses mail from the network you are on',
};
const unsafe: Verdict = {
  outcome: 'unsafe',
  next: 'next-server',
  remember: 'cool-down',
  meaning: 'the connection could not be made secure as set up, so nothing was sent there',
};
const transientAtServer: Verdict = {
  outcome: 'transient',
  next: 'next-server',
  remember: 'cool-down',
  meaning: 'the server cannot take it at the moment',
};
const transientForMessage: Verdict = { ...transientAtServer, remember: null };
const tooLarge: Verdict = {
  outcome: 'permanent',
  next: 'next-server',
  remember: 'refused-size',
  meaning: 'the message is larger than this server takes',
};
const senderRefused: Verdict = {
  outcome: 'permanent',
  next: 'next-server',
  remember: 'refused-sender',
  meaning: 'the server does not send mail for this address',
};
const relayingRefused: Verdict = {
  outcome: 'permanent',
  next: 'next-server',
  remember: 'refused-relaying',
  meaning: 'the server passes no mail on to other domains from the network you are on',
};
const setUpWrong: Verdict = {
  outcome: 'permanent',
  next: 'next-server',
  remember: 'auth-failed',
  meaning: 'the server asks for another way of signing in; check its security and sign-in settings',
};

/** After the last octets. */
const whatWasWrong: Partial<Record<MailErrorCode, string>> = {
  EPROTOCOL: 'the server had the whole message and answered with neither a yes nor a no',
  ETIMEOUT: 'the server had the whole message and did not answer',
};

function classifySilence(stage: AttemptStage, failure: Extract<Failure, { kind: 'no-reply' }>, dot: boolean): Verdict {
  if (dot) {
    return {
      outcome: 'uncertain',
      next: 'hold-uncertain',
      remember: null,
      meaning: `${whatWasWrong[failure.code] ?? 'the connection was lost after the whole message had gone'}, so it may or may not have arrived`,
    };
  }
  switch (failure.code) {
    case 'ECANCELLED':
      return { outcome: 'cancelled', next: 'stop-cancelled', remember: null, meaning: 'it was stopped here' };
    case 'ETOOLARGE':
      return tooLarge;
    case 'EAUTH':
      return { ...setUpWrong, meaning: 'the sign-in was not accepted; check the user name and the password' };
    case 'EAUTH_SETUP':
    case 'ENEEDS_PASSWORD':
      return { ...setUpWrong, meaning: lowerFirst(failure.text) };
    case 'EAUTH_TEMPORARY':
      return { ...transientAtServer, meaning: 'the sign-in did not work just now' };
    case 'EREJECTED':
      return {
        outcome: 'permanent',
        next: 'next-server',
        remember: failure.lacks === undefined ? null : 'lacks-extension',
        meaning: lowerFirst(failure.text),
      };
    case 'EIO':
    case 'EDISKFULL':
      // Our own disk, not the server: stop before the dot, and blame nobody.
      return { outcome: 'cancelled', next: 'stop-cancelled', remember: null, meaning: lowerFirst(failure.text) };
    case 'EINTERCEPTED':
      // What is remembered of it is remembered where it was noticed: the plan leaves it out on this network.
      return {
        outcome: 'unsafe',
        next: 'next-endpoint',
        remember: null,
        meaning: 'something else answers in the server’s place on this network, so nothing was sent there',
      };
    case 'ENOSTARTTLS':
    case 'ETLS':
    case 'ECERT_EXPIRED':
    case 'ECERT_SELFSIGNED':
    case 'ECERT_HOST':
    case 'ECERT_UNTRUSTED':
    case 'ECERT_CHANGED':
      return { ...unsafe, meaning: lowerFirst(failure.text) };
    default:
      return {
        outcome: 'unreachable',
        next: 'next-endpoint',
        remember: 'cool-down',
        meaning:
          failure.code === 'EPROTOCOL'
            ? 'what answers there does not answer as a mail server does'
            : isConnecting(stage)
              ? 'the server could not be reached'
              : 'the connection broke before the message had gone',
      };
  }
}

function classifyAuth(reply: SmtpReply): Verdict {
  const status = reply.enhancedStatusCode;
  // 530 authentication required, 534 mechanism too weak, 538 encryption required (RFC 4954 §6); 504 unknown mechanism.
  if ([530, 534, 538, 504, 503, 502, 500, 501].includes(reply.replyCode)) return setUpWrong;
  if (reply.replyCode < 500 || status === '4.7.0') {
    return { ...transientAtServer, meaning: 'the server cannot check the sign-in at the moment' };
  }
  return {
    outcome: 'permanent',
    next: 'next-server',
    remember: 'auth-failed',
    meaning: 'the server did not accept the user name or password; they are not tried again until you change them',
  };
}

function classifyMail(reply: SmtpReply): Verdict {
  if (isAboutSize(reply, [552])) return tooLarge;
  if (reply.replyCode < 500) return transientAtServer;
  if (reply.replyCode === 530 || reply.replyCode === 538) return setUpWrong;
  if (about.clientHost.test(reply.text)) return blocked;
  return senderRefused;
}

function classifyRecipient(reply: SmtpReply): Verdict {
  if (reply.replyCode < 500) {
    return { ...transientForMessage, meaning: 'the server cannot take mail for this recipient at the moment' };
  }
  const status = reply.enhancedStatusCode;
  if (status !== undefined && recipientStatus.test(status)) return recipientRefused;
  if (status?.endsWith('.3.4')) return tooLarge;
  if (reply.replyCode === 530 || reply.replyCode === 538) return setUpWrong;
  if (about.clientHost.test(reply.text)) return blocked;
  if (status !== undefined && senderStatus.test(status)) return senderRefused;
  // Who may have mail passed on is decided by where one is and whether one signed in, not by who it is for.
  if (about.relaying.test(reply.text) || about.authentication.test(reply.text)) return relayingRefused;
  if (about.sender.test(reply.text)) return senderRefused;
  if (status === '5.7.1') {
    return {
      outcome: 'permanent',
      next: 'next-server',
      remember: 'refused-recipient-domain',
      meaning: 'the server does not pass mail on from this address to that domain',
    };
  }
  return {
    ...recipientRefused,
    meaning: 'the server refused this recipient; another outgoing server may take it',
  };
}

const recipientRefused: Verdict = {
  outcome: 'permanent',
  next: 'fail-recipient',
  remember: null,
  meaning: 'this recipient does not exist there or takes no mail',
};

/** The reply to the DATA command itself: no content was seen yet. */
function classifyData(reply: SmtpReply): Verdict {
  if (isAboutSize(reply, [552])) return tooLarge;
  if (reply.replyCode < 500) return transientForMessage;
  if (about.clientHost.test(reply.text)) return blocked;
  return { ...senderRefused, meaning: 'the server refused to take the message' };
}

function classifyFinalDot(reply: SmtpReply): Verdict {
  if (reply.replyCode < 500) return { ...transientForMessage, meaning: 'the server gave the message back for now' };
  if (isAboutSize(reply, [])) return tooLarge;
  if (about.clientHost.test(reply.text)) return blocked;
  const status = reply.enhancedStatusCode;
  if ((status !== undefined && senderStatus.test(status)) || about.relaying.test(reply.text) || isAboutSender(reply)) {
    return senderRefused;
  }
  return {
    outcome: 'permanent',
    next: 'hold-content',
    remember: null,
    meaning: 'the server read the message and refused what is in it',
  };
}

/** RFC 1870 §6: 552 says the message is too large, unless its status says whose mailbox is full or what it contains. */
function isAboutSize(reply: SmtpReply, codes: readonly number[]): boolean {
  const status = reply.enhancedStatusCode;
  if (status?.endsWith('.3.4')) return true;
  if (reply.replyCode < 500) return false;
  if (codes.includes(reply.replyCode)) return status?.endsWith('.2.2') !== true;
  return (reply.replyCode === 552 || status === undefined) && status !== '5.7.0' && about.size.test(reply.text);
}

function isAboutSender(reply: SmtpReply): boolean {
  return about.sender.test(reply.text) || about.authentication.test(reply.text);
}

function isConnecting(stage: AttemptStage): boolean {
  return stage === 'resolve' || stage === 'connect' || stage === 'greeting' || stage === 'tls';
}

function lowerFirst(text: string): string {
  const plain = text.replace(/\.$/, '');
  return /^[A-Z][a-z]/.test(plain) ? plain.charAt(0).toLowerCase() + plain.slice(1) : plain;
}
