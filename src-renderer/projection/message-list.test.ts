import { describe, expect, it } from 'vitest';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { StoreChange } from '#shared/rpc/contract.ts';
import { applyChange, emptyList, type MessageList, onlyInSight, withPage } from './message-list.ts';
import { messageSummary } from './testing/summaries.ts';

/** A message of the given minute; later ones stand further up. */
function row(minute: number, changes: Partial<MessageSummary> = {}): MessageSummary {
  return messageSummary(`m${minute}`, {
    subject: `Message ${minute}`,
    from: { displayName: 'Bea', mailbox: 'bea@b.example' },
    date: new Date(Date.UTC(2025, 0, 1, 0, minute)).toISOString(),
    ...changes,
  });
}

function change(changes: Partial<StoreChange>): StoreChange {
  return { storeId: 's', fromRevision: 5, toRevision: 6, added: [], updated: [], removed: [], folders: [], ...changes };
}

const keysOf = (list: MessageList): (string | undefined)[] => list.rows.map((one) => one?.messageKey);
const inbox = emptyList({ kind: 'folder', folder: folder.inbox });
const loaded = withPage(inbox, 0, { rows: [row(5), row(3), row(1)], total: 3, unread: 3, revision: 5 });

describe('applyChange', () => {
  it('files a new message by its date', () => {
    const after = applyChange(loaded, change({ added: [row(4)] }));
    expect(keysOf(after.list)).toEqual(['m5', 'm4', 'm3', 'm1']);
    expect(after.isStale).toBe(false);
  });

  it('files many that come back at once as it files them one by one', () => {
    const some = withPage(inbox, 0, { rows: [row(90), row(50), row(10)], total: 5, unread: 3, revision: 5 });
    const added = [row(50, { messageKey: MessageKey.parse('twin') }), row(95), row(1), row(20), row(50.5), row(94)];
    const together = applyChange(some, change({ added }));
    const apart = added.reduce(
      ({ list, isStale }, one, at) => {
        const after = applyChange(list, change({ added: [one], toRevision: 6 + at }));
        return { list: after.list, isStale: isStale || after.isStale };
      },
      { list: some, isStale: false },
    );
    expect(keysOf(together.list)).toEqual([
      'm95',
      'm94',
      'm90',
      'm50.5',
      'twin',
      'm50',
      'm20',
      'm10',
      undefined,
      undefined,
    ]);
    expect(keysOf(together.list)).toEqual(keysOf(apart.list));
    // One belongs among those that are not here.
    expect([together.isStale, apart.isStale]).toEqual([true, true]);
  });

  it('changes nothing when the same change comes twice, or one the list knows already', () => {
    const once = applyChange(loaded, change({ added: [row(4)] }));
    expect(applyChange(once.list, change({ added: [row(4)] })).list.rows).toEqual(once.list.rows);
    const newer = withPage(inbox, 0, { rows: [row(5)], total: 1, unread: 1, revision: 9 });
    expect(
      applyChange(newer, change({ removed: [{ messageKey: row(5).messageKey, folder: folder.inbox }] })).list,
    ).toBe(newer);
  });

  it('follows a change of thousands as it follows a small one, and asks again after one that names no messages', () => {
    const rows = Array.from({ length: 3000 }, (_, at) => row(3000 - at));
    const long = withPage(inbox, 0, { rows, total: 3000, unread: 3000, revision: 5 });
    const removed = rows.slice(0, 1000).map(({ messageKey }) => ({ messageKey, folder: folder.inbox }));
    const updated = rows.slice(1000, 2000).map((one) => ({ ...one, subject: 'Changed' }));
    const counts = [{ folder: folder.inbox, total: 2001, unread: 2001 }];
    const after = applyChange(long, change({ removed, updated, added: [row(4000)], folders: counts }));
    expect(after.isStale).toBe(false);
    expect(keysOf(after.list)).toEqual(['m4000', ...rows.slice(1000).map(({ messageKey }) => messageKey)]);
    expect(after.list.rows.filter((one) => one?.subject === 'Changed')).toHaveLength(1000);
    const large = applyChange(long, change({ isLarge: true }));
    expect(large.isStale).toBe(true);
    const kept = onlyInSight(large.list, { from: 10, to: 20 }).rows;
    expect(kept).toHaveLength(3000);
    expect(kept.flatMap((one, at) => (one === undefined ? [] : [at]))).toEqual([
      10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ]);
  });

  it('leaves other folders aside', () => {
    const after = applyChange(loaded, change({ added: [row(9, { folder: folder.sent })] }));
    expect(keysOf(after.list)).toEqual(['m5', 'm3', 'm1']);
  });

  it('takes removed rows out and follows flags', () => {
    const after = applyChange(
      loaded,
      change({
        removed: [{ messageKey: row(5).messageKey, folder: folder.inbox }],
        updated: [row(3, { flags: ['seen'] })],
        folders: [{ folder: folder.inbox, total: 2, unread: 1 }],
      }),
    );
    expect(keysOf(after.list)).toEqual(['m3', 'm1']);
    expect(after.list.rows[0]?.flags).toEqual(['seen']);
    expect(after.list.unread).toBe(1);
    expect(after.isStale).toBe(false);
  });

  it('says when something changed among rows that are not here', () => {
    const sparse = withPage(inbox, 0, { rows: [row(99), row(98)], total: 50, unread: 0, revision: 5 });
    const gone = { messageKey: MessageKey.parse('unknown'), folder: folder.inbox };
    expect(applyChange(sparse, change({ removed: [gone] })).isStale).toBe(true);
    expect(applyChange(sparse, change({ added: [row(1)] })).isStale).toBe(true);
    expect(applyChange(sparse, change({ folders: [{ folder: folder.inbox, total: 60, unread: 0 }] })).isStale).toBe(
      true,
    );
  });

  it('asks a search again for what is new, and shows where a found message went', () => {
    const search = withPage(emptyList({ kind: 'search', query: 'x', folder: null }), 0, {
      rows: [row(5)],
      total: 1,
      unread: 0,
      revision: 5,
    });
    expect(applyChange(search, change({ added: [row(7)] })).isStale).toBe(true);
    const moved = row(5, { folder: FolderPath.parse('Projects') });
    expect(applyChange(search, change({ updated: [moved] })).list.rows).toEqual([moved]);
  });
});

describe('withPage', () => {
  it('puts pages where they belong and keeps the others', () => {
    const first = withPage(inbox, 0, { rows: [row(9), row(8)], total: 6, unread: 0, revision: 1 });
    const both = withPage(first, 4, { rows: [row(2), row(1)], total: 6, unread: 0, revision: 1 });
    expect(keysOf(both)).toEqual(['m9', 'm8', undefined, undefined, 'm2', 'm1']);
  });

  it('moves what stands behind a page when the list has grown', () => {
    const grown = withPage(loaded, 0, { rows: [row(6), row(5)], total: 4, unread: 0, revision: 7 });
    expect(keysOf(grown)).toEqual(['m6', 'm5', 'm3', 'm1']);
  });
});
