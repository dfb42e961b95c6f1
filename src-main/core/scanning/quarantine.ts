import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { formatAddress } from '#shared/mail/address.ts';
import { folder as mailFolder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { QuarantinedMessage, QuarantineRecord } from '#shared/mail/quarantine.ts';
import { MailError } from '#shared/mail-error.ts';
import type { HandlersOf, Rooms } from '../services.ts';

export type QuarantineMethods = `quarantine.${'list' | 'release' | 'delete' | 'check'}`;

interface Held {
  readonly row: MessageSummary;
  readonly record: QuarantineRecord | null;
}

/** What a person does with messages in Quarantine. */
export function quarantineHandlers(
  rooms: Pick<Rooms, 'clock' | 'store' | 'settings'> & {
    readonly onFiled: () => void;
    readonly wake: () => void;
    readonly tell: () => Promise<void>;
  },
): HandlersOf<QuarantineMethods> {
  const { store, clock } = rooms;

  /** Throws EINVALID when one of them is not held; passes over what is gone. */
  async function heldOf(messageKeys: readonly MessageKey[]): Promise<Held[]> {
    const held: Held[] = [];
    for (const messageKey of new Set(messageKeys)) {
      const [row, record] = await Promise.all([store.summary(messageKey), store.quarantineRecord(messageKey)]);
      if (row === null) continue;
      if (row.folder !== mailFolder.quarantine && (record === null || record.releasedAt !== null))
        throw new MailError('EINVALID', `“${row.subject}” is not in Quarantine. Nothing was changed.`);
      held.push({ row, record });
    }
    if (held.length === 0) throw new MailError('ENOTFOUND', 'This message is not in Quarantine any more.');
    return held;
  }

  async function release(held: readonly Held[]): Promise<{ messageKey: MessageKey; folder: FolderPath }[]> {
    const now = clock.now();
    const released = held.map(({ row, record }) => {
      const isThere = row.folder === mailFolder.quarantine;
      return { messageKey: row.messageKey, folder: isThere ? (record?.folder ?? mailFolder.inbox) : row.folder };
    });
    const byFolder = Map.groupBy(
      released.filter((_, at) => held[at]?.row.folder === mailFolder.quarantine),
      ({ folder }) => folder,
    );
    // Killed in between, it lies where it belongs and is still held: released again, it is whole.
    for (const [to, ones] of byFolder)
      await store.move(
        ones.map(({ messageKey }) => messageKey),
        to,
      );
    const records = held.flatMap(({ record }) => (record === null ? [] : [record]));
    await store.settleQuarantine({
      put: records.map((record) => ({ ...record, releasedAt: now, releasedBy: 'user' })),
      forget: [],
      // What was rejected is let through to be looked at, not to be sent on by a rule.
      arrivals: records
        .filter(({ state }) => state !== 'rejected')
        .map(({ messageKey, folder, filedAt }) => ({ messageKey, folder, filedAt })),
    });
    rooms.onFiled();
    return released;
  }

  return {
    'quarantine.list': async () => {
      const records = new Map((await store.quarantineRecords()).map((record) => [record.messageKey, record]));
      const there = (await store.listFolders()).some(({ folder }) => folder === mailFolder.quarantine);
      const keys = new Set([...(there ? await store.listKeys(mailFolder.quarantine) : []), ...records.keys()]);
      const rows = await Promise.all([...keys].map((messageKey) => store.summary(messageKey)));
      return rows.flatMap((row) => (row === null ? [] : [toListed(row, records.get(row.messageKey))]));
    },
    'quarantine.release': async ({ messageKeys }) => {
      const released = await release(await heldOf(messageKeys));
      await rooms.tell();
      return { released };
    },
    'quarantine.delete': async ({ messageKeys }) => {
      await store.destroy((await heldOf(messageKeys)).map(({ row }) => row.messageKey));
      await rooms.tell();
      return {};
    },
    'quarantine.check': async ({ messageKeys }) => {
      if (!rooms.settings.current().scanner.isEnabled)
        throw new MailError('EINVALID', 'No scanner is switched on. Set one up in the settings first.');
      const now = clock.now();
      const nothingYet = { folder: mailFolder.inbox, filedAt: now, tries: 0 };
      const put = (await heldOf(messageKeys)).map(
        ({ row, record }): QuarantineRecord => ({
          ...(record ?? nothingYet),
          messageKey: row.messageKey,
          state: 'waiting',
          words: '',
          judgedAt: null,
          retryAt: null,
          releasedAt: null,
          releasedBy: null,
        }),
      );
      await store.settleQuarantine({ put, forget: [], arrivals: [] });
      rooms.wake();
      return {};
    },
  };
}

function toListed(row: MessageSummary, record: QuarantineRecord | undefined): QuarantinedMessage {
  const judgedAt = record?.judgedAt ?? null;
  return {
    messageKey: row.messageKey,
    state: record?.state ?? 'unknown',
    words: record?.words ?? '',
    judgedAt: judgedAt === null ? null : new Date(judgedAt).toISOString(),
    folder: record?.folder ?? mailFolder.inbox,
    subject: row.subject,
    from: formatAddress(row.from),
    date: row.date,
    sizeOctets: row.sizeOctets,
  };
}
