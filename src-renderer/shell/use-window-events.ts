import { useEffect, useRef } from 'react';
import { useApi } from '../api.ts';
import type { Command } from '../features/status/commands.ts';
import { useNavigation } from '../navigation.ts';
import { showToast } from '../ui/index.ts';

/**
 * What comes from outside the window: a second start, perhaps with an address to write to or a message file to read, or
 * the menu of the desktop, which asks for one of `commands`.
 */
export function useWindowEvents(commands: readonly Command[]): void {
  const api = useApi();
  const compose = useNavigation((state) => state.compose);
  const open = useNavigation((state) => state.open);
  const live = useRef(commands);
  live.current = commands;
  useEffect(
    () =>
      api.on('window.raise', ({ mailto, file, problem, command }) => {
        window.focus();
        if (mailto !== undefined) compose({ kind: 'new', mailto });
        if (file !== undefined) open({ kind: 'opened-file', ...file });
        if (problem !== undefined) showToast({ text: problem });
        if (command !== undefined && !isAsking()) runNamed(live.current, command);
      }),
    [api, compose, open],
  );
}

/** A dialog over the window wants its answer first, as it does from the keys. */
function isAsking(): boolean {
  return document.querySelector('.ui-modal') !== null;
}

function runNamed(commands: readonly Command[], name: string): void {
  const command = commands.find(({ id }) => id === name);
  if (command !== undefined && command.isUsable?.() !== false) command.run();
}
