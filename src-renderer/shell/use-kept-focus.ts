import { useEffect } from 'react';

/** The place the keyboard had, from the inside out, with what stood beside it on each level. */
interface Place {
  readonly element: HTMLElement;
  readonly levels: readonly Level[];
}

interface Level {
  readonly node: Element;
  readonly next: Element | null;
  readonly previous: Element | null;
}

const home = '[data-focus-home], [data-message-list]';
const tabbable = [
  'button:not(:disabled)',
  'input:not(:disabled)',
  'textarea:not(:disabled)',
  'a[href]',
  'summary',
  '[tabindex="0"]:not([role="separator"])',
  '[contenteditable="true"]',
].join(', ');

/**
 * The keyboard never falls out of the window: when what had the focus goes away or is switched off, what stood nearest to
 * it gets the focus, or the screen that took its place.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let place: Place | null = null;
    let frame = 0;
    const remember = (event: FocusEvent): void => {
      if (event.target instanceof HTMLElement && event.target !== document.body) place = placeOf(event.target);
    };
    const look = (): void => {
      if (place === null || !isNowhere() || frame !== 0) return;
      // Dialogs and menus give the focus back themselves, a frame after they are gone.
      frame = requestAnimationFrame(() => {
        frame = requestAnimationFrame(() => {
          frame = 0;
          if (place !== null && isNowhere() && isLost(place.element)) focusNear(place);
        });
      });
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['disabled'] });
    document.addEventListener('focusin', remember);
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', remember);
      cancelAnimationFrame(frame);
    };
  }, []);
}

function placeOf(element: HTMLElement): Place {
  const levels: Level[] = [];
  for (let node: Element | null = element; node !== null && node !== document.body; node = node.parentElement)
    levels.push({ node, next: node.nextElementSibling, previous: node.previousElementSibling });
  return { element, levels };
}

function isNowhere(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** Gone or switched off; what is still there was left on purpose. */
function isLost(element: HTMLElement): boolean {
  return !element.isConnected || element.matches(':disabled');
}

function focusNear({ element, levels }: Place): void {
  // One list or screen in place of another; what is still loading gets the focus when it is there.
  if (element.matches(home) && (focus(document.querySelector(home)) || isLoading(levels))) return;
  for (const [level, { node, next, previous }] of levels.entries()) {
    if (!node.isConnected) {
      const around = levels[level + 1]?.node;
      // What says that nothing is left, rather than a button beside it that the next press of a key would press.
      if (around?.isConnected === true && focus(around.querySelector(':scope > [data-focus-home]'))) return;
      if (focus(firstIn(next)) || focus(lastIn(previous))) return;
    } else if (
      (node.matches(home) && focus(node)) ||
      // What took its place there; else what stands beside it now.
      focus(node.querySelector('[data-focus-back]')) ||
      focus(node.querySelector(home)) ||
      focus(firstIn(node)) ||
      focus(firstIn(node.nextElementSibling)) ||
      focus(lastIn(node.previousElementSibling))
    )
      return;
  }
  focus(document.querySelector(home));
}

function isLoading(levels: readonly Level[]): boolean {
  const nearest = levels.find(({ node }) => node.isConnected);
  return nearest !== undefined && nearest.node.querySelector('[aria-busy="true"]') !== null;
}

function firstIn(element: Element | null): Element | null {
  if (element === null || !element.isConnected) return null;
  return element.matches(tabbable) ? element : element.querySelector(tabbable);
}

function lastIn(element: Element | null): Element | null {
  if (element === null || !element.isConnected) return null;
  return element.matches(tabbable) ? element : ([...element.querySelectorAll(tabbable)].at(-1) ?? null);
}

function focus(element: Element | null): boolean {
  if (!(element instanceof HTMLElement)) return false;
  element.focus({ preventScroll: true });
  // A whole list or screen stays where it is scrolled to; anything smaller is where one looks.
  if (!element.matches(home)) element.scrollIntoView({ block: 'nearest' });
  return document.activeElement === element;
}
