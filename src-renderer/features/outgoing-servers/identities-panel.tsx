import { AtSign, Plus } from 'lucide-react';
import { useState } from 'react';
import { GridList, GridListItem } from 'react-aria-components';
import { t } from '../../i18n/index.ts';
import { useIdentities, useServers } from '../../projection/settings-parts.ts';
import { Button, EmptyState } from '../../ui/index.ts';
import { type IdentityKey, tellDraftKept, unborn } from './drafts.ts';
import { IdentityEditor } from './identity-editor.tsx';
import { PanelFrame } from './panel-frame.tsx';
import { isIdentityUnsaved } from './use-identity-form.ts';
import { routeInWords } from './words.ts';

/** The addresses a person writes from, each with its route. */
export function IdentitiesPanel() {
  const identities = useIdentities();
  const servers = useServers();
  const [chosen, setChosen] = useState<IdentityKey | null>(null);
  const selected = identities.find(({ id }) => id === chosen) ?? null;
  const isEditing = chosen === unborn || selected !== null;
  const close = (): void => {
    if (isIdentityUnsaved(selected, servers)) tellDraftKept(selected?.address ?? null, () => setChosen(chosen));
    setChosen(null);
  };
  const labelOf = (id: string): string =>
    servers.find((server) => server.id === id)?.label ?? t('delivery.route.unknownServer');
  return (
    <PanelFrame
      onClose={close}
      editor={
        isEditing ? (
          <IdentityEditor
            key={chosen}
            identity={selected}
            servers={servers}
            onReopen={() => setChosen(chosen)}
            onClose={close}
            onDone={() => setChosen(null)}
          />
        ) : null
      }
    >
      <p className="servers-muted">{t('outgoing-servers.identities.description')}</p>
      {identities.length === 0 && !isEditing ? (
        <EmptyState
          icon={AtSign}
          title={t('outgoing-servers.identities.empty.title')}
          text={t('outgoing-servers.identities.empty.text')}
        />
      ) : (
        <GridList
          aria-label={t('outgoing-servers.identities.list')}
          className="servers-list"
          selectionMode="single"
          selectedKeys={selected === null ? [] : [selected.id]}
          onSelectionChange={(keys) =>
            keys !== 'all' && setChosen(identities.find(({ id }) => keys.has(id))?.id ?? null)
          }
          items={identities.map((identity) => ({ id: identity.id, identity }))}
        >
          {({ identity }) => (
            <GridListItem id={identity.id} textValue={identity.address} className="servers-row servers-identity">
              {identity.displayName !== '' && <strong className="servers-name">{identity.displayName}</strong>}
              <bdi>{identity.address}</bdi>
              <span className="servers-muted">{routeInWords(identity, labelOf)}</span>
            </GridListItem>
          )}
        </GridList>
      )}
      <div>
        <Button icon={Plus} onPress={() => setChosen(unborn)}>
          {t('outgoing-servers.identities.add')}
        </Button>
      </div>
    </PanelFrame>
  );
}
