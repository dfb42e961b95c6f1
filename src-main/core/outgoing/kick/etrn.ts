import { domainToASCII } from 'node:url';
import type { Kick } from '#shared/mail/outgoing-server.ts';
import type { SmtpReply } from '../smtp-reply.ts';
import { askServer, type KickContext } from './ask-server.ts';
import { done, type KickEnd, refusal } from './kick-end.ts';

/**
 * RFC 1985: the server is asked to deliver now what waits there for a host or domain, to where its MX points; nothing
 * comes over this connection. Throws as `askServer`.
 */
export async function giveEtrn(kick: Extract<Kick, { kind: 'etrn' }>, context: KickContext): Promise<KickEnd> {
  const reply = await askServer(context, kick.endpoint, `ETRN ${inAscii(kick.host)}`);
  return readEtrnReply(reply, context.server.label, kick.host);
}

/** RFC 1985 §5.3. */
function readEtrnReply(reply: SmtpReply, label: string, host: string): KickEnd {
  switch (reply.replyCode) {
    case 251:
      return done(`${label} has no mail waiting for ${host}.`);
    case 252:
    case 253: {
      const count = reply.replyCode === 253 ? /^253[ -](?:\d\.\d\.\d+ )?.*?\b(\d+)\b/.exec(reply.text)?.[1] : undefined;
      const what = count === undefined ? 'the mail' : count === '1' ? 'the 1 message' : `the ${count} messages`;
      return done(`${label} delivers ${what} waiting for ${host} now.`);
    }
    case 458:
      return refusal('ETRANSIENT', `${label} cannot deliver the mail for ${host} now; it stays there.`, reply);
    case 459:
      return refusal(
        'EREJECTED',
        `${label} does not deliver mail for ${host} on demand. Ask the provider to allow it.`,
        reply,
      );
    default:
      if (reply.replyCode >= 200 && reply.replyCode < 300) {
        return done(`${label} begins to deliver what waits for ${host}.`);
      }
      return refusedCommand(reply, label, 'ETRN');
  }
}

/** What both commands have in common. */
export function refusedCommand(reply: SmtpReply, label: string, verb: 'ETRN' | 'ATRN'): KickEnd {
  if (reply.replyCode === 530 || reply.replyCode === 538) {
    return refusal('EAUTH_SETUP', `${label} wants to be signed in to for ${verb}. Check its sign-in settings.`, reply);
  }
  if (reply.replyCode < 500) {
    return refusal('ETRANSIENT', `${label} cannot do ${verb} now; mail that waits there stays there.`, reply);
  }
  if (reply.replyCode === 500 || reply.replyCode === 502) {
    return refusal(
      'EREJECTED',
      `${label} does not know ${verb}. Ask the provider whether it is offered, and on which port.`,
      reply,
    );
  }
  return refusal('EREJECTED', `${label} refused ${verb}; mail that waits there stays there.`, reply);
}

function inAscii(host: string): string {
  // `@domain` (with its subdomains) and `#queue` have their mark in front.
  const mark = /^[@#]/.exec(host)?.[0] ?? '';
  const name = host.slice(mark.length);
  return mark + (domainToASCII(name) || name);
}
