import type { AttemptStage } from '#shared/mail/outbox.ts';
import { MailError, type MailErrorCode } from '#shared/mail-error.ts';
import type { Failure, Lacking } from './classify-reply.ts';
import type { SmtpReply } from './smtp-reply.ts';

/** A dialogue that ended at a stage: with a reply of the server, or without one. */
export class StageFailure extends Error {
  readonly stage: AttemptStage;
  readonly failure: Failure;

  constructor(stage: AttemptStage, failure: Failure) {
    super(failure.kind === 'reply' ? failure.reply.text : failure.text);
    this.name = 'StageFailure';
    this.stage = stage;
    this.failure = failure;
  }
}

export function noReply(stage: AttemptStage, code: MailErrorCode, text: string, lacks?: Lacking): StageFailure {
  return new StageFailure(stage, { kind: 'no-reply', code, text, ...(lacks === undefined ? {} : { lacks }) });
}

export function refused(stage: AttemptStage, reply: SmtpReply): StageFailure {
  return new StageFailure(stage, { kind: 'reply', reply });
}

export function asFailure(error: unknown): StageFailure {
  return error instanceof StageFailure
    ? error
    : noReply('connect', 'EINTERNAL', 'The attempt failed inside Postrider.');
}

/** The reason of an abort as a failure of the stage it struck. */
export function stopped(stage: AttemptStage, signal: AbortSignal): StageFailure {
  const reason: unknown = signal.reason;
  return noReply(stage, 'ECANCELLED', reason instanceof MailError ? reason.message : 'It was cancelled.');
}

/** What the system says of a socket, in the product's words. */
export function socketFailure(stage: AttemptStage, error: unknown, name: string): StageFailure {
  if (error instanceof StageFailure) return error;
  if (error instanceof MailError) return noReply(stage, error.code, error.message);
  const code = systemCode(error);
  const [mailCode, text] = wordsFor(code, name);
  return noReply(stage, mailCode, text);
}

function wordsFor(code: string, name: string): [MailErrorCode, string] {
  switch (code) {
    case 'ECONNREFUSED':
      return ['EREFUSED', `${name} refused the connection: nothing listens on that port.`];
    case 'ETIMEDOUT':
      return ['ETIMEOUT', `${name} did not answer in time.`];
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EADDRNOTAVAIL':
    case 'ENETDOWN':
    case 'EACCES':
    case 'EPERM':
      return ['EUNREACHABLE', `${name} cannot be reached from this network.`];
    case 'ENOTFOUND':
    case 'ENODATA':
      return ['EUNKNOWNHOST', `There is no server named ${name}.`];
    case 'EAI_AGAIN':
      return ['EUNKNOWNHOST', `The name ${name} could not be looked up; the network's name service does not answer.`];
    case 'EPIPE':
    case 'ECONNRESET':
    case 'ECONNABORTED':
      return ['ECLOSED', `${name} broke the connection.`];
    default:
      return ['ECLOSED', `The connection to ${name} was lost.`];
  }
}

/** The `code` of a system error, of the first of several; '' when it has none. */
export function systemCode(error: unknown): string {
  if (error instanceof AggregateError) return systemCode(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return '';
}
