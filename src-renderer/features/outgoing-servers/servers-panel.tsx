import { Plus, Server } from 'lucide-react';
import { useState } from 'react';
import type { ServerId } from '#shared/ids.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useServers } from '../../projection/settings-parts.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, EmptyState, showToast } from '../../ui/index.ts';
import { setAdding, tellDraftKept, unborn, useAdding } from './drafts.ts';
import { PanelFrame } from './panel-frame.tsx';
import { ServerEditor } from './server-editor.tsx';
import { ServerTable } from './server-table.tsx';
import { isUnsaved } from './use-server-form.ts';

/** The table of servers, and beside it the editor of one. What was typed and not saved waits when it is left. */
export function ServersPanel() {
  const api = useApi();
  const servers = useServers();
  const view = useNavigation((state) => state.view);
  const open = useNavigation((state) => state.open);
  const [error, setError] = useState<unknown>(null);
  const serverId = view.kind === 'outgoing-servers' ? (view.serverId ?? null) : null;
  const selected = servers.find(({ id }) => id === serverId) ?? null;
  const isAdding = useAdding((state) => state.isAdding) && selected === null;
  const isEditing = isAdding || selected !== null;
  const select = (id: ServerId | undefined): void => {
    setAdding(false);
    open({ kind: 'outgoing-servers', serverId: id });
  };
  const add = (): void => {
    open({ kind: 'outgoing-servers' });
    setAdding(true);
  };
  const reopen = (id: ServerId | undefined): void => (id === undefined ? add() : select(id));
  const close = (): void => {
    if (isUnsaved(selected)) tellDraftKept(selected?.label ?? null, () => reopen(selected?.id));
    select(undefined);
    focusRow(selected?.id);
  };
  const reorder = (ids: ServerId[]): void => {
    const before = servers.map(({ id }) => id);
    if (ids.every((id, index) => before[index] === id)) return;
    setError(null);
    api
      .call('server.reorder', { ids })
      .then(() => showToast({ text: t('outgoing-servers.reordered') }))
      .catch(setError);
  };
  return (
    <PanelFrame
      onClose={close}
      editor={
        isEditing ? (
          <ServerEditor
            key={selected?.id ?? unborn}
            server={selected}
            onReopen={() => reopen(selected?.id)}
            onDone={() => select(undefined)}
            onClose={close}
            onAdded={select}
          />
        ) : null
      }
    >
      <FormError error={error} />
      {servers.length === 0 && !isAdding && <NoServer onAdd={add} />}
      {servers.length > 0 && (
        <>
          <ServerTable servers={servers} selected={selected?.id ?? null} onSelect={select} onReorder={reorder} />
          <div>
            <Button icon={Plus} onPress={add}>
              {t('outgoing-servers.add')}
            </Button>
          </div>
        </>
      )}
    </PanelFrame>
  );
}

/** Back to where the editor was opened from. */
function focusRow(id: ServerId | undefined): void {
  requestAnimationFrame(() => {
    const rows = document.querySelectorAll<HTMLElement>('.servers-row');
    [...rows].find((row) => row.dataset.key === id)?.focus();
  });
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
