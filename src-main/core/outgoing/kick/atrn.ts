import { domainToASCII } from 'node:url';
import type { Kick } from '#shared/mail/outgoing-server.ts';
import { MailError } from '#shared/mail-error.ts';
import type { SmtpReply } from '../smtp-reply.ts';
import { noReply } from '../stage-failure.ts';
import { effectiveTimeouts } from '../timeouts.ts';
import { type Asked, askServer, type KickContext } from './ask-server.ts';
import { refusedCommand } from './etrn.ts';
import { done, type KickEnd, refusal } from './kick-end.ts';
import { type HandedMail, type Reception, receiveMail } from './receive-mail.ts';

/** What is larger goes back to its sender with the reason. */
const mostOctets = 150 * 1024 * 1024;

/** RFC 5321 §4.5.3.2.7: a receiver waits this long for the next command. */
const commandMs = 5 * 60_000;

/**
 * RFC 2645, on-demand mail relay: signed in, we ask for the mail of our domains; then the roles turn around on the same
 * connection and the provider hands it over. What has come is filed whatever happens afterwards. Throws as `askServer`.
 */
export async function giveAtrn(
  kick: Extract<Kick, { kind: 'atrn' }>,
  context: KickContext,
  file: (mail: HandedMail) => Promise<void>,
): Promise<KickEnd> {
  const { label } = context.server;
  const credentials = await context.credentials();
  if (credentials.kind === 'none') {
    // RFC 2645 §5.1: the mail of a domain is given only to who proved to be its owner.
    throw noReply('auth', 'EAUTH_SETUP', `ATRN needs a sign-in. Enter the user name and password for ${label}.`);
  }
  const reception: Reception = { received: 0, declined: 0 };
  let broken: MailError | undefined;
  const turnAround = async (reply: SmtpReply, asked: Asked): Promise<void> => {
    if (reply.replyCode !== 250) return;
    asked.turn();
    try {
      await receive(kick, context, asked, file, reception);
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      broken = error;
      // RFC 5321 §3.8: who gives up as a receiver says so.
      asked.dialogue.wire.write('421 4.4.2 closing\r\n');
    }
  };
  const domains = kick.domains.map((domain) => domainToASCII(domain) || domain).join(',');
  const reply = await askServer(context, kick.endpoint, domains === '' ? 'ATRN' : `ATRN ${domains}`, turnAround);
  return endOf(reply, label, reception, broken);
}

function receive(
  { domains }: Extract<Kick, { kind: 'atrn' }>,
  { server, report }: KickContext,
  { dialogue, ehloName, log }: Asked,
  file: (mail: HandedMail) => Promise<void>,
  reception: Reception,
): Promise<void> {
  report('receiving');
  return receiveMail(
    dialogue.wire,
    {
      hostName: ehloName,
      domains,
      mostOctets,
      commandMs: server.timeouts?.commandMs ?? commandMs,
      dataMs: effectiveTimeouts(server.timeouts, false).dataMs,
      log,
      async file(mail) {
        await file(mail);
        report('receiving', reception.received + 1);
      },
    },
    reception,
  );
}

function endOf(reply: SmtpReply, label: string, reception: Reception, broken: MailError | undefined): KickEnd {
  switch (reply.replyCode) {
    case 250:
      return receptionEnd(label, reception, broken);
    case 450:
      return refusal('EREJECTED', `${label} does not hand over mail for these domains. Check them.`, reply);
    case 451:
      return refusal('ETRANSIENT', `${label} cannot hand over mail now; it stays there.`, reply);
    case 453:
      return done(`${label} has no mail waiting.`);
    default:
      return refusedCommand(reply, label, 'ATRN');
  }
}

function receptionEnd(label: string, { received, declined, fault }: Reception, broken: MailError | undefined): KickEnd {
  const got = received === 0 ? 'no message' : received === 1 ? '1 message' : `${received} messages`;
  const trouble = fault ?? broken;
  if (trouble !== undefined) {
    const words =
      fault === undefined
        ? 'then the connection broke. What is missing stays at the server and comes the next time.'
        : `another could not be filed here and stays at the server: ${fault.message}`;
    return { ok: false, text: `${label} handed over ${got}; ${words}`, received, error: trouble.toData() };
  }
  const refused = declined === 0 ? '' : ` ${declined} too large to be taken went back.`;
  return done(
    received === 0 ? `${label} handed over nothing.${refused}` : `${label} handed over ${got}.${refused}`,
    received,
  );
}
