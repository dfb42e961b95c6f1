import { Plus, Server } from 'lucide-react';
import { useState } from 'react';
import type { ServerId } from '#shared/ids.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useServers } from '../../projection/settings-parts.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, EmptyState, showToast, Tabs } from '../../ui/index.ts';
import { Page } from '../../ui/page.tsx';
import { IdentitiesPanel } from './identities-panel.tsx';
import { RouteTrial } from './route-trial.tsx';
import { ServerEditor } from './server-editor.tsx';
import { ServerTable } from './server-table.tsx';
import './screen.css';

/** The outgoing servers, the identities that use them, and what would happen to a message now. */
export function OutgoingServersScreen() {
  const view = useNavigation((state) => state.view);
  const open = useNavigation((state) => state.open);
  const tab = view.kind === 'outgoing-servers' ? (view.tab ?? 'servers') : 'servers';
  return (
    <Page title={t('outgoing-servers.title')} description={t('outgoing-servers.description')}>
      <Tabs
        label={t('outgoing-servers.tabs')}
        selected={tab}
        onSelect={(id) => open({ kind: 'outgoing-servers', tab: id })}
        tabs={[
          { id: 'servers', label: t('outgoing-servers.tab.servers'), content: <ServersPanel /> },
          { id: 'identities', label: t('outgoing-servers.tab.identities'), content: <IdentitiesPanel /> },
          { id: 'route', label: t('outgoing-servers.tab.route'), content: <RouteTrial /> },
        ]}
      />
    </Page>
  );
}

function ServersPanel() {
  const api = useApi();
  const servers = useServers();
  const view = useNavigation((state) => state.view);
  const open = useNavigation((state) => state.open);
  const [isAdding, setAdding] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const serverId = view.kind === 'outgoing-servers' ? (view.serverId ?? null) : null;
  const selected = servers.find(({ id }) => id === serverId) ?? null;
  const select = (id: ServerId | undefined): void => {
    setAdding(false);
    open({ kind: 'outgoing-servers', serverId: id });
  };
  const reorder = (ids: ServerId[]): void => {
    if (ids.every((id, index) => servers[index]?.id === id)) return;
    setError(null);
    api
      .call('server.reorder', { ids })
      .then(() => showToast({ text: t('outgoing-servers.reordered') }))
      .catch(setError);
  };
  const isEditing = isAdding || selected !== null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes the editor from anywhere in the panel
    <div
      className="servers-panel"
      data-editing={isEditing ? '' : undefined}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented || !isEditing) return;
        event.stopPropagation();
        select(undefined);
      }}
    >
      <div className="servers-side">
        <FormError error={error} />
        {servers.length === 0 && !isAdding && <NoServer onAdd={() => setAdding(true)} />}
        {servers.length > 0 && (
          <>
            <ServerTable servers={servers} selected={selected?.id ?? null} onSelect={select} onReorder={reorder} />
            <div>
              <Button icon={Plus} onPress={() => setAdding(true)}>
                {t('outgoing-servers.add')}
              </Button>
            </div>
          </>
        )}
      </div>
      {isEditing && (
        <ServerEditor
          key={isAdding ? 'new' : selected?.id}
          server={isAdding ? null : selected}
          onClose={() => select(undefined)}
          onAdded={select}
        />
      )}
    </div>
  );
}

function NoServer({ onAdd }: { onAdd: () => void }) {
  return (
    <EmptyState
      icon={Server}
      title={t('outgoing-servers.empty.title')}
      text={t('outgoing-servers.empty.text')}
      action={
        <Button variant="primary" icon={Plus} onPress={onAdd}>
          {t('outgoing-servers.add')}
        </Button>
      }
    />
  );
}
