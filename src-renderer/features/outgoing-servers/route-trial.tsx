import { useEffect, useState } from 'react';
import type { RouteExplanation } from '#shared/mail/outbox.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useIdentities, useServers } from '../../projection/settings-parts.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Card, Select, TextField } from '../../ui/index.ts';
import { RouteView } from '../../ui/route/route-view.tsx';

const pauseMs = 300;

/** What would happen if a message went from here to there now? Nothing is sent. */
export function RouteTrial() {
  const api = useApi();
  const identities = useIdentities();
  const servers = useServers();
  const [chosen, setChosen] = useState<string | null>(null);
  const [to, setTo] = useState('');
  const [size, setSize] = useState('');
  const [route, setRoute] = useState<RouteExplanation | null>(null);
  const [error, setError] = useState<unknown>(null);
  const from = chosen ?? identities[0]?.address ?? '';
  const sizeOctets = Math.max(0, Math.round(Number(size.replace(',', '.')) * 1024 * 1024)) || 0;

  useEffect(() => {
    let isStale = false;
    const timer = setTimeout(() => {
      const recipients = to.split(/[\s,;]+/u).filter((mailbox) => mailbox.includes('@'));
      if (from === '') return;
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
  }, [api, from, to, sizeOctets]);

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
          inputMode="email"
          placeholder="name@example.com"
          spellCheck="false"
        />
        <TextField
          label={t('outgoing-servers.trial.size')}
          value={size}
          onChange={setSize}
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
