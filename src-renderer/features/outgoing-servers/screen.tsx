import { useEffect } from 'react';
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
  useEffect(() => {
    // Opened by a key: the keyboard goes on here, not from the top of the window. The tabs are drawn a moment later.
    const frame = requestAnimationFrame(() => {
      if (document.activeElement !== document.body) return;
      document.querySelector<HTMLElement>('.ui-page [role="tab"][aria-selected="true"]')?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, []);
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
