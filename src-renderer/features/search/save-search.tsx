import { BookmarkPlus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useSearchQuery } from '../../projection/search-query.ts';
import { useSavedSearches } from '../../projection/settings-parts.ts';
import { Button, Dialog, ErrorPanel, IconButton, TextField } from '../../ui/index.ts';
import { withSearch } from './saved-searches.ts';
import './save-search.css';

/** Keeps the search that is shown under a name of its own. */
export function SaveSearch() {
  const query = useSearchQuery((state) => state.query.trim());
  const [isOpen, setOpen] = useState(false);
  if (query === '') return null;
  return (
    <>
      <IconButton label={t('search.save')} icon={BookmarkPlus} size="small" onPress={() => setOpen(true)} />
      {isOpen && <NameSearch query={query} first={query.slice(0, 100)} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Asks for the name of a search; `instead` is the one that is renamed. */
export function NameSearch(props: { query: string; first: string; instead?: string; onClose: () => void }) {
  const api = useApi();
  const saved = useSavedSearches();
  const [name, setName] = useState(props.first);
  const [error, setError] = useState<unknown>(null);
  const isTaken = name.trim() !== props.instead && saved.some((one) => one.name === name.trim());

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (name.trim() === '') return;
    try {
      const savedSearches = withSearch(saved, { name: name.trim(), query: props.query }, props.instead);
      await api.call('settings.setPreferences', { savedSearches });
      props.onClose();
    } catch (failure) {
      setError(failure);
    }
  }

  return (
    <Dialog
      title={t(props.instead === undefined ? 'search.save' : 'search.savedRename')}
      isOpen
      onClose={props.onClose}
      size="small"
    >
      <form onSubmit={(event) => void save(event)} className="save-search">
        <TextField
          label={t('search.saveName')}
          description={isTaken ? t('search.saveTaken') : t('search.saveHint')}
          value={name}
          onChange={setName}
          autoFocus
        />
        <code>{props.query}</code>
        {error !== null && <ErrorPanel error={error} />}
        <div className="save-search-acts">
          <Button onPress={props.onClose}>{t('ui.cancel')}</Button>
          <Button variant="primary" type="submit" isDisabled={name.trim() === ''}>
            {t('search.saveDone')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
