import { useEffect, useState } from 'react';
import type { RouteExplanation } from '#shared/mail/outbox.ts';
import { useApi } from '../../api.ts';
import { useLocation, useSettings } from '../../projection/stores.ts';

const pauseMs = 400;

/** How a message from here to there would leave now; asked again when something it depends on changes. Null until known. */
export function useRoute(from: string, to: readonly string[], sizeOctets: number): RouteExplanation | null {
  const api = useApi();
  const [route, setRoute] = useState<RouteExplanation | null>(null);
  const servers = useSettings((state) => state.settings?.servers);
  const identities = useSettings((state) => state.settings?.identities);
  const location = useLocation((state) => state.location);
  const recipients = to.join('\n');
  // Sizes matter where limits lie, not octet by octet while typing.
  const size = Math.ceil(sizeOctets / 65_536) * 65_536;
  // biome-ignore lint/correctness/useExhaustiveDependencies: servers, identities and the network decide the answer, on the other side
  useEffect(() => {
    let isStale = false;
    if (from === '') return;
    const timer = setTimeout(() => {
      const params = { from, to: recipients === '' ? [] : recipients.split('\n'), sizeOctets: size };
      api.call('route.explain', params).then(
        (answer) => {
          if (!isStale) setRoute(answer);
        },
        () => {
          if (!isStale) setRoute(null);
        },
      );
    }, pauseMs);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [api, from, recipients, size, servers, identities, location]);
  return from === '' ? null : route;
}
