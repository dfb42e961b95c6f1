import { Search, X } from 'lucide-react';
import { type KeyboardEvent, useRef } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { FolderPath } from '#shared/ids.ts';
import { t } from '../../i18n/index.ts';
import { folderLabel } from '../../projection/folder-names.ts';
import { clearSearch, useSearchQuery } from '../../projection/search-query.ts';
import { Icon, IconButton, Kbd } from '../../ui/index.ts';
import { focusHint, hintsTitleId, SearchHints } from './search-hints.tsx';
import './search-box.css';

/** Where one searches; results appear in the list as one types. */
export function SearchBox({ folder, onLeave }: { folder: FolderPath; onLeave: () => void }) {
  const { query, isEverywhere } = useSearchQuery();
  const field = useRef<HTMLInputElement>(null);
  const hints = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      // One step back: first the words, then the field.
      event.preventDefault();
      event.stopPropagation();
      if (query === '') onLeave();
      else clearSearch();
    } else if (event.key === 'ArrowDown' && query === '' && focusHint(hints.current, 1)) {
      event.preventDefault();
    } else if (event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault();
      // Asked once more, so that another screen makes way for the results.
      useSearchQuery.setState({ query });
      onLeave();
    }
  };
  return (
    <search className="search" data-filled={query === '' ? undefined : ''}>
      <Icon of={Search} />
      <input
        ref={field}
        type="search"
        aria-label={t('search.label')}
        placeholder={t('search.placeholder')}
        value={query}
        onChange={(event) => useSearchQuery.setState({ query: event.target.value })}
        onKeyDown={onKeyDown}
        data-search-field=""
        autoComplete="off"
        spellCheck={false}
        aria-describedby={query === '' ? hintsTitleId : undefined}
      />
      {query === '' ? (
        <>
          <Kbd keys="/" />
          <SearchHints ref={hints} onBack={() => field.current?.focus()} />
        </>
      ) : (
        <>
          <AriaButton
            className="search-scope"
            aria-label={t('search.scope')}
            onPress={() => useSearchQuery.setState({ isEverywhere: !isEverywhere })}
          >
            {isEverywhere ? t('search.everywhere') : t('search.thisFolder', { folder: folderLabel(folder) })}
          </AriaButton>
          <IconButton label={t('search.clear')} icon={X} size="small" onPress={clearSearch} />
        </>
      )}
    </search>
  );
}
