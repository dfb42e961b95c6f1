import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { Tabs } from '../../ui/index.ts';
import { Page } from '../../ui/page.tsx';
import { HostProbe } from './host-probe.tsx';
import { IdentitiesPanel } from './identities-panel.tsx';
import { RouteTrial } from './route-trial.tsx';
import { ServersPanel } from './servers-panel.tsx';
import './screen.css';
import './editor.css';

/** The outgoing servers, the identities that use them, what would happen to a message now, and a look at any host. */
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
          { id: 'probe', label: t('outgoing-servers.tab.probe'), content: <HostProbe /> },
        ]}
      />
    </Page>
  );
}
