import { ArrowDown, ArrowUp, X } from 'lucide-react';
import type { ServerId } from '#shared/ids.ts';
import { domainOf } from '#shared/mail/address.ts';
import { isOfBigProvider, serverOfProvider } from '#shared/mail/big-provider.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { t } from '../../i18n/index.ts';
import { moved } from '../../ui/endpoints/endpoint-form.ts';
import { Banner, Button, IconButton, RadioCards, Select } from '../../ui/index.ts';
import type { IdentityForm } from './identity-form.ts';

export interface RouteFieldProps {
  form: IdentityForm;
  onChange: (patch: Partial<IdentityForm>) => void;
  servers: readonly OutgoingServerView[];
  isMissing: boolean;
}

/** By which servers an identity's mail may leave: one alone, several in order, or any. */
export function RouteField({ form, onChange, servers, isMissing }: RouteFieldProps) {
  const own = serverOfProvider(form.address, servers);
  const missing = isMissing ? t('outgoing-servers.identity.problem.server-missing') : null;
  return (
    <>
      <RadioCards
        label={t('outgoing-servers.route')}
        options={(['only', 'prefer', 'any'] as const).map((value) => ({
          value,
          label: t(`outgoing-servers.route.${value}`),
          description: t(`outgoing-servers.route.${value}.meaning`),
        }))}
        value={form.routeKind}
        onChange={(routeKind) => onChange({ routeKind, isRouteChosen: true })}
      />
      {isOfBigProvider(form.address) && (
        <Banner
          level={form.routeKind === 'only' ? 'info' : 'warning'}
          className="servers-note"
          actions={
            form.routeKind !== 'only' && (
              <Button
                size="small"
                onPress={() =>
                  onChange({ routeKind: 'only', isRouteChosen: true, onlyServerId: own?.id ?? form.onlyServerId })
                }
              >
                {t('outgoing-servers.route.useOnly')}
              </Button>
            )
          }
        >
          <p>{t('outgoing-servers.route.bigProvider')}</p>
          {own === undefined && (
            <p>{t('outgoing-servers.route.bigProvider.missing', { domain: domainOf(form.address.trim()) })}</p>
          )}
        </Banner>
      )}
      {form.routeKind === 'only' && (
        <Select
          label={t('outgoing-servers.route.server')}
          options={servers.map(({ id, label }) => ({ value: id, label }))}
          value={form.onlyServerId}
          onChange={(onlyServerId) => onChange({ onlyServerId, isRouteChosen: true })}
          error={missing}
        />
      )}
      {form.routeKind === 'prefer' && (
        <Preferred
          ids={form.preferredServerIds}
          onChange={(preferredServerIds) => onChange({ preferredServerIds })}
          servers={servers}
          missing={missing}
        />
      )}
    </>
  );
}

function Preferred(props: {
  ids: readonly ServerId[];
  onChange: (ids: ServerId[]) => void;
  servers: readonly OutgoingServerView[];
  missing: string | null;
}) {
  const { ids, onChange, servers, missing } = props;
  const others = servers.filter(({ id }) => !ids.includes(id));
  return (
    <div className="servers-preferred">
      <span className="ui-field-label">{t('outgoing-servers.route.servers')}</span>
      <ol aria-label={t('outgoing-servers.route.servers')}>
        {ids.map((id, index) => {
          const server = servers.find((one) => one.id === id)?.label ?? t('delivery.route.unknownServer');
          return (
            <li key={id}>
              <span className="ui-route-number" aria-hidden="true">
                {index + 1}
              </span>
              <span className="servers-name">{server}</span>
              <IconButton
                label={t('outgoing-servers.route.up', { server })}
                icon={ArrowUp}
                size="small"
                isDisabled={index === 0}
                onPress={() => onChange(moved(ids, index, index - 1))}
              />
              <IconButton
                label={t('outgoing-servers.route.down', { server })}
                icon={ArrowDown}
                size="small"
                isDisabled={index === ids.length - 1}
                onPress={() => onChange(moved(ids, index, index + 1))}
              />
              <IconButton
                label={t('outgoing-servers.route.remove', { server })}
                icon={X}
                size="small"
                onPress={() => onChange(ids.filter((other) => other !== id))}
              />
            </li>
          );
        })}
      </ol>
      {others.length > 0 && (
        <Select
          label={t('outgoing-servers.route.add')}
          isLabelHidden
          placeholder={t('outgoing-servers.route.add')}
          options={others.map(({ id, label }) => ({ value: id, label }))}
          value={null}
          onChange={(id) => onChange([...ids, id])}
          error={missing}
        />
      )}
    </div>
  );
}
