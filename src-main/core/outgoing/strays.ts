import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { readHeaderFields } from '../message/header-fields.ts';
import { readMessageIds } from '../message/header-values.ts';
import type { Rooms } from '../services.ts';

/** What became of files in Outbox that no record stands behind. */
export interface Strays {
  /** Subjects of those that are drafts now. */
  readonly drafts: string[];
  /** Those whose message is queued or sent already, by another file. */
  readonly doubles: number;
}

/**
 * Puts right what a crash left between the file of a message and its record: a message of which nobody was told that it is
 * queued becomes a draft, and one that was queued again since goes to Trash. Nothing is sent by it, nothing is lost.
 */
export async function putStraysAway(
  { store, log }: Pick<Rooms, 'store' | 'log'>,
  messageKeys: readonly MessageKey[],
): Promise<Strays> {
  const drafts: string[] = [];
  let doubles = 0;
  for (const messageKey of messageKeys) {
    const row = await store.summary(messageKey);
    if (row?.folder !== folder.outbox) continue;
    const where = await placeFor(store, messageKey);
    if (where === null) continue;
    await store.move([messageKey], where);
    log.info('A file in Outbox that was not queued was put away.', { messageKey, folder: where });
    if (where === folder.trash) doubles += 1;
    if (where !== folder.drafts) continue;
    await store.setFlags([messageKey], ['draft', 'seen'], []);
    drafts.push(row.subject);
  }
  return { drafts, doubles };
}

/** Null: it is where it belongs. */
async function placeFor(store: Rooms['store'], messageKey: MessageKey): Promise<FolderPath | null> {
  const record = await store.outboxOfMessage(messageKey);
  if (record !== null) return record.state === 'sent' ? folder.sent : null;
  const bytes = await store.read(messageKey);
  const { fields } = readHeaderFields(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  const [messageId] = readMessageIds(fields, 'message-id');
  const isKnown = messageId !== undefined && (await store.knowsMessageId(messageId));
  return isKnown ? folder.trash : folder.drafts;
}

/** What the user is told of it; null when there is nothing to tell. */
export function straysInWords({ drafts, doubles }: Strays): string | null {
  const [first] = drafts;
  if (drafts.length === 1) {
    const which = first === undefined || first === '' ? 'A message' : `“${first}”`;
    return `${which} lay in the Outbox without being queued, because Postrider was stopped in the middle of it. It was not sent. It is in Drafts: send it from there if it is to go.`;
  }
  if (drafts.length > 1)
    return `${drafts.length} messages lay in the Outbox without being queued, because Postrider was stopped in the middle of it. They were not sent. They are in Drafts: send from there what is to go.`;
  if (doubles === 0) return null;
  return doubles === 1
    ? 'A second copy of a message that is queued or sent lay in the Outbox. It is in Trash now; nothing is sent twice.'
    : `Second copies of ${doubles} messages that are queued or sent lay in the Outbox. They are in Trash now; nothing is sent twice.`;
}
