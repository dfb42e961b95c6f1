import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Draft, DraftContent } from '#shared/mail/message.ts';
import { useApi } from '../../api.ts';
import { createDraftKeeper, type DraftKeeper, type DraftStatus } from './draft-keeper.ts';

export interface OpenDraft {
  readonly content: DraftContent;
  /** Changes a part, from the newest content; saved soon. */
  readonly change: (patch: Partial<DraftContent> | ((before: DraftContent) => Partial<DraftContent>)) => void;
  readonly keeper: DraftKeeper;
  readonly status: DraftStatus;
}

/** A draft open for writing. It is kept on the disk as it changes, and whenever the window loses the eye of its user. */
export function useDraft({ messageKey, ...initial }: Draft): OpenDraft {
  const api = useApi();
  const [content, setContent] = useState<DraftContent>(initial);
  const newest = useRef<DraftContent>(initial);
  const [keeper] = useState(() =>
    createDraftKeeper({
      messageKey,
      save: async (draft) => (await api.call('draft.save', draft)).messageKey,
    }),
  );
  const status = useSyncExternalStore(
    useCallback((listener) => keeper.subscribe(listener), [keeper]),
    () => keeper.status(),
  );
  const change: OpenDraft['change'] = useCallback(
    (patch) => {
      newest.current = { ...newest.current, ...(typeof patch === 'function' ? patch(newest.current) : patch) };
      setContent(newest.current);
      keeper.change(newest.current);
    },
    [keeper],
  );
  useEffect(() => {
    // A save that fails says so in the status line; here nobody is waiting for it.
    const keep = (): void => void keeper.flush().catch(() => undefined);
    const keepWhenHidden = (): void => {
      if (document.visibilityState === 'hidden') keep();
    };
    window.addEventListener('blur', keep);
    window.addEventListener('pagehide', keep);
    document.addEventListener('visibilitychange', keepWhenHidden);
    return () => {
      window.removeEventListener('blur', keep);
      window.removeEventListener('pagehide', keep);
      document.removeEventListener('visibilitychange', keepWhenHidden);
      keep();
    };
  }, [keeper]);
  return { content, change, keeper, status };
}
