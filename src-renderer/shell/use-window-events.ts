import { useEffect } from 'react';
import { useApi } from '../api.ts';
import { useNavigation } from '../navigation.ts';
import { showToast } from '../ui/index.ts';

/** What comes from outside the window: a second start, perhaps with an address to write to or a message file to read. */
export function useWindowEvents(): void {
  const api = useApi();
  const compose = useNavigation((state) => state.compose);
  const open = useNavigation((state) => state.open);
  useEffect(
    () =>
      api.on('window.raise', ({ mailto, file, problem }) => {
        window.focus();
        if (mailto !== undefined) compose({ kind: 'new', mailto });
        if (file !== undefined) open({ kind: 'opened-file', ...file });
        if (problem !== undefined) showToast({ text: problem });
      }),
    [api, compose, open],
  );
}
