import { randomUUID } from 'node:crypto';
import { domainOf } from '#shared/mail/address.ts';
import type { Identity } from '#shared/mail/identity.ts';
import type { Kick, OutgoingServer } from '#shared/mail/outgoing-server.ts';
import { MailError } from '#shared/mail-error.ts';
import type { BuiltMessage, OutboxService } from '../../services.ts';
import type { Store } from '../../store/store-api.ts';
import { envelopeAddress } from '../envelope-address.ts';
import { acceptsSender } from '../plan-route.ts';
import type { KickContext } from './ask-server.ts';
import { done, type KickEnd } from './kick-end.ts';

const subject = 'Wake-up';

export interface WakeUpRooms {
  readonly identities: readonly Identity[];
  readonly outbox: Pick<OutboxService, 'enqueue' | 'flush' | 'item'>;
  /** The user wants nothing to be sent now: it waits like everything else. */
  readonly isPaused: boolean;
  readonly store: Pick<Store, 'activeOutbox'>;
}

/**
 * Puts a short message into the outbox that may leave by this server only, and makes one pass over it. It never piles up:
 * while one still waits, no other is written; and nothing that is sent starts another kick.
 */
export async function sendWakeUp(
  { to }: Extract<Kick, { kind: 'wake-up-mail' }>,
  { server, now, signal, report }: Pick<KickContext, 'server' | 'now' | 'signal' | 'report'>,
  { identities, isPaused, outbox, store }: WakeUpRooms,
): Promise<KickEnd> {
  const waiting = (await store.activeOutbox()).some(
    ({ serverIds, recipients, subject: own, state }) =>
      state !== 'failed' &&
      own === subject &&
      serverIds?.length === 1 &&
      serverIds[0] === server.id &&
      recipients.some(({ mailbox }) => mailbox === to),
  );
  if (waiting)
    return done(`The last wake-up mail to ${to} is still in the Outbox; it goes as soon as ${server.label} takes it.`);
  const identity = identities.find((candidate) => maySend(candidate, server));
  if (identity === undefined) {
    throw new MailError('EINVALID', `No identity may send through ${server.label}, so no wake-up mail can go there.`);
  }
  report('sending');
  const { outboxId } = await outbox.enqueue(buildWakeUp(identity.address, to, now()), {
    identityId: identity.id,
    serverIds: [server.id],
    undoMs: 0,
    waitForFlush: !isPaused,
  });
  if (isPaused) return done(`A wake-up mail to ${to} waits in the Outbox: sending is paused.`);
  await outbox.flush({ now: false, outboxIds: [outboxId], signal });
  const { state, explanation } = await outbox.item(outboxId);
  if (state === 'sent') return done(`A wake-up mail to ${to} went out through ${server.label}.`);
  const text = `The wake-up mail to ${to} is in the Outbox and has not been sent yet. ${explanation}`;
  return { ok: false, text, received: 0, error: { code: 'ENOBODY_TAKES_IT', message: text } };
}

/** A message of its own must not go where the identity's route never would. */
function maySend({ address, route }: Identity, server: OutgoingServer): boolean {
  if (address.startsWith('*@') || !acceptsSender(server, address)) return false;
  switch (route.kind) {
    case 'only':
      return route.serverId === server.id;
    case 'prefer':
      return route.serverIds.includes(server.id);
    case 'any':
      // Direct delivery only for who asks for it by name.
      return server.kind === 'relay';
  }
}

function buildWakeUp(from: string, to: string, now: number): BuiltMessage {
  const domain = domainOf(envelopeAddress(from));
  const messageId = `<${randomUUID()}@${domain}>`;
  const lines = [
    `From: ${envelopeAddress(from)}`,
    `To: ${envelopeAddress(to)}`,
    `Subject: ${subject}`,
    `Message-ID: ${messageId}`,
    `Date: ${new Date(now).toUTCString().replace('GMT', '+0000')}`,
    // RFC 3834: nobody is to answer this by itself.
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'Postrider sends this message by itself, to start what is set up at this address.',
    '',
  ];
  return {
    bytes: Uint8Array.from(Buffer.from(lines.join('\r\n'), 'utf8')),
    messageId,
    subject,
    reversePath: from,
    from,
    forwardPaths: [to],
  };
}
