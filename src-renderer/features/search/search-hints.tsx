import type { KeyboardEvent, Ref } from 'react';
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

export const hintsTitleId = 'search-hints-title';

/** Goes to the first hint, or from the one that has the focus to one beside it; answers whether there is one. */
export function focusHint(panel: HTMLElement | null, by: 1 | -1): boolean {
  const all = [...(panel?.querySelectorAll('button') ?? [])];
  const to = all[all.findIndex((hint) => hint.matches(':focus')) + by];
  to?.focus();
  return to !== undefined;
}

/**
 * What else can be asked for, shown below the empty search field; a choice is typed into it. The arrows go there, Tab goes
 * past it.
 */
export function SearchHints({ ref, onBack }: { ref: Ref<HTMLDivElement>; onBack: () => void }) {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp' && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') onBack();
    else if (!focusHint(event.currentTarget, event.key === 'ArrowDown' ? 1 : -1) && event.key === 'ArrowUp') onBack();
  };
  return (
    <div className="search-hints" ref={ref} onKeyDownCapture={onKeyDown}>
      <p id={hintsTitleId}>{t('search.hints')}</p>
      <ul aria-labelledby={hintsTitleId}>
        {hints.map(({ text, words }) => (
          <li key={text}>
            <AriaButton
              className="search-hint"
              excludeFromTabOrder
              onPress={() => {
                useSearchQuery.setState(({ query }) => ({ query: query + text }));
                onBack();
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
