import {
  Archive,
  FileText,
  Folder,
  Inbox,
  List,
  MailPlus,
  MessagesSquare,
  RefreshCw,
  Rows2,
  Rows3,
  Search,
  Send,
  ShieldCheck,
  ShieldX,
  SquarePen,
  Trash2,
} from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { folder as fixed } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { wordsLookedFor } from '#shared/mail/search-query.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import type { ListRow } from '../../projection/conversation-list.ts';
import { folderLabel } from '../../projection/folder-names.ts';
import { type MessageActs, messageEntries } from '../../projection/message-entries.ts';
import { isWhole, refreshList, useMessages } from '../../projection/messages.ts';
import { clearSearch, useSearchQuery } from '../../projection/search-query.ts';
import { clearSelection, useSelection } from '../../projection/selection.ts';
import { useSettings } from '../../projection/stores.ts';
import { toggleThreaded } from '../../projection/threaded.ts';
import { Button, ContextMenu, EmptyState, ErrorPanel, IconButton, type IconType, Skeleton } from '../../ui/index.ts';
import { MessageList } from './message-list.tsx';
import './message-pane.css';

export interface MessagePaneProps {
  acts: MessageActs;
  onOpen: (row: MessageSummary) => void;
  onCompose: () => void;
  onCollect: () => void;
  /** For a search: what can be done with it, and what of it could not be used. */
  searchTools: ReactNode;
  searchProblems: ReactNode;
}

const outgoing: readonly string[] = [fixed.sent, fixed.drafts, fixed.outbox];

/** The list of a folder or of a search, with its head. */
export function MessagePane(props: MessagePaneProps) {
  const source = useMessages((state) => state.list.source);
  const isThreaded = useMessages((state) => state.list.conversations !== undefined);
  const isEmpty = useMessages((state) => state.list.rows.length === 0);
  const status = useMessages((state) => state.status);
  const density = useSettings((state) => state.settings?.preferences.density ?? 'comfortable');
  const [menuAt, setMenuAt] = useState<{ x: number; y: number } | null>(null);
  const chosen = useChosen(menuAt !== null);
  const title = source.kind === 'folder' ? folderLabel(source.folder) : t('messages.searchLabel');
  const words = useMemo(() => (source.kind === 'search' ? wordsLookedFor(source.query) : []), [source]);

  return (
    <section className="list-pane" aria-label={t('messages.title')}>
      <ListHead title={title} density={density} tools={source.kind === 'search' ? props.searchTools : null} />
      {source.kind === 'search' && props.searchProblems}
      <div className="list-body">
        {!isEmpty && (
          <MessageList
            label={source.kind === 'folder' ? t('messages.listLabel', { folder: title }) : title}
            density={density}
            isThreaded={isThreaded}
            isOutgoing={source.kind === 'folder' && outgoing.includes(source.folder)}
            showsFolder={source.kind === 'search' && source.folder === null}
            words={words}
            onOpen={props.onOpen}
            onMenu={setMenuAt}
          />
        )}
        {isEmpty && status.kind === 'loading' && <Waiting />}
        {isEmpty && status.kind === 'ready' && <Empty {...props} />}
        {status.kind === 'failed' && isEmpty && <Failed error={status.error} />}
      </div>
      <ContextMenu
        label={t('messages.selectedTitle', { count: chosen.length })}
        at={menuAt}
        entries={menuAt === null ? [] : messageEntries(chosen.map(asWhole), props.acts)}
        onClose={() => setMenuAt(null)}
      />
    </section>
  );
}

const none: readonly ListRow[] = [];

/** The rows that are selected, while they are asked for: a list may be long, and rows come while one scrolls. */
function useChosen(isAsked: boolean): readonly ListRow[] {
  const rows = useMessages((state) => (isAsked ? state.list.rows : none));
  const selected = useSelection((state) => state.keys);
  return useMemo(
    () => rows.filter((row) => row !== undefined && selected.has(row.messageKey)).filter((row) => row !== undefined),
    [rows, selected],
  );
}

/** As acts see it: a closed conversation is read when all of it is. */
function asWhole(row: ListRow): ListRow {
  if (!isWhole(row) || row.thread?.unread === 0) return row;
  return { ...row, flags: row.flags.filter((flag) => flag !== 'seen') };
}

function ListHead(props: { title: string; density: 'comfortable' | 'compact'; tools: ReactNode }) {
  const { title, density, tools } = props;
  const api = useApi();
  const total = useMessages(({ list }) => list.conversations?.messages ?? list.rows.length);
  const threads = useMessages(({ list }) => list.conversations?.heads.length);
  const source = useMessages((state) => state.list.source);
  const unread = useMessages((state) => state.list.unread);
  const kind = useMessages((state) => state.list.source.kind);
  const isReady = useMessages((state) => state.status.kind === 'ready');
  const selectedCount = useSelection((state) => state.keys.size);
  const counted = t(kind === 'search' ? 'messages.found' : 'messages.count', { count: total });
  const inAll = threads === undefined ? counted : `${t('messages.conversations', { count: threads })}, ${counted}`;
  const words = unread > 0 && kind === 'folder' ? t('messages.countUnread', { total: inAll, unread }) : inAll;
  const other = density === 'comfortable' ? 'compact' : 'comfortable';
  return (
    <header className="list-head">
      <div className="list-title">
        <h1>{title}</h1>
        <p aria-live="polite">
          {selectedCount > 1 ? t('messages.selected', { count: selectedCount }) : isReady ? words : ' '}
        </p>
      </div>
      {selectedCount > 1 && (
        <Button size="small" variant="quiet" onPress={clearSelection}>
          {t('messages.clearSelection')}
        </Button>
      )}
      {tools}
      {source.kind === 'folder' && (
        <IconButton
          label={t(threads === undefined ? 'messages.asConversations' : 'messages.asMessages')}
          icon={threads === undefined ? MessagesSquare : List}
          size="small"
          onPress={() => toggleThreaded(api, source.folder)}
        />
      )}
      <IconButton
        label={t(`messages.${other}`)}
        icon={other === 'compact' ? Rows3 : Rows2}
        size="small"
        onPress={() => void api.call('settings.setPreferences', { density: other })}
      />
    </header>
  );
}

function Failed({ error }: { error: unknown }) {
  const api = useApi();
  return (
    <div style={{ padding: 'var(--space-4)' }}>
      <ErrorPanel error={error} action={{ label: t('ui.retry'), onPress: () => void refreshList(api) }} />
    </div>
  );
}

function Waiting() {
  return (
    <div role="status" aria-busy="true">
      <span className="ui-visually-hidden">{t('messages.loading')}</span>
      {['a', 'b', 'c', 'd', 'e', 'f'].map((name) => (
        <div key={name} className="list-waiting-row">
          <Skeleton width="45%" />
          <Skeleton width="80%" height={10} />
        </div>
      ))}
    </div>
  );
}

type EmptyName = 'Inbox' | 'Drafts' | 'Sent' | 'Archive' | 'Junk' | 'Trash' | 'Quarantine' | 'Folder';

const emptyIcons: Record<EmptyName, IconType> = {
  Inbox,
  Drafts: FileText,
  Sent: Send,
  Archive,
  Junk: ShieldX,
  Trash: Trash2,
  Quarantine: ShieldCheck,
  Folder,
};

function Empty({ onCompose, onCollect }: MessagePaneProps) {
  const source = useMessages((state) => state.list.source);
  const open = useNavigation((state) => state.open);
  const hasAccounts = useSettings((state) => state.settings === null || state.settings.accounts.length > 0);
  if (source.kind === 'search') return <EmptySearch isNarrow={source.folder !== null} />;
  const names: readonly EmptyName[] = ['Inbox', 'Drafts', 'Sent', 'Archive', 'Junk', 'Trash', 'Quarantine'];
  const name = names.find((candidate) => candidate === source.folder) ?? 'Folder';
  const act =
    name === 'Inbox' && !hasAccounts ? (
      <Button icon={MailPlus} onPress={() => open({ kind: 'account-setup' })}>
        {t('status.cmdSetup')}
      </Button>
    ) : name === 'Inbox' ? (
      <Button icon={RefreshCw} onPress={onCollect}>
        {t('messages.collect')}
      </Button>
    ) : name === 'Drafts' || name === 'Sent' ? (
      <Button icon={SquarePen} onPress={onCompose}>
        {t('messages.compose')}
      </Button>
    ) : undefined;
  return (
    <EmptyState
      icon={emptyIcons[name]}
      title={t(`messages.empty${name}Title`)}
      text={name === 'Inbox' && !hasAccounts ? t('messages.emptyNoAccountText') : t(`messages.empty${name}Text`)}
      isFocusHome
      action={act}
    />
  );
}

function EmptySearch({ isNarrow }: { isNarrow: boolean }) {
  return (
    <EmptyState
      icon={Search}
      title={t('messages.emptySearchTitle')}
      text={t('messages.emptySearchText')}
      isFocusHome
      action={
        isNarrow ? (
          <Button onPress={() => useSearchQuery.setState({ isEverywhere: true })}>
            {t('messages.searchEverywhere')}
          </Button>
        ) : (
          <Button onPress={clearSearch}>{t('search.clear')}</Button>
        )
      }
    />
  );
}
