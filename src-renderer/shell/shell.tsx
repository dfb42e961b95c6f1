import { useCallback, useMemo, useRef, useState } from 'react';
import type { FolderPath } from '#shared/ids.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { useApi } from '../api.ts';
import { FolderPane } from '../features/folders/folder-pane.tsx';
import { DestroyDialog, MoveDialog, ReleaseDialog } from '../features/messages/dialogs.tsx';
import { TagDialog } from '../features/messages/tag-dialog.tsx';
import type { ReadingPaneProps } from '../features/reading/reading-pane.tsx';
import { SavedSearchList } from '../features/search/saved-search-list.tsx';
import { CommandPalette } from '../features/status/command-palette.tsx';
import type { Command } from '../features/status/commands.ts';
import { FirstRun } from '../features/status/first-run.tsx';
import { KeyboardMap } from '../features/status/keyboard-map.tsx';
import { useNewMailNotices } from '../features/status/new-mail.ts';
import { Notices } from '../features/status/notices.tsx';
import { outboxStanding } from '../features/status/standing.ts';
import { StatusLine } from '../features/status/status-line.tsx';
import { useKeys } from '../features/status/use-keys.ts';
import { t } from '../i18n/index.ts';
import { useNavigation, type View } from '../navigation.ts';
import { moveMessages } from '../projection/actions.ts';
import { clearSearch, useSearchQuery } from '../projection/search-query.ts';
import { selectOnly, useSelection } from '../projection/selection.ts';
import { useSavedSearches } from '../projection/settings-parts.ts';
import { useOutbox, useSettings } from '../projection/stores.ts';
import { Splitter, Toasts, useKeptSize } from '../ui/index.ts';
import { Composers } from './composers.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { focusList, focusReading, focusSearch, openSelected } from './focus.ts';
import { listWidth, MailView } from './mail-view.tsx';
import { OtherView } from './other-view.tsx';
import { TopBar } from './top-bar.tsx';
import { makeCommands } from './use-commands.ts';
import { useFocusBack } from './use-focus-back.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import { showMessage, useIsFirstRun, useList, useTitle } from './use-list.ts';
import { type Question, useMessageActs } from './use-message-acts.ts';
import { useMessageFiles } from './use-message-files.ts';
import { useWindowEvents } from './use-window-events.ts';
import { useWrongFields } from './use-wrong-fields.ts';
import './shell.css';

const folderWidth = { initial: 220, min: 150, max: 420 };
const collapsedPx = 52;

/** The window: everything that is always there, and the view in the middle. */
export function Shell({ onRetry }: { onRetry: () => void }) {
  const api = useApi();
  const view = useNavigation((state) => state.view);
  const folder = useLastFolder(view);
  const [question, setQuestion] = useState<Question | null>(null);
  const [overlay, setOverlay] = useState<'palette' | 'keys' | null>(null);
  const [width, setWidth] = useKeptSize('list', listWidth.initial);
  const [isReading, setReading] = useState(false);
  const [showsFolders, setShowsFolders] = useState(false);
  const [signal, setSignal] = useState<ReadingPaneProps['signal']>(null);
  const hasAccounts = useSettings((state) => state.settings === null || state.settings.accounts.length > 0);
  const isEmpty = useIsFirstRun();
  const acts = useMessageActs(setQuestion);
  const collect = useCallback(() => void api.call('collect.start', {}).catch(() => undefined), [api]);
  const compose = useNavigation((state) => state.compose);
  const openRow = useCallback(
    (row: MessageSummary) => {
      if (row.folder === fixed.drafts) compose({ kind: 'edit', messageKey: row.messageKey });
      else setReading(true);
    },
    [compose],
  );
  const files = useMessageFiles();
  const commands = useCommandList({
    acts,
    collect,
    openRow,
    setReading,
    isReading,
    setOverlay,
    setSignal,
    openFile: files.choose,
  });
  const takeKey = useKeys(commands);
  useWindowEvents(commands);
  useKeptFocus();
  useFocusBack();
  useWrongFields();
  useNewMailNotices(showMessage);
  useList(view, folder, setReading);
  useTitle(view);

  return (
    <div className="shell">
      <button type="button" className="shell-skip" onClick={focusList}>
        {t(view.kind === 'mail' ? 'app.skipToList' : 'app.skipToScreen')}
      </button>
      <TopBar
        folder={folder}
        canCollect={hasAccounts}
        onCollect={collect}
        onLeaveSearch={focusList}
        onToggleFolders={() => setShowsFolders(!showsFolders)}
      />
      <Notices onRetry={onRetry} />
      <div className="shell-body" data-folders={showsFolders ? '' : undefined}>
        <Folders view={view} folder={folder} onGone={() => setShowsFolders(false)} />
        <main className="shell-main" data-reading={isReading ? '' : undefined} style={{ '--list-width': `${width}px` }}>
          <ErrorBoundary key={view.kind}>
            {view.kind !== 'mail' ? (
              <OtherView view={view} />
            ) : isEmpty ? (
              <div className="shell-screen">
                <FirstRun />
              </div>
            ) : (
              <MailView
                acts={acts}
                signal={signal}
                listWidth={width}
                onListWidth={setWidth}
                isReading={isReading}
                onReading={setReading}
                onOpen={openRow}
                onCompose={() => compose({ kind: 'new' })}
                onCollect={collect}
                onFrameKey={takeKey}
              />
            )}
          </ErrorBoundary>
          <Composers />
        </main>
      </div>
      <StatusLine onCollect={collect} />
      {files.isOver && <p className="shell-drop">{t('reading.file.drop')}</p>}
      <Toasts />
      {question?.kind === 'move' && <MoveDialog keys={question.keys} onClose={() => setQuestion(null)} />}
      {question?.kind === 'copy' && <MoveDialog keys={question.keys} copies onClose={() => setQuestion(null)} />}
      {question?.kind === 'tag' && <TagDialog keys={question.keys} onClose={() => setQuestion(null)} />}
      {question?.kind === 'release' && <ReleaseDialog keys={question.keys} onClose={() => setQuestion(null)} />}
      {question?.kind === 'destroy' && <DestroyDialog keys={question.keys} onClose={() => setQuestion(null)} />}
      {overlay === 'palette' && <CommandPalette commands={commands} onClose={() => setOverlay(null)} />}
      {overlay === 'keys' && <KeyboardMap commands={commands} onClose={() => setOverlay(null)} />}
    </div>
  );
}

/** The folder in view, or the last one that was. */
function useLastFolder(view: View): FolderPath {
  const last = useRef<FolderPath>(fixed.inbox);
  if (view.kind === 'mail') last.current = view.folder;
  return last.current;
}

function Folders({ view, folder, onGone }: { view: View; folder: FolderPath; onGone: () => void }) {
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const [width, setWidth] = useKeptSize('folders', folderWidth.initial);
  const [collapsed, setCollapsed] = useKeptSize('folders-collapsed', 1);
  const outboxCount = useOutbox((state) => outboxStanding(Object.values(state.byId)).waiting);
  const isCollapsed = collapsed > 1;
  const isSavedSearch = useIsSavedSearch();
  const shown = view.kind === 'mail' ? (isSavedSearch ? null : folder) : view.kind === 'outbox' ? fixed.outbox : null;
  return (
    <div className="shell-folders" style={{ inlineSize: isCollapsed ? collapsedPx : width }}>
      <FolderPane
        folder={shown}
        view={view}
        outboxCount={outboxCount}
        isCollapsed={isCollapsed}
        searches={<SavedSearchList />}
        onCollapse={(collapse) => setCollapsed(collapse ? 2 : 1)}
        onOpen={(path) => {
          onGone();
          clearSearch();
          open(path === fixed.outbox ? { kind: 'outbox' } : { kind: 'mail', folder: path });
        }}
        onGo={(to) => {
          onGone();
          open(to);
        }}
        onDropMessages={(keys, to) => void moveMessages(api, keys, to)}
        splitter={
          isCollapsed ? null : (
            <Splitter label={t('app.folderWidth')} size={width} onResize={setWidth} {...folderWidth} />
          )
        }
      />
    </div>
  );
}

/** What is in view then is the saved search, not a folder. */
function useIsSavedSearch(): boolean {
  const saved = useSavedSearches();
  const query = useSearchQuery((state) => state.query.trim());
  return saved.some((search) => search.query === query);
}

interface CommandNeeds {
  acts: ReturnType<typeof useMessageActs>;
  collect: () => void;
  openRow: (row: MessageSummary) => void;
  setReading: (isReading: boolean) => void;
  isReading: boolean;
  setOverlay: (overlay: 'palette' | 'keys' | null) => void;
  setSignal: (signal: ReadingPaneProps['signal']) => void;
  openFile: () => void;
}

function useCommandList(needs: CommandNeeds): Command[] {
  const api = useApi();
  const live = useRef(needs);
  live.current = needs;
  const count = useRef(0);
  return useMemo(
    () =>
      makeCommands(api, needs.acts, {
        collect: needs.collect,
        search: focusSearch,
        openMessage: () => {
          openSelected(live.current.openRow);
          focusReading();
        },
        escape: () => stepBack(live.current),
        showPalette: () => needs.setOverlay('palette'),
        showKeys: () => needs.setOverlay('keys'),
        openFile: needs.openFile,
        signal: (name) => needs.setSignal({ name, count: ++count.current }),
      }),
    [api, needs.acts, needs.collect, needs.setOverlay, needs.setSignal, needs.openFile],
  );
}

/** One step back: from reading to the list, from several selected to one, from a search to the folder, from a screen to the mail. */
function stepBack({ isReading, setReading }: Pick<CommandNeeds, 'isReading' | 'setReading'>): void {
  const { keys, cursor } = useSelection.getState();
  const isInReading =
    document.activeElement?.closest('[data-reading-pane]') !== null && document.activeElement !== null;
  if (useNavigation.getState().view.kind !== 'mail') useNavigation.getState().back();
  else if (isReading || isInReading) {
    setReading(false);
    requestAnimationFrame(focusList);
  } else if (keys.size > 1 && cursor !== null) selectOnly(cursor);
  else if (useSearchQuery.getState().query !== '') clearSearch();
  focusList();
}
