import { MapPin, Network, PenLine, Trash2 } from 'lucide-react';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { DeliveryMemoryEntry, SeenNetwork } from '#shared/mail/outbox.ts';
import { useApi } from '../../api.ts';
import { formatAgo, formatDateFull, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useServers } from '../../projection/settings-parts.ts';
import { Button, Icon, offerUndo, StateMark, showToast, TextField } from '../../ui/index.ts';
import { memoryInWords, memoryMark } from '../../ui/memory-words.ts';
import { type Binding, boundTo, type RememberedAt, rememberedAt } from './network-model.ts';

export interface NetworkCardProps {
  network: SeenNetwork;
  memory: readonly DeliveryMemoryEntry[];
  onError: (error: unknown) => void;
  onChanged: () => void;
}

/** One network: what it is called, how it is recognised, who is bound to it, what is remembered there. */
export function NetworkCard({ network, memory, onError, onChanged }: NetworkCardProps) {
  const api = useApi();
  const servers = useServers();
  const [isNaming, setNaming] = useState(false);
  const bound = boundTo(network.locationId, servers);
  const remembered = rememberedAt(network.locationId, memory, servers, Date.now());
  const titleId = useId();
  const { locationId } = network;

  const forget = (): void => {
    onError(null);
    api.call('network.forget', { locationId }).then(() => {
      onChanged();
      offerUndo(t('networks.forgotten', { network: network.name }), () => {
        api.call('network.restore', { locationId }).then(onChanged, onError);
      });
    }, onError);
  };
  return (
    <li className="networks-card" aria-labelledby={titleId} data-current={network.isCurrent ? '' : undefined}>
      <div className="networks-head">
        <Icon of={network.isCurrent ? MapPin : Network} size={20} />
        <div className="networks-words">
          <h2 className="networks-name" id={titleId}>
            <bdi>{network.name}</bdi>
            {!network.isNamed && <span className="networks-muted"> · {t('networks.unnamed')}</span>}
          </h2>
          {network.description !== '' && (
            <p className="networks-muted">
              <bdi>{network.description}</bdi>
            </p>
          )}
          <p className="networks-muted">
            <Moments network={network} />
          </p>
        </div>
        {network.isCurrent && <StateMark state="took-it" word={t('networks.current')} look="chip" />}
        <div className="networks-acts">
          <Button size="small" icon={PenLine} onPress={() => setNaming(!isNaming)} aria-expanded={isNaming}>
            {network.isNamed ? t('networks.name.change') : t('networks.name.act')}
          </Button>
          <Button
            size="small"
            variant="quiet"
            icon={Trash2}
            onPress={forget}
            aria-label={t('networks.forget.one', { network: network.name })}
          >
            {t('networks.forget')}
          </Button>
        </div>
      </div>
      {isNaming && <NameForm network={network} onDone={() => setNaming(false)} onError={onError} />}
      <div className="networks-parts">
        <Bound bound={bound} />
        <Remembered remembered={remembered} />
      </div>
    </li>
  );
}

function Moments({ network: { isCurrent, firstSeenAt, lastSeenAt } }: Pick<NetworkCardProps, 'network'>) {
  return (
    <>
      {isCurrent
        ? t('networks.seen.now')
        : lastSeenAt !== null && (
            <span title={formatDateFull(lastSeenAt)}>{t('networks.seen.last', { moment: formatAgo(lastSeenAt) })}</span>
          )}
      {firstSeenAt !== null && (
        <span title={formatDateFull(firstSeenAt)}>
          {' '}
          · {t('networks.seen.first', { moment: formatAgo(firstSeenAt) })}
        </span>
      )}
    </>
  );
}

function NameForm({
  network,
  onDone,
  onError,
}: {
  network: SeenNetwork;
  onDone: () => void;
  onError: (error: unknown) => void;
}) {
  const api = useApi();
  const [name, setName] = useState(network.isNamed ? network.name : '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const kept = name.trim();
    if (kept === '') return;
    onError(null);
    api.call('network.name', { locationId: network.locationId, name: kept }).then(() => {
      showToast({ text: t('networks.named', { name: kept }) });
      onDone();
    }, onError);
  };
  return (
    <form
      className="networks-form"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onDone();
      }}
    >
      <TextField
        label={t('networks.name.of', { network: network.name })}
        placeholder={t('networks.name.hint')}
        value={name}
        onChange={setName}
        maxLength={100}
        autoFocus
        suffix={
          <>
            <Button type="submit" isDisabled={name.trim() === ''}>
              {t('networks.name.save')}
            </Button>
            <Button variant="quiet" onPress={onDone}>
              {t('ui.cancel')}
            </Button>
          </>
        }
      />
    </form>
  );
}

function Bound({ bound }: { bound: readonly Binding[] }) {
  const open = useNavigation((state) => state.open);
  return (
    <Part title={t('networks.bound.title')}>
      {bound.length === 0 ? (
        <p className="networks-muted">{t('networks.bound.none')}</p>
      ) : (
        <>
          <ul className="networks-facts networks-bound">
            {bound.map(({ server, rule }) => (
              <li key={server.id}>
                <span>{t(`networks.bound.${rule}`, { server: server.label })}</span>
                <Button
                  size="small"
                  variant="quiet"
                  onPress={() => open({ kind: 'outgoing-servers', serverId: server.id })}
                  aria-label={t('networks.bound.openOne', { server: server.label })}
                >
                  {t('networks.bound.open')}
                </Button>
              </li>
            ))}
          </ul>
          <p className="networks-muted">{t('networks.forget.bound')}</p>
        </>
      )}
    </Part>
  );
}

function Remembered({ remembered }: { remembered: readonly RememberedAt[] }) {
  return (
    <Part title={t('networks.remembered.title')}>
      {remembered.length === 0 ? (
        <p className="networks-muted">{t('networks.remembered.none')}</p>
      ) : (
        <ul className="networks-facts">
          {remembered.map(({ server, entries }) => (
            <li key={server.id}>
              <strong>{server.label}</strong>
              <ul>
                {entries.map((entry) => (
                  <li key={entry.key} title={entry.text}>
                    <StateMark state={memoryMark(entry)} word={<bdi>{memoryInWords(entry)}</bdi>} />
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="networks-part">
      <h3 className="networks-part-title">{title}</h3>
      {children}
    </section>
  );
}
