import { Bookmark, Pencil, Trash2 } from 'lucide-react';
import { type MouseEvent, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { SavedSearch } from '#shared/mail/settings.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { searchFor, useSearchQuery } from '../../projection/search-query.ts';
import { useSavedSearches } from '../../projection/settings-parts.ts';
import { ContextMenu, Icon, menuPlace, offerUndo } from '../../ui/index.ts';
import { NameSearch } from './save-search.tsx';
import { withoutSearch } from './saved-searches.ts';
import './saved-search-list.css';

type Act =
  | { kind: 'menu'; search: SavedSearch; at: { x: number; y: number } }
  | { kind: 'rename'; search: SavedSearch };

/** The saved searches, below the folders: each finds what is there at the moment. */
export function SavedSearchList() {
  const api = useApi();
  const saved = useSavedSearches();
  const query = useSearchQuery((state) => state.query.trim());
  const [act, setAct] = useState<Act | null>(null);
  if (saved.length === 0) return null;

  function showMenu(event: MouseEvent<HTMLElement>, search: SavedSearch): void {
    event.preventDefault();
    setAct({ kind: 'menu', search, at: menuPlace(event) });
  }

  async function remove({ name }: SavedSearch): Promise<void> {
    await api.call('settings.setPreferences', { savedSearches: withoutSearch(saved, name) });
    offerUndo(
      t('search.savedUndone', { name }),
      () => void api.call('settings.setPreferences', { savedSearches: [...saved] }),
    );
  }

  return (
    <section className="saved-searches" aria-labelledby="saved-searches-title">
      <h2 id="saved-searches-title" className="folders-heading">
        {t('search.saved')}
      </h2>
      <ul>
        {saved.map((search) => (
          <li key={search.name} onContextMenu={(event) => showMenu(event, search)}>
            <AriaButton
              className="folders-row saved-search"
              aria-current={query === search.query ? 'true' : undefined}
              onPress={() => searchFor(search.query)}
            >
              <Icon of={Bookmark} />
              <span className="folders-name" dir="auto" title={search.query}>
                {search.name}
              </span>
            </AriaButton>
          </li>
        ))}
      </ul>
      <ContextMenu
        label={act?.kind === 'menu' ? t('search.savedActions', { name: act.search.name }) : ''}
        at={act?.kind === 'menu' ? act.at : null}
        entries={
          act?.kind !== 'menu'
            ? []
            : [
                {
                  id: 'rename',
                  label: t('search.savedRename'),
                  icon: Pencil,
                  onAction: () => setAct({ kind: 'rename', search: act.search }),
                },
                {
                  id: 'remove',
                  label: t('search.savedRemove'),
                  icon: Trash2,
                  onAction: () => void remove(act.search),
                },
              ]
        }
        onClose={() => setAct((now) => (now?.kind === 'menu' ? null : now))}
      />
      {act?.kind === 'rename' && (
        <NameSearch
          query={act.search.query}
          first={act.search.name}
          instead={act.search.name}
          onClose={() => setAct(null)}
        />
      )}
    </section>
  );
}
