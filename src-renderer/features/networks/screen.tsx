import { MapPin } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../i18n/index.ts';
import { useLocation } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Banner, EmptyState, Skeleton } from '../../ui/index.ts';
import { Page } from '../../ui/page.tsx';
import { NetworkCard } from './network-card.tsx';
import { inOrderOfUse } from './network-model.ts';
import { useNetworks } from './use-networks.ts';
import './screen.css';

/** Where this computer has been connected: names, the servers bound to each place, and what is remembered there. */
export function NetworksScreen() {
  const { networks, memory, error, refresh } = useNetworks();
  const isOffline = useLocation((state) => state.location?.isOnline === false);
  const [failure, setFailure] = useState<unknown>(null);
  return (
    <Page title={t('networks.title')} description={t('networks.description')}>
      {isOffline && <Banner level="warning">{t('networks.offline')}</Banner>}
      <FormError error={failure ?? error} />
      {networks === null && error === null && <Skeleton height={96} />}
      {networks?.length === 0 && (
        <EmptyState icon={MapPin} title={t('networks.empty.title')} text={t('networks.empty.text')} />
      )}
      {networks !== null && networks.length > 0 && (
        <ul className="networks-list" aria-label={t('networks.list')}>
          {inOrderOfUse(networks).map((network) => (
            <NetworkCard
              key={network.locationId}
              network={network}
              memory={memory}
              onError={setFailure}
              onChanged={refresh}
            />
          ))}
        </ul>
      )}
    </Page>
  );
}
