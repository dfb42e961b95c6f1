import { useState } from 'react';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { Button, showToast } from '../../ui/index.ts';
import { actionsFor, type ItemAction } from './item-model.ts';
import { PasswordDialog } from './password-dialog.tsx';

/** The buttons of a message on its way, the sensible one first. */
export function ItemActions({ item, onError }: { item: OutboxItem; onError: (error: unknown) => void }) {
  const act = useItemActions(item);
  const [running, setRunning] = useState<ItemAction | null>(null);
  const [isAsking, setAsking] = useState(false);

  const press = (action: ItemAction): void => {
    if (action === 'enter-password') {
      setAsking(true);
      return;
    }
    onError(null);
    setRunning(action);
    act(action)
      .catch(onError)
      .finally(() => setRunning(null));
  };
  return (
    <div className="outbox-acts">
      {actionsFor(item).map((action, index) => (
        <Button
          key={action}
          size="small"
          variant={index === 0 ? 'secondary' : 'quiet'}
          isPending={running === action}
          isDisabled={running !== null && running !== action}
          onPress={() => press(action)}
        >
          {labelOf(action, item)}
        </Button>
      ))}
      {isAsking && <PasswordDialog item={item} onClose={() => setAsking(false)} />}
    </div>
  );
}

function labelOf(action: ItemAction, item: OutboxItem): string {
  if (action === 'edit' && item.state === 'sending') return t('outbox.act.edit.sending');
  if (action === 'edit' && item.heldFor === 'undo') return t('outbox.act.edit.undo');
  return t(`outbox.act.${action}`);
}

function useItemActions({ outboxId }: OutboxItem): (action: Exclude<ItemAction, 'enter-password'>) => Promise<void> {
  const api = useApi();
  const compose = useNavigation((state) => state.compose);
  return async (action) => {
    switch (action) {
      case 'try-now':
        await api.call('outbox.flush', { now: true, outboxIds: [outboxId] });
        return;
      case 'edit': {
        const { messageKey } = await api.call('outbox.cancel', { outboxId });
        showToast({ text: t('outbox.cancelled') });
        compose({ kind: 'edit', messageKey });
        return;
      }
      case 'arrived':
        await api.call('outbox.resolve', { outboxId, resolution: 'arrived' });
        showToast({ text: t('outbox.arrived') });
        return;
      case 'resend':
        await api.call('outbox.resolve', { outboxId, resolution: 'resend' });
        showToast({ text: t('outbox.resent') });
        return;
      case 'discard':
        await api.call('outbox.resolve', { outboxId, resolution: 'discard' });
        showToast({ text: t('outbox.discarded') });
        return;
    }
  };
}
