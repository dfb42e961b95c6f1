import type { OutboxRecipient, OutboxRecord } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import type { TakenBack } from '../services.ts';
import type { Entry } from './outbox-entries.ts';
import { type PassRooms, runPass } from './outbox-pass.ts';

/**
 * Takes a message that no pass is working on out of the outbox, as a draft that `fileDraft` has made durable: until then
 * nothing changes. What some recipients have already goes to Sent, and the draft is for the others. Throws EUNCERTAIN
 * when somebody may have it.
 */
export async function takeBack<T>(
  rooms: PassRooms,
  entry: Entry,
  fileDraft: (taken: TakenBack) => Promise<T>,
): Promise<T> {
  const { record } = entry;
  if (record.state === 'sent' || record.recipients.some(mayHaveIt)) {
    throw new MailError('EUNCERTAIN', 'It is too late to take this message back: a server has it, or may have it.');
  }
  const taken = describe(record);
  const filed = await fileDraft(taken);
  // The draft first: whatever happens in between, the message is in one of the two.
  if (taken.accepted.length === 0) await rooms.entries.remove(entry);
  else {
    const recipients = record.recipients.map(
      (recipient): OutboxRecipient => (recipient.state === 'accepted' ? recipient : { ...recipient, state: 'dropped' }),
    );
    await rooms.entries.save(entry, { ...record, recipients });
    await runPass(rooms, entry, { ignoreMemory: false, signal: new AbortController().signal });
  }
  return filed;
}

function mayHaveIt({ state }: OutboxRecipient): boolean {
  return state === 'uncertain' || state === 'dot-pending';
}

function describe(record: OutboxRecord): TakenBack {
  const accepted = record.recipients.filter(({ state }) => state === 'accepted').map(({ mailbox }) => mailbox);
  const { messageKey, identityId, source, serverIds, sendAt, isComposed } = record;
  return {
    messageKey,
    identityId,
    isComposed: isComposed === true,
    accepted,
    ...(source === undefined ? {} : { source }),
    send: { ...(serverIds === undefined ? {} : { serverIds }), ...(sendAt === undefined ? {} : { sendAt }) },
  };
}
