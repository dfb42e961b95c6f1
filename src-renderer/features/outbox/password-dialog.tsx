import { type FormEvent, useState } from 'react';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useAppInfo, useSettings } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Dialog, Select, TextField } from '../../ui/index.ts';
import { useAttempts } from './use-attempts.ts';

/** Asks for the password a message waits for, keeps it, and tries the message at once. */
export function PasswordDialog({ item, onClose }: { item: OutboxItem; onClose: () => void }) {
  const api = useApi();
  const servers = useWaitingServers(item);
  const keptIn = useAppInfo((state) => state.info?.secretsKeptIn ?? '');
  const [chosen, setChosen] = useState<OutgoingServerView['id'] | null>(null);
  const [secret, setSecret] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [isRunning, setRunning] = useState(false);
  const server = servers.find(({ id }) => id === chosen) ?? servers[0];

  async function keepAndSend(id: OutgoingServerView['id']): Promise<void> {
    await api.call('server.set', { id, patch: { auth: { secret } } });
    await api.call('outbox.flush', { now: true, outboxIds: [item.outboxId] });
    onClose();
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (server === undefined || secret === '') return;
    setRunning(true);
    setError(null);
    keepAndSend(server.id)
      .catch(setError)
      .finally(() => setRunning(false));
  };

  return (
    <Dialog isOpen onClose={onClose} title={t('outbox.password.title', { server: server?.label ?? '' })} size="small">
      {server === undefined ? (
        <p>{t('outbox.password.none')}</p>
      ) : (
        <form onSubmit={submit} className="outbox-password">
          <p>{t('outbox.password.text', { where: keptIn })}</p>
          {servers.length > 1 && (
            <Select
              label={t('delivery.host')}
              options={servers.map(({ id, label }) => ({ value: id, label }))}
              value={server.id}
              onChange={setChosen}
            />
          )}
          <TextField
            label={t('outbox.password.field')}
            type="password"
            value={secret}
            onChange={setSecret}
            autoFocus
            autoComplete="current-password"
          />
          <FormError error={error} />
          <div className="outbox-acts">
            <Button onPress={onClose}>{t('ui.cancel')}</Button>
            <Button variant="primary" type="submit" isPending={isRunning} isDisabled={secret === ''}>
              {t('outbox.password.save')}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** Servers this message was held for, then all those that sign in and have no password stored. */
function useWaitingServers(item: OutboxItem): OutgoingServerView[] {
  const attempts = useAttempts(item);
  const servers = useSettings((state) => state.settings?.servers);
  const waiting = new Set<string>(
    item.skipped
      .filter(({ reason }) => reason === 'needs-password' || reason === 'auth-failed')
      .map(({ serverId }) => serverId),
  );
  for (const { serverId, stage, outcome } of attempts ?? [])
    if (stage === 'auth' && outcome !== 'accepted') waiting.add(serverId);
  const named = (servers ?? []).filter(({ id }) => waiting.has(id));
  return named.length > 0
    ? named
    : (servers ?? []).filter(({ auth, hasSecret }) => auth.method !== 'none' && !hasSecret);
}
