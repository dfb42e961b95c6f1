import { useEffect, useState } from 'react';
import type { SeenNetwork } from '#shared/mail/outbox.ts';
import { useApi } from '../../api.ts';
import { formatAgo, t } from '../../i18n/index.ts';
import { useNamedLocations } from '../../projection/settings-parts.ts';
import { useLocation } from '../../projection/stores.ts';

/** A network to choose. */
export interface Place {
  readonly id: string;
  readonly name: string;
  /** What it was recognised by, and when. */
  readonly text: string;
}

/** Networks seen or named, the present one first, and those a server is tied to though nothing is known of them any more. */
export function usePlaces(tied: readonly string[]): Place[] {
  const networks = useSeenNetworks();
  const places = networks.map(
    ({ locationId, name, isCurrent, description, lastSeenAt }): Place => ({
      id: locationId,
      name: isCurrent ? t('outgoing-servers.networks.here', { name }) : name,
      text: [
        description === name ? '' : description,
        isCurrent || lastSeenAt === null ? '' : t('outgoing-servers.networks.seen', { when: formatAgo(lastSeenAt) }),
      ]
        .filter((part) => part !== '')
        .join(' · '),
    }),
  );
  const unknown = tied.filter((id) => places.every((place) => place.id !== id));
  return [...places, ...unknown.map((id) => ({ id, name: t('outgoing-servers.network.unknown'), text: '' }))];
}

/** The networks as the application knows them; asked again when this computer comes to another or one gets a name. */
export function useSeenNetworks(): readonly SeenNetwork[] {
  const api = useApi();
  const here = useLocation((state) => state.location);
  const named = useNamedLocations();
  const [networks, setNetworks] = useState<readonly SeenNetwork[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when either of them changes
  useEffect(() => {
    let isStale = false;
    api.call('network.list', {}).then(
      (answer) => {
        if (!isStale) setNetworks(answer);
      },
      // Without the list those named or tied can still be chosen.
      () => undefined,
    );
    return () => {
      isStale = true;
    };
  }, [api, here, named]);
  return networks;
}
