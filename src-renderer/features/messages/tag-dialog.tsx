import { Check, Minus, Plus } from 'lucide-react';
import { useState } from 'react';
import { Autocomplete, Input, ListBox, ListBoxItem, SearchField, useFilter } from 'react-aria-components';
import type { MessageKey } from '#shared/ids.ts';
import { TagName } from '#shared/mail/tag.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useMessages } from '../../projection/messages.ts';
import { colourOf, isSameTag, saveTags, setTag, toggleTag, useTags } from '../../projection/tags.ts';
import { Dialog, Icon, Kbd } from '../../ui/index.ts';
import { TagChip } from '../../ui/tag-chip.tsx';

/** Chooses a tag by typing a part of its name, or makes a new one of it. */
export function TagDialog({ keys, onClose }: { keys: readonly MessageKey[]; onClose: () => void }) {
  const api = useApi();
  const tags = useTags();
  const rows = useMessages((state) => state.list.rows);
  const { contains } = useFilter({ sensitivity: 'base' });
  const [typed, setTyped] = useState('');
  const wanted = new Set(keys);
  const here = rows.flatMap((row) => (row !== undefined && wanted.has(row.messageKey) ? [row.tags] : []));
  const names = [...new Set([...tags.map(({ name }) => name), ...here.flat()])];
  const fresh = TagName.safeParse(typed);
  const isNew = fresh.success && !names.some((name) => isSameTag(name, fresh.data));
  const items = [
    ...names.map((name, at) => ({ id: `tag ${name}`, name, at, isFresh: false })),
    ...(isNew ? [{ id: 'new', name: fresh.data, at: -1, isFresh: true }] : []),
  ];
  const choose = (id: string): void => {
    const item = items.find((one) => one.id === id);
    if (item === undefined) return;
    onClose();
    if (!item.isFresh) void toggleTag(api, keys, item.name);
    else {
      void saveTags(api, [...tags, { name: item.name, colour: colourOf(tags, item.name) }]);
      void setTag(api, keys, item.name, true);
    }
  };
  return (
    <Dialog title={t('messages.tagTitle', { count: keys.length })} isOpen onClose={onClose} size="small">
      <div className="move-list">
        <Autocomplete inputValue={typed} onInputChange={setTyped} filter={contains}>
          <SearchField aria-label={t('messages.tagFilter')} autoFocus>
            <Input className="ui-input" placeholder={t('messages.tagFilter')} maxLength={64} />
          </SearchField>
          <ListBox
            className="ui-menu move-folders"
            aria-label={t('messages.tags')}
            items={items}
            onAction={(key) => choose(String(key))}
            renderEmptyState={() => <p className="tag-none">{t('messages.tagNone')}</p>}
          >
            {(item) => (
              <ListBoxItem id={item.id} textValue={item.name} className="ui-menu-item">
                <TagMark isFresh={item.isFresh} all={here} name={item.name} />
                <span className="ui-menu-words">
                  {item.isFresh && `${t('messages.tagNew')} `}
                  <TagChip name={item.name} colour={colourOf(tags, item.name)} />
                </span>
                {item.at >= 0 && item.at < 9 && item.at < tags.length && <Kbd keys={String(item.at + 1)} />}
              </ListBoxItem>
            )}
          </ListBox>
        </Autocomplete>
      </div>
    </Dialog>
  );
}

/** Whether all of the messages have the tag, or some. */
function TagMark({ isFresh, all, name }: { isFresh: boolean; all: readonly (readonly string[])[]; name: string }) {
  const count = all.filter((tags) => tags.includes(name)).length;
  if (isFresh) return <Icon of={Plus} />;
  if (count === 0) return <span style={{ inlineSize: 16 }} />;
  const isAll = count === all.length;
  return (
    <span role="img" aria-label={t(isAll ? 'messages.tagOnAll' : 'messages.tagOnSome')} style={{ display: 'grid' }}>
      <Icon of={isAll ? Check : Minus} />
    </span>
  );
}
