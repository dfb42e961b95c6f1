import { GripVertical } from 'lucide-react';
import { Button as AriaButton, GridList, GridListItem, useDragAndDrop } from 'react-aria-components';
import type { ServerId } from '#shared/ids.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { formatAgo, formatDuration, t } from '../../i18n/index.ts';
import { useNamedLocations } from '../../projection/settings-parts.ts';
import { useConditions } from '../../projection/stores.ts';
import { EndpointName } from '../../ui/endpoints/endpoint-fields.tsx';
import { Icon, StateMark } from '../../ui/index.ts';
import { Sparkline } from './sparkline.tsx';
import { networksInWords, sendersInWords, stateOf } from './words.ts';

export interface ServerTableProps {
  servers: readonly OutgoingServerView[];
  selected: ServerId | null;
  onSelect: (id: ServerId) => void;
  onReorder: (ids: ServerId[]) => void;
}

/** The instruments: one row a server, in the order they are tried. The handle moves a row by mouse and by keys. */
export function ServerTable({ servers, selected, onSelect, onReorder }: ServerTableProps) {
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
        items={servers.map((server) => ({ id: server.id, server }))}
      >
        {({ server }) => (
          <GridListItem id={server.id} textValue={server.label} className="servers-grid servers-row">
            <AriaButton slot="drag" className="servers-handle">
              <Icon of={GripVertical} />
            </AriaButton>
            <ServerCells server={server} />
          </GridListItem>
        )}
      </GridList>
    </div>
  );
}

function ServerCells({ server }: { server: OutgoingServerView }) {
  const condition = useConditions((state) => state.byServer[server.id]);
  const locations = useNamedLocations();
  return (
    <>
      <span className="servers-state">
        {server.enabled ? (
          <StateMark
            state={stateOf(condition)}
            word={
              condition === undefined || condition.state === 'unknown' ? t('outgoing-servers.state.unknown') : undefined
            }
          />
        ) : (
          <StateMark state="passed-over" word={t('outgoing-servers.off')} />
        )}
        {server.enabled && condition !== undefined && condition.state !== 'unknown' && (
          <span className="servers-muted">{condition.words}</span>
        )}
      </span>
      <strong className="servers-name">{server.label}</strong>
      <span className="servers-endpoints">
        {server.endpoints.map((endpoint) => (
          <EndpointName key={`${endpointName(endpoint)} ${endpoint.security}`} {...endpoint} />
        ))}
      </span>
      <span className="servers-for">
        <span>{sendersInWords(server)}</span>
        <span className="servers-muted">{networksInWords(server, locations)}</span>
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
