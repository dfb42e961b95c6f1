import { MessageKey } from '#shared/ids.ts';
import type { Engine } from './engine-doors.ts';
import { storedRow } from './index-read.ts';
import { changeTags } from './ledger.ts';
import { integer, text } from './sql.ts';
import type { EngineMethods } from './store-protocol.ts';

/** So many messages get another tag in one go. */
const portion = 500;

/** Tags as a whole: which there are, and one of them changed wherever it is. */
export function tagMethods({ parts, changes }: Engine): Pick<EngineMethods, 'tags' | 'replaceTag'> {
  const { ledger, index, group } = parts;
  return {
    tags: async () =>
      ledger
        .all('SELECT tag, count(*) AS messages FROM tags GROUP BY tag ORDER BY tag')
        .map((row) => ({ tag: text(row, 'tag'), messages: integer(row, 'messages') })),
    async replaceTag(tag, to) {
      const carriers = ledger
        .all('SELECT message_key FROM tags WHERE tag = ?', tag)
        .map((row) => MessageKey.parse(row.message_key));
      const add = to === null ? [] : [to];
      const listed = carriers.filter((key) => storedRow(index, key) !== null);
      const listedKeys = new Set(listed);
      // In portions: a message about to be sent must not wait until a hundred thousand are done.
      for (let at = 0; at < listed.length; at += portion)
        await changes.setTags(listed.slice(at, at + portion), add, [tag]);
      // Of messages that are not here just now (a folder that went away) the ledger alone knows.
      const others = carriers.filter((key) => !listedKeys.has(key));
      for (let at = 0; at < others.length; at += portion)
        await group.commit((sql) => {
          for (const key of others.slice(at, at + portion)) changeTags(sql, key, add, [tag]);
        });
      return carriers;
    },
  };
}
