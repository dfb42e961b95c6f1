import { Inbox, PenLine, RotateCw } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useOutbox, useSettings } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, EmptyState, Skeleton, Switch } from '../../ui/index.ts';
import { Page } from '../../ui/page.tsx';
import { ItemList } from './item-list.tsx';
import { inOrderOfConcern } from './item-model.ts';
import './screen.css';

/** What waits to be sent, one row a message: where it stands, why, and what can be done. */
export function OutboxScreen() {
  const api = useApi();
  const byId = useOutbox((state) => state.byId);
  const isLoaded = useOutbox((state) => state.isLoaded);
  const isPaused = useSettings((state) => state.settings?.preferences.sendingPaused ?? false);
  const compose = useNavigation((state) => state.compose);
  const [error, setError] = useState<unknown>(null);
  const [isFlushing, setFlushing] = useState(false);
  const items = useMemo(
    () => inOrderOfConcern(Object.values<OutboxItem>(byId).filter(({ state }) => state !== 'sent')),
    [byId],
  );

  const pause = (sendingPaused: boolean): void => {
    setError(null);
    api.call('settings.setPreferences', { sendingPaused }).catch(setError);
  };
  const flushAll = (): void => {
    setError(null);
    setFlushing(true);
    api
      .call('outbox.flush', { now: true })
      .catch(setError)
      .finally(() => setFlushing(false));
  };

  return (
    <Page
      title={t('outbox.title')}
      description={
        <span aria-live="polite">
          {items.length === 0 ? t('outbox.summary.empty') : t('outbox.summary', { count: items.length })}
        </span>
      }
      actions={
        <>
          <Switch
            isSelected={isPaused}
            onChange={pause}
            description={t('outbox.paused.meaning')}
            className="outbox-pause"
          >
            {t('outbox.paused')}
          </Switch>
          {items.length > 0 && (
            <Button icon={RotateCw} onPress={flushAll} isPending={isFlushing} isDisabled={isPaused}>
              {t('outbox.flushAll')}
            </Button>
          )}
        </>
      }
    >
      <FormError error={error} />
      {!isLoaded && <Skeleton height={72} />}
      {isLoaded && items.length === 0 && (
        <EmptyState
          icon={Inbox}
          title={t('outbox.empty.title')}
          text={t('outbox.empty.text')}
          isFocusHome
          action={
            <Button icon={PenLine} onPress={() => compose({ kind: 'new' })}>
              {t('outbox.empty.act')}
            </Button>
          }
        />
      )}
      {items.length > 0 && <ItemList items={items} onError={setError} />}
    </Page>
  );
}
