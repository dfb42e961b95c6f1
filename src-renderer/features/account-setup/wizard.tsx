import { useEffect, useRef } from 'react';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { IncomingPage } from './incoming-page.tsx';
import { OutgoingPage } from './outgoing-page.tsx';
import { SummaryPage } from './summary-page.tsx';
import { TestPage } from './test-page.tsx';
import { type Page, pageBefore, pagesFor } from './wizard-pages.ts';
import { beginWith, goTo, useWizard } from './wizard-state.ts';
import { YouPage } from './you-page.tsx';
import './wizard.css';

/** Sets up mail, one question a page. Used on the first run and for every account after it. */
export function SetupWizard() {
  const page = useWizard((state) => state.page);
  const answers = useWizard((state) => state.answers);
  const leave = useNavigation((state) => state.back);
  const from = useNavigation(({ view }) => (view.kind === 'account-setup' ? view.from : undefined));
  useEffect(() => {
    if (from !== undefined) beginWith(from);
  }, [from]);
  const room = useRef<HTMLElement>(null);
  // Each page begins at its top, and a page without a field to type in gives its heading to the screen reader.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the page turns
  useEffect(() => {
    room.current?.scrollTo({ top: 0 });
    if (room.current?.contains(document.activeElement) !== true)
      room.current?.querySelector<HTMLElement>('h1')?.focus();
  }, [page]);
  return (
    <section
      ref={room}
      className="wizard"
      aria-label={t('account-setup.title')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.stopPropagation();
        const before = pageBefore(page, answers);
        if (before === null) leave();
        else goTo(before);
      }}
    >
      <Steps pages={pagesFor(answers)} current={page} />
      <div className="wizard-page" key={page}>
        <CurrentPage page={page} />
      </div>
    </section>
  );
}

function CurrentPage({ page }: { page: Page }) {
  switch (page) {
    case 'you':
      return <YouPage />;
    case 'incoming':
      return <IncomingPage />;
    case 'outgoing':
      return <OutgoingPage />;
    case 'test':
      return <TestPage />;
    case 'summary':
      return <SummaryPage />;
  }
}

function Steps({ pages, current }: { pages: readonly Page[]; current: Page }) {
  const at = pages.indexOf(current);
  return (
    <ol className="wizard-steps" aria-label={t('account-setup.steps')}>
      {pages.map((page, index) => (
        <li
          key={page}
          aria-current={page === current ? 'step' : undefined}
          data-state={index < at ? 'done' : index === at ? 'now' : 'ahead'}
        >
          <span>{t(`account-setup.page.${page}`)}</span>
        </li>
      ))}
    </ol>
  );
}
