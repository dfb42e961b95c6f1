import type { PointerEvent } from 'react';

/** For words that may be cut at the end: under the pointer they are told whole, and only then. */
export const titleWhenCut = {
  onPointerEnter({ currentTarget }: PointerEvent<HTMLElement>): void {
    tell(currentTarget, isCut(currentTarget), currentTarget.textContent);
  },
};

/** The same for a row, whose words stand in `wordsIn` and may not be shown at all. */
export function rowTitleWhenCut(wordsIn: string, words: string): typeof titleWhenCut {
  return {
    onPointerEnter({ currentTarget }) {
      const shown = currentTarget.querySelector(wordsIn);
      tell(currentTarget, shown === null || shown.clientWidth === 0 || isCut(shown), words);
    },
  };
}

function isCut(element: Element): boolean {
  return element.scrollWidth > element.clientWidth;
}

function tell(element: HTMLElement, isWanted: boolean, words: string): void {
  if (isWanted) element.title = words;
  else element.removeAttribute('title');
}
