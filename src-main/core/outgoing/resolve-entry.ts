import type { ServerId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { OutboxItem, OutboxRecipient, OutboxRecord } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Entry } from './outbox-entries.ts';
import { toItem } from './outbox-item.ts';
import { type PassRooms, runPass } from './outbox-pass.ts';

/** What a person says about a message that waits for their word. Throws EINVALID when there is nothing to decide. */
export async function resolveEntry(
  rooms: PassRooms,
  entry: Entry,
  resolution: 'arrived' | 'resend' | 'discard',
): Promise<OutboxItem> {
  switch (resolution) {
    case 'arrived':
      return settleWith(rooms, entry, (recipient) => (recipient.state === 'uncertain' ? 'accepted' : recipient.state));
    case 'resend':
      return resend(rooms, entry);
    case 'discard':
      return discard(rooms, entry);
  }
}

async function settleWith(
  rooms: PassRooms,
  entry: Entry,
  stateOf: (recipient: OutboxRecipient) => OutboxRecipient['state'],
): Promise<OutboxItem> {
  const recipients = entry.record.recipients.map((recipient) => ({ ...recipient, state: stateOf(recipient) }));
  const isChanged = recipients.some(({ state }, index) => state !== entry.record.recipients[index]?.state);
  if (!isChanged) throw new MailError('EINVALID', 'There is nothing to decide about this message.');
  const { outboxId } = entry.record;
  await rooms.entries.save(entry, { ...entry.record, recipients });
  const isSettled = recipients.every(({ state }) => state !== 'pending' && state !== 'dot-pending');
  if (isSettled) await runPass(rooms, entry, { ignoreMemory: false, signal: new AbortController().signal });
  return rooms.entries.itemById(outboxId);
}

/** The same bytes with the same Message-ID, to those it is open for. */
async function resend(rooms: PassRooms, entry: Entry): Promise<OutboxItem> {
  const isFailed = entry.record.state === 'failed';
  const recipients = entry.record.recipients.map((recipient): OutboxRecipient => {
    const isOpen = recipient.state === 'uncertain' || (isFailed && recipient.state === 'refused');
    return isOpen ? { mailbox: recipient.mailbox, state: 'pending' } : recipient;
  });
  if (!recipients.some(({ state }) => state === 'pending')) {
    throw new MailError('EINVALID', 'There is nothing to send again.');
  }
  await rooms.entries.save(entry, queuedAnew({ ...entry.record, recipients }));
  return rooms.entries.item(entry);
}

/** Due now; what was given up begins its five days again. */
function queuedAnew(record: OutboxRecord): OutboxRecord {
  const { heldFor: _heldFor, dueAt: _dueAt, wakesOn: _wakesOn, waitingSince, ...rest } = record;
  const again = { ...rest, state: 'queued', explanation: 'Waiting to be sent.' } as const;
  if (record.state === 'failed') return { ...again, deferrals: 0, delayNoticeSent: false };
  return waitingSince === undefined ? again : { ...again, waitingSince };
}

/** Sends what is open, what was refused included, by these servers from now on; none: by the route. */
export async function rerouteEntry(
  rooms: PassRooms,
  entry: Entry,
  serverIds: readonly ServerId[],
): Promise<OutboxItem> {
  const { record } = entry;
  const { servers } = rooms.settings.current();
  if (serverIds.some((id) => !servers.some((server) => server.id === id)))
    throw new MailError('EINVALID', 'That outgoing server was removed. Choose another one; the message stays here.');
  if (record.recipients.some(({ state }) => state === 'uncertain' || state === 'dot-pending'))
    throw new MailError('EUNCERTAIN', 'A server may have this message already. Say first whether it arrived.');
  const isFailed = record.state === 'failed';
  const recipients = record.recipients.map(
    (recipient): OutboxRecipient =>
      isFailed && recipient.state === 'refused' ? { mailbox: recipient.mailbox, state: 'pending' } : recipient,
  );
  if (!recipients.some(({ state }) => state === 'pending'))
    throw new MailError('EINVALID', 'There is nothing left to send of this message.');
  const { serverIds: _before, ...rest } = queuedAnew({ ...record, recipients });
  await rooms.entries.save(entry, serverIds.length === 0 ? rest : { ...rest, serverIds: [...serverIds] });
  return rooms.entries.item(entry);
}

/** No more is sent. The message goes to Trash, or to Sent where somebody has it already. */
async function discard(rooms: PassRooms, entry: Entry): Promise<OutboxItem> {
  const hasAccepted = entry.record.recipients.some(({ state }) => state === 'accepted');
  if (hasAccepted) {
    const isOpen = ({ state }: OutboxRecipient): boolean => state === 'pending' || state === 'uncertain';
    return settleWith(rooms, entry, (recipient) => (isOpen(recipient) ? 'dropped' : recipient.state));
  }
  const { attempts } = await rooms.entries.item(entry);
  // The record first: after a crash in between the file is a stray that becomes a draft, not a message that goes out.
  await rooms.entries.remove(entry);
  const explanation = await rooms.store.move([entry.record.messageKey], folder.trash).then(
    () => 'Discarded. The message is in Trash.',
    (error: unknown) => {
      if (error instanceof MailError && error.code === 'ENOTFOUND') return 'Discarded. Its file was gone already.';
      rooms.log.error('A discarded message could not be moved to Trash.', error);
      return 'Discarded: it is not sent. Its file could not be moved to Trash and is still in the Outbox folder.';
    },
  );
  const { heldFor: _heldFor, dueAt: _dueAt, ...rest } = entry.record;
  return toItem({ ...rest, state: 'failed', explanation }, attempts);
}
