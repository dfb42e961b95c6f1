import { ChevronRight, DatabaseBackup, PanelLeftClose, PanelLeftOpen, Plus, Route, Settings } from 'lucide-react';
import { type DragEvent, type MouseEvent, type ReactNode, useState } from 'react';
import { Button as AriaButton, Tree, TreeHeader, TreeItem, TreeItemContent, TreeSection } from 'react-aria-components';
import { FolderPath, type MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { locale, t } from '../../i18n/index.ts';
import type { View } from '../../navigation.ts';
import { type FolderNode, folderLabel, folderTree, isOwnFolder } from '../../projection/folder-names.ts';
import { useFolders } from '../../projection/stores.ts';
import { Icon, IconButton, type IconType, menuPlace, Tooltip } from '../../ui/index.ts';
import { messageDragType, readDraggedKeys } from '../../ui/message-drag.ts';
import { rowTitleWhenCut } from '../../ui/title-when-cut.ts';
import { type FolderAct, FolderActs } from './folder-acts.tsx';
import { folderCount, folderIcon } from './folder-looks.ts';
import './folder-pane.css';

export interface FolderPaneProps {
  /** The folder in view; null when something else is. */
  folder: FolderPath | null;
  view: View;
  outboxCount: number;
  isCollapsed: boolean;
  onCollapse: (isCollapsed: boolean) => void;
  onOpen: (folder: FolderPath) => void;
  onGo: (view: View) => void;
  onDropMessages: (keys: readonly MessageKey[], folder: FolderPath) => void;
  /** Saved searches, below the folders. */
  searches: ReactNode;
  /** The line that changes the width, at the end edge. */
  splitter: ReactNode;
}

/** The folders, and below them the other places. */
export function FolderPane(props: FolderPaneProps) {
  const folders = useFolders((state) => state.folders);
  const [act, setAct] = useState<FolderAct | null>(null);
  const tree = folderTree(folders, locale());
  const fixed = tree.filter(({ path }) => isOwnFolder(path));
  const own = tree.filter(({ path }) => !isOwnFolder(path));
  // What was folded away is remembered; everything else is open, also folders that come later.
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const all = allPaths(tree);
  const open = (key: string | number): void => {
    const path = FolderPath.safeParse(key);
    if (path.success) props.onOpen(path.data);
  };
  const menuAt = (event: MouseEvent<HTMLElement>, path: string): void => {
    event.preventDefault();
    setAct({ kind: 'menu', path, at: menuPlace(event) });
  };
  const show = (node: FolderNode) => (
    <FolderItem
      key={node.path}
      node={node}
      outboxCount={props.outboxCount}
      onMenu={menuAt}
      onDropMessages={props.onDropMessages}
    />
  );

  return (
    <nav className="folders" aria-label={t('folders.title')} data-collapsed={props.isCollapsed ? '' : undefined}>
      <Tree
        className="folders-tree"
        aria-label={t('folders.title')}
        selectionMode="single"
        // In the mail, the arrows open folders as they pass. On another screen, only Enter or a click leaves it.
        selectionBehavior={props.folder === null ? 'toggle' : 'replace'}
        disallowEmptySelection={props.folder !== null}
        selectedKeys={props.folder === null ? [] : [props.folder]}
        onSelectionChange={(keys) => {
          if (keys !== 'all') for (const key of keys) open(key);
        }}
        onAction={open}
        expandedKeys={all.filter((path) => !folded.has(path))}
        onExpandedChange={(keys) => setFolded(new Set(all.filter((path) => !keys.has(path))))}
      >
        <TreeSection>
          <TreeHeader className="folders-heading">
            <span>{t('folders.mail')}</span>
          </TreeHeader>
          {fixed.map(show)}
        </TreeSection>
        {own.length > 0 && (
          <TreeSection>
            <TreeHeader className="folders-heading">
              <span>{t('folders.own')}</span>
            </TreeHeader>
            {own.map(show)}
          </TreeSection>
        )}
      </Tree>
      {props.searches}
      <Places {...props} onCreate={() => setAct({ kind: 'create', inside: null })} />
      <FolderActs act={act} onAct={setAct} />
      {props.splitter}
    </nav>
  );
}

function allPaths(nodes: readonly FolderNode[]): string[] {
  return nodes.flatMap((node) => [node.path, ...allPaths(node.children)]);
}

function FolderItem(props: {
  node: FolderNode;
  outboxCount: number;
  onMenu: (event: MouseEvent<HTMLElement>, path: string) => void;
  onDropMessages: FolderPaneProps['onDropMessages'];
}) {
  const drop = useMessageDrop(FolderPath.parse(props.node.path), props.onDropMessages);
  const { node, outboxCount } = props;
  const path = FolderPath.parse(node.path);
  const label = folderLabel(path);
  const count = folderCount(node, outboxCount);
  return (
    <TreeItem id={node.path} textValue={label} className="folders-item">
      <TreeItemContent>
        {({ hasChildItems }) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the row above it is the focusable element; its menu key lands here
          <div
            className="folders-row"
            onContextMenu={(event) => props.onMenu(event, node.path)}
            data-drop-target={drop.isOver ? '' : undefined}
            {...drop.handlers}
            {...rowTitleWhenCut('.folders-name', label)}
          >
            <Icon of={folderIcon(node.path)} />
            <span className="folders-name" dir="auto">
              {label}
            </span>
            {hasChildItems && (
              <AriaButton slot="chevron" className="folders-chevron">
                <Icon of={ChevronRight} />
              </AriaButton>
            )}
            {count !== null && (
              <span className="folders-count" data-unread={count.isUnread ? '' : undefined}>
                <span aria-hidden="true">{count.shown}</span>
                <span className="ui-visually-hidden">{count.words}</span>
              </span>
            )}
          </div>
        )}
      </TreeItemContent>
      {node.children.map((child) => (
        <FolderItem key={child.path} {...props} node={child} />
      ))}
    </TreeItem>
  );
}

/** Takes messages dropped on a folder. The keys have their own way: M on a message. */
function useMessageDrop(path: FolderPath, onDrop: FolderPaneProps['onDropMessages']) {
  const [isOver, setOver] = useState(false);
  const accepts = (event: DragEvent): boolean =>
    path !== folder.outbox && path !== folder.quarantine && event.dataTransfer.types.includes(messageDragType);
  const handlers = {
    onDragOver: (event: DragEvent) => {
      if (!accepts(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'move';
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      if (!accepts(event)) return;
      event.preventDefault();
      onDrop(readDraggedKeys(event.dataTransfer.getData(messageDragType)), path);
    },
  };
  return { isOver, handlers };
}

const places: readonly {
  view: View;
  icon: IconType;
  label: 'folders.manage' | 'folders.backup' | 'folders.settings';
}[] = [
  { view: { kind: 'outgoing-servers' }, icon: Route, label: 'folders.manage' },
  { view: { kind: 'backup' }, icon: DatabaseBackup, label: 'folders.backup' },
  { view: { kind: 'settings' }, icon: Settings, label: 'folders.settings' },
];

function Places(props: FolderPaneProps & { onCreate: () => void }) {
  return (
    <div className="folders-places">
      {places.map(({ view, icon, label }) => {
        const button = (
          <AriaButton
            key={view.kind}
            className="folders-row folders-place"
            aria-label={t(label)}
            aria-current={props.view.kind === view.kind ? 'page' : undefined}
            onPress={() => props.onGo(view)}
          >
            <Icon of={icon} />
            <span className="folders-name">{t(label)}</span>
          </AriaButton>
        );
        return props.isCollapsed ? (
          <Tooltip key={view.kind} text={t(label)}>
            {button}
          </Tooltip>
        ) : (
          button
        );
      })}
      <div className="folders-foot">
        <IconButton
          label={t(props.isCollapsed ? 'folders.expand' : 'folders.collapse')}
          icon={props.isCollapsed ? PanelLeftOpen : PanelLeftClose}
          size="small"
          onPress={() => props.onCollapse(!props.isCollapsed)}
        />
        {!props.isCollapsed && (
          <IconButton label={t('folders.create')} icon={Plus} size="small" onPress={props.onCreate} />
        )}
      </div>
    </div>
  );
}
