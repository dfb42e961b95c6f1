import { Button as AriaButton } from 'react-aria-components';
import { t } from '../../i18n/index.ts';
import { useSearchQuery } from '../../projection/search-query.ts';

const hints = [
  { text: 'from:', words: 'search.hint.from' },
  { text: 'to:', words: 'search.hint.to' },
  { text: 'subject:', words: 'search.hint.subject' },
  { text: 'has:attachment ', words: 'search.hint.attachment' },
  { text: 'filename:', words: 'search.hint.filename' },
  { text: 'is:unread ', words: 'search.hint.unread' },
  { text: 'is:flagged ', words: 'search.hint.flagged' },
  { text: 'after:', words: 'search.hint.after' },
  { text: 'before:', words: 'search.hint.before' },
  { text: 'larger:', words: 'search.hint.larger' },
  { text: 'in:', words: 'search.hint.in' },
  { text: '-', words: 'search.hint.not' },
] as const;

/** What else can be asked for, shown below the empty search field; a choice is typed into it. */
export function SearchHints({ onChosen }: { onChosen: () => void }) {
  return (
    <div className="search-hints">
      <p id="search-hints-title">{t('search.hints')}</p>
      <ul aria-labelledby="search-hints-title">
        {hints.map(({ text, words }) => (
          <li key={text}>
            <AriaButton
              className="search-hint"
              onPress={() => {
                useSearchQuery.setState(({ query }) => ({ query: query + text }));
                onChosen();
              }}
            >
              <code>{text.trim()}</code>
              <span>{t(words)}</span>
            </AriaButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
