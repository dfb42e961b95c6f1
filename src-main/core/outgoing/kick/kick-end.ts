import type { MailErrorCode, MailErrorData } from '#shared/mail-error.ts';
import type { SmtpReply } from '../smtp-reply.ts';

/** What a kick came to, without its transcript. */
export interface KickEnd {
  readonly ok: boolean;
  readonly text: string;
  readonly received: number;
  readonly error?: MailErrorData;
}

export function done(text: string, received = 0): KickEnd {
  return { ok: true, text, received };
}

/** The server said no: its words stand beside ours. */
export function refusal(code: MailErrorCode, text: string, reply: SmtpReply): KickEnd {
  return {
    ok: false,
    text: `${text} (It said: ${reply.text})`,
    received: 0,
    error: {
      code,
      message: text,
      replyCode: reply.replyCode,
      ...(reply.enhancedStatusCode === undefined ? {} : { enhancedStatusCode: reply.enhancedStatusCode }),
      server: reply.text,
    },
  };
}
