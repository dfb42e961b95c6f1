import { useCallback, useEffect, useState } from 'react';
import type { DeliveryMemoryEntry, SeenNetwork } from '#shared/mail/outbox.ts';
import { useApi } from '../../api.ts';
import { useConditions, useLocation, useSettings } from '../../projection/stores.ts';

export interface KnownNetworks {
  /** Null until the first answer. */
  readonly networks: readonly SeenNetwork[] | null;
  readonly memory: readonly DeliveryMemoryEntry[];
  readonly error: unknown;
  readonly refresh: () => void;
}

/** The networks and what is remembered on them: asked anew when the place, a name or what is remembered changes. */
export function useNetworks(): KnownNetworks {
  const api = useApi();
  const location = useLocation((state) => state.location);
  const named = useSettings((state) => state.settings?.locations);
  const conditions = useConditions((state) => state.byServer);
  const [known, setKnown] = useState<Pick<KnownNetworks, 'networks' | 'memory'>>({ networks: null, memory: [] });
  const [error, setError] = useState<unknown>(null);
  const [count, setCount] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what the answer depends on
  useEffect(() => {
    let isOld = false;
    Promise.all([api.call('network.list', {}), api.call('server.memory', {})]).then(
      ([networks, memory]) => {
        if (isOld) return;
        setKnown({ networks, memory });
        setError(null);
      },
      (reason: unknown) => {
        if (!isOld) setError(reason);
      },
    );
    return () => {
      isOld = true;
    };
  }, [api, location, named, conditions, count]);
  return { ...known, error, refresh: useCallback(() => setCount((before) => before + 1), []) };
}
