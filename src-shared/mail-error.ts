import { z } from 'zod';

/** Every way an operation may fail that a person is told about. The renderer holds one text per code. */
export const MailErrorCode = z.enum([
  'EINTERNAL',
  'EINVALID',
  'ENOTFOUND',
  'ECANCELLED',
  // reaching a server
  'EUNKNOWNHOST',
  'EREFUSED',
  'ETIMEOUT',
  'EUNREACHABLE',
  'EOFFLINE',
  'ECLOSED',
  'EPROTOCOL',
  // transport security
  'ETLS',
  'ECERT_EXPIRED',
  'ECERT_SELFSIGNED',
  'ECERT_HOST',
  'ECERT_UNTRUSTED',
  'ECERT_CHANGED',
  'ENOSTARTTLS',
  // something else than the server seen before answered in its place
  'EINTERCEPTED',
  // signing in
  'EAUTH',
  'EAUTH_TEMPORARY',
  'EAUTH_SETUP',
  'ENEEDS_PASSWORD',
  'EIN_USE',
  'ELOGIN_DELAY',
  // SYS/PERM: the mailbox itself is broken at the provider's
  'EMAILBOX',
  // what a server said
  'EREJECTED',
  'ETRANSIENT',
  'EUNCERTAIN',
  'ENOBODY_TAKES_IT',
  // this machine
  'EDISKFULL',
  'EIO',
  'EPERMISSION',
  'ELOCKED',
  'EVERSION',
  'ESETTINGS',
  'EMAILFOLDER',
  'EMALFORMED',
  'ETOOLARGE',
]);
export type MailErrorCode = z.infer<typeof MailErrorCode>;

/** An error as it crosses the boundary: data only, never a stack, a password or a path. */
export const MailErrorData = z.object({
  code: MailErrorCode,
  message: z.string(),
  /** The protocol verb that failed, for example `RETR`. */
  command: z.string().optional(),
  replyCode: z.number().int().optional(),
  enhancedStatusCode: z.string().optional(),
  /** The server's own words, or `host:port` when there were none. */
  server: z.string().optional(),
});
export type MailErrorData = z.infer<typeof MailErrorData>;

/** The one error class that means something to a person: `message` says what happened and what to do, in a sentence. */
export class MailError extends Error {
  readonly code: MailErrorCode;
  readonly command: string | undefined;
  readonly replyCode: number | undefined;
  readonly enhancedStatusCode: string | undefined;
  readonly server: string | undefined;

  constructor(
    code: MailErrorCode,
    message: string,
    details: Omit<MailErrorData, 'code' | 'message'> & { cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'MailError';
    this.code = code;
    this.command = details.command;
    this.replyCode = details.replyCode;
    this.enhancedStatusCode = details.enhancedStatusCode;
    this.server = details.server;
  }

  toData(): MailErrorData {
    return MailErrorData.parse({
      code: this.code,
      message: this.message,
      command: this.command,
      replyCode: this.replyCode,
      enhancedStatusCode: this.enhancedStatusCode,
      server: this.server,
    });
  }

  static fromData(data: MailErrorData): MailError {
    const { code, message, ...details } = data;
    return new MailError(code, message, details);
  }
}

/** Turns anything thrown into data that may cross the boundary; what is not a `MailError` becomes `EINTERNAL` without its words. */
export function toErrorData(error: unknown): MailErrorData {
  if (error instanceof MailError) return error.toData();
  return {
    code: 'EINTERNAL',
    message: 'Something went wrong inside Postrider. The log has the details; no mail was changed.',
  };
}
