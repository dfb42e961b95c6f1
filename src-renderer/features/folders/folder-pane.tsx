import { ChevronRight, DatabaseBackup, PanelLeftClose, PanelLeftOpen, Plus, Route, Settings } from 'lucide-react';
import { type MouseEvent, useState } from 'react';
import {
  Button as AriaButton,
  Tree,
  TreeHeader,
  TreeItem,
  TreeItemContent,
  TreeSection,
  useDragAndDrop,
} from 'react-aria-components';
import { FolderPath, type MessageKey } from '#shared/ids.ts';
import { locale, t } from '../../i18n/index.ts';
import type { View } from '../../navigation.ts';
import { type FolderNode, fixedFolderOf, folderLabel, folderTree } from '../../projection/folder-names.ts';
import { useFolders } from '../../projection/stores.ts';
import { Icon, IconButton, type IconType, Tooltip } from '../../ui/index.ts';
import { messageDragType, readDraggedKeys } from '../../ui/message-drag.ts';
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
}

/** The folders, and below them the other places. */
export function FolderPane(props: FolderPaneProps) {
  const folders = useFolders((state) => state.folders);
  const [act, setAct] = useState<FolderAct | null>(null);
  const tree = folderTree(folders, locale());
  const fixed = tree.filter(({ path }) => fixedFolderOf(path) !== undefined);
  const own = tree.filter(({ path }) => fixedFolderOf(path) === undefined);
  const [expanded, setExpanded] = useState<Set<string | number>>(() => new Set(tree.map(({ path }) => path)));
  const { dragAndDropHooks } = useDragAndDrop({
    acceptedDragTypes: [messageDragType],
    getDropOperation: () => 'move',
    shouldAcceptItemDrop: (target) => FolderPath.safeParse(target.key).success && target.key !== 'Outbox',
    async onItemDrop(event) {
      const to = FolderPath.safeParse(event.target.key);
      if (to.success) props.onDropMessages(await readDraggedKeys(event.items), to.data);
    },
  });
  const open = (key: string | number): void => {
    const path = FolderPath.safeParse(key);
    if (path.success) props.onOpen(path.data);
  };
  const menuAt = (event: MouseEvent<HTMLElement>, path: string): void => {
    event.preventDefault();
    const box = event.currentTarget.getBoundingClientRect();
    // The menu key gives no pointer: the menu opens at the row then.
    const isByKey = event.clientX === 0 && event.clientY === 0;
    const at = isByKey ? { x: box.left + 24, y: box.bottom } : { x: event.clientX, y: event.clientY };
    setAct({ kind: 'menu', path, at });
  };
  const show = (node: FolderNode) => (
    <FolderItem
      key={node.path}
      node={node}
      outboxCount={props.outboxCount}
      isCollapsed={props.isCollapsed}
      onMenu={menuAt}
    />
  );

  return (
    <nav className="folders" aria-label={t('folders.title')} data-collapsed={props.isCollapsed ? '' : undefined}>
      <Tree
        className="folders-tree"
        aria-label={t('folders.title')}
        selectionMode="single"
        selectionBehavior="replace"
        disallowEmptySelection
        selectedKeys={props.folder === null ? [] : [props.folder]}
        onSelectionChange={(keys) => {
          if (keys !== 'all') for (const key of keys) open(key);
        }}
        onAction={open}
        expandedKeys={expanded}
        onExpandedChange={(keys) => setExpanded(new Set(keys))}
        dragAndDropHooks={dragAndDropHooks}
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
      <Places {...props} onCreate={() => setAct({ kind: 'create', inside: null })} />
      <FolderActs act={act} onAct={setAct} />
    </nav>
  );
}

function FolderItem(props: {
  node: FolderNode;
  outboxCount: number;
  isCollapsed: boolean;
  onMenu: (event: MouseEvent<HTMLElement>, path: string) => void;
}) {
  const { node, outboxCount, isCollapsed } = props;
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
            title={isCollapsed ? label : undefined}
          >
            {hasChildItems && (
              <AriaButton slot="chevron" className="folders-chevron">
                <Icon of={ChevronRight} />
              </AriaButton>
            )}
            <Icon of={folderIcon(node.path)} />
            <span className="folders-name">{label}</span>
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
