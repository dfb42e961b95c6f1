import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** How far below the top of the page a section begins to be the one that is read. */
const readFromPx = 120;

/**
 * Which of the sections is in view, and `goTo`, which brings one there. The last ones may never come to the top: of
 * those the one gone to counts, until the page is scrolled.
 */
export function useSectionInView(
  sections: RefObject<HTMLElement | null>,
  shown: string,
): { current: string | null; goTo: (id: string) => void } {
  const [current, setCurrent] = useState<string | null>(null);
  const goneTo = useRef<{ id: string; top: number } | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: other sections are looked at anew
  useEffect(() => {
    const scroller = sections.current?.closest<HTMLElement>('[data-focus-home]') ?? null;
    if (scroller === null) return;
    let frame = 0;
    const look = (): void => {
      frame = 0;
      if (goneTo.current?.top !== scroller.scrollTop) goneTo.current = null;
      setCurrent(goneTo.current?.id ?? sectionAtTop(scroller, sections.current));
    };
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    look();
    scroller.addEventListener('scroll', soon, { passive: true });
    return () => {
      scroller.removeEventListener('scroll', soon);
      cancelAnimationFrame(frame);
    };
  }, [sections, shown]);

  const goTo = useCallback((id: string): void => {
    const target = document.getElementById(id);
    if (target === null) return;
    target.scrollIntoView({ block: 'start' });
    goneTo.current = { id, top: target.closest('[data-focus-home]')?.scrollTop ?? 0 };
    setCurrent(id);
    target
      .querySelector<HTMLElement>('button:enabled, input:enabled, textarea:enabled, [tabindex]')
      ?.focus({ preventScroll: true });
  }, []);
  return { current, goTo };
}

/** The last section that begins above; at the end of the page the last of all. */
function sectionAtTop(scroller: HTMLElement, within: HTMLElement | null): string | null {
  const all = [...(within?.querySelectorAll<HTMLElement>(':scope > [id]') ?? [])];
  const isAtEnd = scroller.scrollTop > 0 && scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;
  if (isAtEnd) return all.at(-1)?.id ?? null;
  const from = scroller.getBoundingClientRect().top + readFromPx;
  return (all.findLast((one) => one.getBoundingClientRect().top <= from) ?? all[0])?.id ?? null;
}
