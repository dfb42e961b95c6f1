import { t } from '../../i18n/index.ts';
import { searchFor } from '../../projection/search-query.ts';
import { colourOf, inUsersOrder, queryOfTag, useTags } from '../../projection/tags.ts';
import { TagChip } from '../../ui/tag-chip.tsx';

/** The tags of the message in view; a press shows all that carry one. */
export function TagStrip({ names }: { names: readonly string[] }) {
  const tags = useTags();
  if (names.length === 0) return null;
  return (
    <ul className="tag-strip" aria-label={t('messages.tags')}>
      {inUsersOrder(tags, names).map((name) => (
        <li key={name}>
          <TagChip
            name={name}
            colour={colourOf(tags, name)}
            label={t('messages.showTag', { tag: name })}
            onPress={() => showAll(name)}
          />
        </li>
      ))}
    </ul>
  );
}

/** The message makes way for the list, and the keyboard goes there. */
function showAll(tag: string): void {
  searchFor(queryOfTag(tag));
  const list = document.querySelector('[data-message-list]');
  if (list instanceof HTMLElement) list.focus();
}
