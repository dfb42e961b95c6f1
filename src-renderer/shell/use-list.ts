import { useEffect, useRef } from 'react';
import type { FolderPath } from '#shared/ids.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { useApi } from '../api.ts';
import { t } from '../i18n/index.ts';
import { useNavigation, type View } from '../navigation.ts';
import { folderLabel } from '../projection/folder-names.ts';
import { showList } from '../projection/messages.ts';
import { useSearchQuery } from '../projection/search-query.ts';
import { clearSelection, selectOnly } from '../projection/selection.ts';
import { useFolders, useOutbox, useSettings } from '../projection/stores.ts';
import { useIsThreaded } from '../projection/threaded.ts';

const typingPauseMs = 90;

/** The list follows the folder in view and what is typed into the search. */
export function useList(view: View, folder: FolderPath, setReading: (isReading: boolean) => void): void {
  const api = useApi();
  const { query, isEverywhere } = useSearchQuery();
  const isMail = view.kind === 'mail';
  const wanted = query.trim();
  const isThreaded = useIsThreaded(folder);
  const shown = useRef<FolderPath | null>(null);
  const formerly = view.kind === 'mail' ? view.formerly : undefined;
  useEffect(() => {
    if (!isMail) return;
    const isSameMail = formerly !== undefined && formerly === shown.current && folder !== shown.current;
    shown.current = folder;
    if (!isSameMail) {
      clearSelection();
      setReading(false);
    }
    if (wanted === '') {
      void showList(api, { kind: 'folder', folder, isThreaded });
      return;
    }
    const search = { kind: 'search', query: wanted, folder: isEverywhere ? null : folder } as const;
    const timer = setTimeout(() => void showList(api, search), typingPauseMs);
    return () => clearTimeout(timer);
  }, [api, isMail, folder, formerly, wanted, isEverywhere, isThreaded, setReading]);

  // Searching from another screen goes to the mail, where the results are; a screen opened while they show stays open.
  useEffect(
    () =>
      useSearchQuery.subscribe(({ query: asked }) => {
        const navigation = useNavigation.getState();
        if (asked.trim() !== '' && navigation.view.kind !== 'mail') navigation.open({ kind: 'mail', folder });
      }),
    [folder],
  );

  const messageKey = view.kind === 'mail' ? view.messageKey : undefined;
  useEffect(() => {
    if (messageKey === undefined) return;
    selectOnly(messageKey);
    setReading(true);
  }, [messageKey, setReading]);
}

/** Shows a message wherever it is. */
export function showMessage(row: MessageSummary): void {
  useNavigation.getState().open({ kind: 'mail', folder: row.folder, messageKey: row.messageKey });
}

/** The window is called after what fills it. */
export function useTitle(view: View): void {
  const name = nameOf(view);
  const unread = useFolders((state) => state.folders.find((one) => one.folder === fixed.inbox)?.unread ?? 0);
  useEffect(() => {
    document.title =
      unread > 0 ? t('app.titleUnread', { count: unread, folder: name }) : t('app.titlePlain', { folder: name });
  }, [name, unread]);
}

function nameOf(view: View): string {
  switch (view.kind) {
    case 'mail':
      return folderLabel(view.folder);
    case 'rules':
      return t('rules.heading');
    case 'import':
      return t('importing.title');
    case 'opened-file':
      return view.fileName;
    case 'look-first':
      return t('collecting.look.title');
    default:
      return t(`${view.kind}.title`);
  }
}

/** Nothing is set up and nothing is here: the three doors. */
export function useIsFirstRun(): boolean {
  const hasNothing = useSettings(
    ({ settings }) =>
      settings !== null &&
      settings.accounts.length === 0 &&
      settings.identities.length === 0 &&
      settings.servers.length === 0,
  );
  const isEmpty = useFolders((state) => state.isLoaded && state.folders.every(({ total }) => total === 0));
  const hasOutbox = useOutbox((state) => Object.keys(state.byId).length > 0);
  return hasNothing && isEmpty && !hasOutbox;
}
