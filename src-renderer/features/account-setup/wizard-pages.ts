import type { Answers } from './answers.ts';

/** One question a page. */
export type Page = 'you' | 'incoming' | 'outgoing' | 'test' | 'summary';

/** The pages this set-up goes through, in order. */
export function pagesFor({ purpose }: Pick<Answers, 'purpose'>): Page[] {
  const all: Page[] = ['you', 'incoming', 'outgoing', 'test', 'summary'];
  return all.filter(
    (page) => !(page === 'incoming' && purpose === 'send-only') && !(page === 'outgoing' && purpose === 'receive-only'),
  );
}

export function pageAfter(page: Page, answers: Answers): Page {
  const pages = pagesFor(answers);
  return pages[pages.indexOf(page) + 1] ?? page;
}

export function pageBefore(page: Page, answers: Answers): Page | null {
  const pages = pagesFor(answers);
  return pages[pages.indexOf(page) - 1] ?? null;
}
