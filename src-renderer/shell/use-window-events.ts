import { useEffect } from 'react';
import { useApi } from '../api.ts';
import { useNavigation } from '../navigation.ts';

/** What comes from outside the window: a second start, perhaps with an address to write to. */
export function useWindowEvents(): void {
  const api = useApi();
  const compose = useNavigation((state) => state.compose);
  useEffect(
    () =>
      api.on('window.raise', ({ mailto }) => {
        window.focus();
        if (mailto !== undefined) compose({ kind: 'new', mailto });
      }),
    [api, compose],
  );
}
