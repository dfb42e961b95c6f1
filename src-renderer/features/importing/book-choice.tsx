import type { SourceBook } from '#shared/mail/mail-source.ts';
import { t } from '../../i18n/index.ts';
import { Checkbox } from '../../ui/index.ts';
import { choose, useImport } from './import-state.ts';

/** The address books that lie there, with a tick for each. */
export function BookChoice({ books }: { books: readonly SourceBook[] }) {
  const chosen = useImport((state) => state.choice.books);
  const set = (id: string, isChosen: boolean): void => {
    const ids = new Set(chosen);
    if (isChosen) ids.add(id);
    else ids.delete(id);
    choose({ books: ids });
  };
  return (
    <div className="importing-folders">
      <fieldset className="importing-group">
        <legend className="ui-visually-hidden">{t('importing.what.books')}</legend>
        <div className="importing-all" aria-hidden="true">
          {t('importing.what.books')}
        </div>
        {books.map(({ id, name, addresses, isSuggested }) => (
          <div key={id} className="importing-row importing-book">
            <Checkbox
              isSelected={chosen.has(id)}
              isDisabled={addresses === null}
              onChange={(isChosen) => set(id, isChosen)}
              className="importing-row-name"
            >
              <bdi>{name}</bdi>
              {addresses !== null && !isSuggested && (
                <span className="importing-to"> {t('importing.what.collected')}</span>
              )}
            </Checkbox>
            <span className="importing-count">
              {addresses === null ? t('importing.what.unread') : t('importing.what.addresses', { count: addresses })}
            </span>
          </div>
        ))}
      </fieldset>
      <p className="importing-muted">{t('importing.what.books.text')}</p>
    </div>
  );
}
