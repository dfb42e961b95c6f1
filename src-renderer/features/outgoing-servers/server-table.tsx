import { GripVertical, PencilLine } from 'lucide-react';
import { Button as AriaButton, GridList, GridListItem, useDragAndDrop } from 'react-aria-components';
import type { ServerId } from '#shared/ids.ts';
import type { SeenNetwork, ServerCondition } from '#shared/mail/outbox.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { formatAgo, formatDuration, t } from '../../i18n/index.ts';
import { useConditions } from '../../projection/stores.ts';
import { HostPorts } from '../../ui/endpoints/endpoint-name.tsx';
import { Icon, StateMark } from '../../ui/index.ts';
import { serverDrafts } from './drafts.ts';
import { Sparkline } from './sparkline.tsx';
import { useSeenNetworks } from './use-places.ts';
import { isUnsaved } from './use-server-form.ts';
import { stateOf, whoAndWhere } from './words.ts';

export interface ServerTableProps {
  servers: readonly OutgoingServerView[];
  selected: ServerId | null;
  onSelect: (id: ServerId) => void;
  onReorder: (ids: ServerId[]) => void;
}

/** The instruments: one row a server, in the order they are tried. The handle moves a row by mouse and by keys. */
export function ServerTable({ servers, selected, onSelect, onReorder }: ServerTableProps) {
  const networks = useSeenNetworks();
  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys) => [...keys].map((key) => ({ 'text/plain': String(key) })),
    onReorder: ({ keys, target }) => {
      const kept = servers.map(({ id }) => id).filter((id) => !keys.has(id));
      const movedIds = servers.map(({ id }) => id).filter((id) => keys.has(id));
      const at = kept.map(String).indexOf(String(target.key)) + (target.dropPosition === 'after' ? 1 : 0);
      onReorder([...kept.slice(0, at), ...movedIds, ...kept.slice(at)]);
    },
  });
  const choose = (key: unknown): void => {
    const server = servers.find(({ id }) => id === key);
    if (server !== undefined) onSelect(server.id);
  };
  return (
    <div className="servers-room">
      <div className="servers-grid servers-columns" aria-hidden="true">
        <span />
        <span>{t('outgoing-servers.column.state')}</span>
        <span>{t('outgoing-servers.column.name')}</span>
        <span>{t('outgoing-servers.column.endpoints')}</span>
        <span>{t('outgoing-servers.column.for')}</span>
        <span>{t('outgoing-servers.column.time')}</span>
        <span>{t('outgoing-servers.column.used')}</span>
      </div>
      <GridList
        aria-label={t('outgoing-servers.table')}
        className="servers-list"
        selectionMode="single"
        selectedKeys={selected === null ? [] : [selected]}
        onSelectionChange={(keys) => keys !== 'all' && choose([...keys][0])}
        onAction={choose}
        dragAndDropHooks={dragAndDropHooks}
        items={servers.map((server, index) => ({ id: server.id, server, place: index + 1, networks }))}
      >
        {({ server, place, networks: seen }) => (
          <GridListItem id={server.id} textValue={server.label} className="servers-grid servers-row">
            <span className="servers-place">
              <AriaButton slot="drag" className="servers-handle">
                <Icon of={GripVertical} />
              </AriaButton>
              <span aria-hidden="true">{place}</span>
            </span>
            <ServerCells server={server} networks={seen} />
          </GridListItem>
        )}
      </GridList>
    </div>
  );
}

function ServerCells({ server, networks }: { server: OutgoingServerView; networks: readonly SeenNetwork[] }) {
  const condition = useConditions((state) => state.byServer[server.id]);
  return (
    <>
      <span className="servers-state">
        <ServerState server={server} condition={condition} />
      </span>
      <span className="servers-title">
        <strong className="servers-name">{server.label}</strong>
        <Unsaved server={server} />
      </span>
      <span className="servers-endpoints">
        {server.kind === 'direct-mx' ? (
          <span className="servers-muted">{t('outgoing-servers.direct')}</span>
        ) : (
          byHost(server.endpoints).map(([host, endpoints]) => (
            <HostPorts key={host} host={host} endpoints={endpoints} />
          ))
        )}
      </span>
      <span className="servers-for servers-muted">
        {whoAndWhere(server, networks).map((words) => (
          <bdi key={words}>{words}</bdi>
        ))}
      </span>
      <span className="servers-time">
        {condition?.typicalMs !== undefined && <span>{formatDuration(condition.typicalMs)}</span>}
        {condition !== undefined && <Sparkline recentMs={condition.recentMs} />}
      </span>
      <span className="servers-used servers-muted">
        {condition?.lastUsedAt === undefined ? t('outgoing-servers.never') : formatAgo(condition.lastUsedAt)}
      </span>
    </>
  );
}

function ServerState({ server, condition }: { server: OutgoingServerView; condition: ServerCondition | undefined }) {
  if (!server.enabled) return <StateMark state="passed-over" word={t('outgoing-servers.off')} />;
  if (condition === undefined || condition.state === 'unknown')
    return <StateMark state={stateOf(condition)} word={t('outgoing-servers.state.unknown')} />;
  return (
    <>
      <StateMark state={stateOf(condition)} />
      <span className="servers-muted">{condition.words}</span>
    </>
  );
}

/** What was typed in its editor waits to be saved. */
function Unsaved({ server }: { server: OutgoingServerView }) {
  const hasDraft = serverDrafts.use(server.id) !== undefined;
  return hasDraft && isUnsaved(server) ? (
    <span className="servers-unsaved">
      <Icon of={PencilLine} />
      {t('outgoing-servers.unsaved')}
    </span>
  ) : null;
}

/** Endpoints in their order, those of one host together. */
function byHost(endpoints: OutgoingServerView['endpoints']): [string, OutgoingServerView['endpoints']][] {
  const hosts = new Map<string, OutgoingServerView['endpoints']>();
  for (const endpoint of endpoints) hosts.set(endpoint.host, [...(hosts.get(endpoint.host) ?? []), endpoint]);
  return [...hosts];
}
