import { Plus, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { type Tag, tagColours } from '#shared/mail/tag.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { isSameTag, removeTag, renameTag, saveTags, useTags } from '../../projection/tags.ts';
import { Button, IconButton, Select, TextField } from '../../ui/index.ts';
import { TagChip } from '../../ui/tag-chip.tsx';
import './tag-settings.css';

/** The tags: their names, colours and order. */
export function TagSettings() {
  const api = useApi();
  const tags = useTags();
  const counts = useCounts(tags);
  const list = useRef<HTMLUListElement>(null);
  const isNamed = useRef(true);
  const add = (): void => {
    let number = tags.length + 1;
    const taken = (name: string): boolean => tags.some((tag) => isSameTag(tag.name, name));
    while (taken(t('settings.tag.add.name', { number }))) number += 1;
    const colour = tagColours[tags.length % tagColours.length] ?? 'grey';
    isNamed.current = false;
    void saveTags(api, [...tags, { name: t('settings.tag.add.name', { number }), colour }]);
  };
  // A new tag is named at once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the new one is in the list
  useEffect(() => {
    if (isNamed.current) return;
    isNamed.current = true;
    list.current?.querySelector<HTMLInputElement>('li:last-child input')?.select();
  }, [tags.length]);
  return (
    <div className="tag-settings">
      <p>{tags.length === 0 ? t('settings.tags.none') : t('settings.tags.text')}</p>
      <ul ref={list}>
        {tags.map((tag, at) => (
          <TagRow key={tag.name} tag={tag} at={at} count={counts.get(tag.name) ?? 0} />
        ))}
      </ul>
      <Button icon={Plus} onPress={add}>
        {t('settings.tag.add')}
      </Button>
    </div>
  );
}

function useCounts(tags: readonly Tag[]): ReadonlyMap<string, number> {
  const api = useApi();
  const [counts, setCounts] = useState<ReadonlyMap<string, number>>(new Map());
  // biome-ignore lint/correctness/useExhaustiveDependencies: a tag that was renamed or removed is counted anew
  useEffect(() => {
    let isWanted = true;
    api.call('tag.list', {}).then(
      (list) => isWanted && setCounts(new Map(list.map(({ tag, messages }) => [tag, messages]))),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [api, tags]);
  return counts;
}

function TagRow({ tag, at, count }: { tag: Tag; at: number; count: number }) {
  const api = useApi();
  const tags = useTags();
  const [name, setName] = useState(tag.name);
  const isTwice = tags.some((other, place) => place !== at && isSameTag(other.name, name.trim()));
  const error = name.trim() === '' ? t('settings.tag.missing') : isTwice ? t('settings.tag.twice') : null;
  const keep = (): void => {
    if (error === null && name.trim() !== tag.name) void renameTag(api, tag, name.trim());
  };
  return (
    <li
      onBlur={(event) => {
        if (event.target instanceof HTMLInputElement) keep();
      }}
      onKeyDownCapture={(event) => {
        if (event.key === 'Enter' && event.target instanceof HTMLInputElement) keep();
      }}
    >
      <TextField
        label={t('settings.tag.name', { number: at + 1 })}
        isLabelHidden
        value={name}
        onChange={setName}
        error={error}
        maxLength={64}
      />
      <Select
        label={t('settings.tag.colour', { tag: tag.name })}
        isLabelHidden
        options={tagColours.map((value) => ({ value, label: t(`settings.tag.colour.${value}`) }))}
        value={tag.colour}
        onChange={(colour) =>
          void saveTags(
            api,
            tags.map((one) => (one.name === tag.name ? { ...one, colour } : one)),
          )
        }
      />
      <TagChip name={tag.name} colour={tag.colour} />
      <span className="tag-count">{t('settings.tag.count', { count })}</span>
      <IconButton
        label={t('settings.tag.remove', { tag: tag.name })}
        icon={Trash2}
        onPress={() => void removeTag(api, tag)}
      />
    </li>
  );
}
