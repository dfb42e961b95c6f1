import { useEffect, useState } from 'react';
import type { RouteExplanation } from '#shared/mail/outbox.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useIdentities, useServers } from '../../projection/settings-parts.ts';
import { useConditions, useLocation } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Card, Select, TextField } from '../../ui/index.ts';
import { RouteView } from '../../ui/route/route-view.tsx';
import { octetsIn } from './server-problems.ts';

const pauseMs = 300;

/** What would happen if a message went from here to there now? Nothing is sent. */
export function RouteTrial() {
  const identities = useIdentities();
  const servers = useServers();
  const [chosen, setChosen] = useState<string | null>(null);
  const [to, setTo] = useState('');
  const [size, setSize] = useState('');
  const from = chosen ?? identities[0]?.address ?? '';
  const recipients = to.split(/[\s,;]+/u).filter((mailbox) => mailbox !== '');
  const wrong = recipients.filter((mailbox) => !/^[^\s@]+@[^\s@]+$/u.test(mailbox));
  const sizeOctets = octetsIn(size);
  const { route, error } = useRoute(
    from,
    recipients.filter((mailbox) => !wrong.includes(mailbox)).join(' '),
    sizeOctets ?? 0,
  );

  if (identities.length === 0) return <p className="servers-muted">{t('outgoing-servers.trial.empty')}</p>;
  return (
    <div className="servers-trial">
      <p className="servers-muted">{t('outgoing-servers.trial.description')}</p>
      <div className="servers-trial-fields">
        <Select
          label={t('outgoing-servers.trial.from')}
          options={identities.map(({ address }) => ({ value: address, label: address }))}
          value={from}
          onChange={setChosen}
        />
        <TextField
          label={t('outgoing-servers.trial.to')}
          value={to}
          onChange={setTo}
          error={wrong.length === 0 ? null : t('outgoing-servers.trial.problem.to-wrong', { words: wrong.join(', ') })}
          inputMode="email"
          placeholder="name@example.com"
          spellCheck="false"
        />
        <TextField
          label={t('outgoing-servers.trial.size')}
          value={size}
          onChange={setSize}
          error={size.trim() === '' || sizeOctets !== null ? null : t('outgoing-servers.trial.problem.size-wrong')}
          inputMode="decimal"
          suffix={<span className="servers-unit">{t('outgoing-servers.trial.sizeUnit')}</span>}
        />
      </div>
      <FormError error={error} />
      {route !== null && (
        <Card>
          <div aria-live="polite">
            <RouteView
              route={route}
              labelOf={(id) => servers.find((server) => server.id === id)?.label ?? t('delivery.route.unknownServer')}
            />
          </div>
        </Card>
      )}
    </div>
  );
}

/** The route as it is now: asked again when what was typed changes, or what it depends on. */
function useRoute(from: string, to: string, sizeOctets: number): { route: RouteExplanation | null; error: unknown } {
  const api = useApi();
  const servers = useServers();
  const conditions = useConditions((state) => state.byServer);
  const here = useLocation((state) => state.location);
  const [route, setRoute] = useState<RouteExplanation | null>(null);
  const [error, setError] = useState<unknown>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: servers, what is remembered of them and the network decide too
  useEffect(() => {
    let isStale = false;
    const timer = setTimeout(() => {
      if (from === '') return;
      const recipients = to.split(' ').filter((mailbox) => mailbox !== '');
      api.call('route.explain', { from, to: recipients, sizeOctets }).then(
        (answer) => {
          if (isStale) return;
          setError(null);
          setRoute(answer);
        },
        (reason: unknown) => {
          if (!isStale) setError(reason);
        },
      );
    }, pauseMs);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [api, from, to, sizeOctets, servers, conditions, here]);
  return { route, error };
}
