import { useCallback, useEffect, useRef } from 'react';
import { sequenceMs } from '../../ui/key-sequence.ts';
import { type Command, matchKey, nameOfKey } from './commands.ts';

/** Runs commands by key. The answer takes keys pressed where the window does not see them (in a frame). */
export function useKeys(commands: readonly Command[]): (event: KeyboardEvent) => void {
  const live = useRef(commands);
  live.current = commands;
  const before = useRef<{ name: string; at: number } | null>(null);

  const take = useCallback((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
    if (event.key === 'Enter' && isPressedByEnter(event.target)) return;
    const name = nameOfKey(event);
    const last = before.current;
    before.current = null;
    const first = last !== null && event.timeStamp - last.at < sequenceMs ? last.name : null;
    const isTyping = isTypingPlace(event.target);
    const usable = live.current.filter(
      (command) => (!isTyping || command.isGlobal === true) && command.isUsable?.() !== false,
    );
    const match = matchKey(usable, first, name);
    if (match.kind === 'wait') before.current = { name, at: event.timeStamp };
    if (match.kind !== 'run') return;
    event.preventDefault();
    match.command.run();
  }, []);

  useEffect(() => {
    document.addEventListener('keydown', take);
    return () => document.removeEventListener('keydown', take);
  }, [take]);
  return take;
}

/** What folds, or leads somewhere, by Enter itself. */
function isPressedByEnter(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('summary, a[href]') !== null;
}

/** Where letters are letters: fields, editors, menus and dialogs, lists with type-ahead of their own. */
function isTypingPlace(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return (
    target.closest(
      'input, textarea, select, [contenteditable]:not([contenteditable="false"]), [role="dialog"], [role="alertdialog"], [role="menu"], [data-letters]',
    ) !== null
  );
}
