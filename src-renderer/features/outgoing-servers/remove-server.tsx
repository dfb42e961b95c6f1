import { useState } from 'react';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Dialog, showToast } from '../../ui/index.ts';
import { serverDrafts } from './drafts.ts';

/** Removing takes the password along, which no undo could bring back: so it asks, naming what goes. */
export function RemoveServer({ server, onRemoved }: { server: OutgoingServerView; onRemoved: () => void }) {
  const api = useApi();
  const [isAsking, setAsking] = useState(false);
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const remove = (): void => {
    setRunning(true);
    setError(null);
    api
      .call('server.remove', { id: server.id })
      .then(() => {
        setAsking(false);
        serverDrafts.drop(server.id);
        showToast({ text: t('outgoing-servers.removed', { server: server.label }) });
        onRemoved();
      })
      .catch(setError)
      .finally(() => setRunning(false));
  };
  return (
    <>
      <Button variant="quiet" onPress={() => setAsking(true)}>
        {t('outgoing-servers.remove')}
      </Button>
      <Dialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={t('outgoing-servers.remove.title', { server: server.label })}
        role="alertdialog"
        size="small"
        actions={
          <>
            <Button onPress={() => setAsking(false)}>{t('ui.cancel')}</Button>
            <Button variant="danger" onPress={remove} isPending={isRunning}>
              {t('outgoing-servers.remove.act', { server: server.label })}
            </Button>
          </>
        }
      >
        <p>{t('outgoing-servers.remove.text')}</p>
        <FormError error={error} />
      </Dialog>
    </>
  );
}
