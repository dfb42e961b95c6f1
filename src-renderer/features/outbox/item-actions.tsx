import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import type { MessageKey, ServerId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Api } from '#shared/rpc/client.ts';
import { useApi } from '../../api.ts';
import { formatList, t } from '../../i18n/index.ts';
import { type ComposeStart, useNavigation } from '../../navigation.ts';
import { useServers } from '../../projection/settings-parts.ts';
import { Button, Icon, MenuButton, type MenuEntry, offerUndo, showToast } from '../../ui/index.ts';
import { actionsFor, type ItemAction } from './item-model.ts';
import { PasswordDialog } from './password-dialog.tsx';

/** The buttons of a message on its way, the sensible one first. */
export function ItemActions({ item, onError }: { item: OutboxItem; onError: (error: unknown) => void }) {
  const act = useItemActions(item);
  const [running, setRunning] = useState<ItemAction | null>(null);
  const [isAsking, setAsking] = useState(false);

  const press = (action: Exclude<ItemAction, 'reroute'>): void => {
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
      {actionsFor(item).map((action, index) =>
        action === 'reroute' ? (
          <RerouteButton key={action} item={item} isDisabled={running !== null} onError={onError} />
        ) : (
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
        ),
      )}
      {isAsking && <PasswordDialog item={item} onClose={() => setAsking(false)} />}
    </div>
  );
}

function labelOf(action: Exclude<ItemAction, 'reroute'>, item: OutboxItem): string {
  if (action === 'try-now' && (item.heldFor === 'undo' || item.heldFor === 'send-later'))
    return t('outbox.act.sendNow');
  if (action === 'edit' && item.state === 'sending') return t('outbox.act.edit.sending');
  if (action === 'edit' && item.heldFor === 'undo') return t('outbox.act.edit.undo');
  return t(`outbox.act.${action}`);
}

/** Another server for this one message; it goes at once. */
function RerouteButton({
  item,
  isDisabled,
  onError,
}: {
  item: OutboxItem;
  isDisabled: boolean;
  onError: (error: unknown) => void;
}) {
  const api = useApi();
  const servers = useServers().filter((server) => server.enabled);
  if (servers.length === 0 || (servers.length === 1 && item.serverIds === undefined)) return null;
  const sendBy = async (serverIds: ServerId[], label: string): Promise<void> => {
    await api.call('outbox.reroute', { outboxId: item.outboxId, serverIds });
    await api.call('outbox.flush', { now: true, outboxIds: [item.outboxId] });
    showToast({ text: t('outbox.rerouted', { server: label }) });
  };
  const entryOf = (serverIds: ServerId[], label: string): MenuEntry => ({
    id: serverIds[0] ?? 'route',
    label,
    onAction: () => {
      onError(null);
      sendBy(serverIds, label).catch(onError);
    },
  });
  return (
    <MenuButton
      label={t('outbox.act.reroute')}
      entries={[
        ...servers.map(({ id, label }) => entryOf([id], label)),
        ...(item.serverIds === undefined
          ? []
          : [{ kind: 'separator', id: 'separator' } as const, entryOf([], t('outbox.byRoute'))]),
      ]}
    >
      <Button size="small" variant="quiet" isDisabled={isDisabled}>
        {t('outbox.act.reroute')}
        <Icon of={ChevronDown} />
      </Button>
    </MenuButton>
  );
}

type OwnAction = Exclude<ItemAction, 'enter-password' | 'reroute'>;

function useItemActions({ outboxId, state, messageKey }: OutboxItem): (action: OwnAction) => Promise<void> {
  const api = useApi();
  const compose = useNavigation((navigation) => navigation.compose);
  const resolve = async (resolution: 'arrived' | 'resend' | 'discard', text: string): Promise<void> => {
    await api.call('outbox.resolve', { outboxId, resolution });
    showToast({ text });
  };
  const tryNow = (): Promise<unknown> => api.call('outbox.flush', { now: true, outboxIds: [outboxId] });
  return async (action) => {
    switch (action) {
      case 'try-now':
        // What was given up is queued anew: the same bytes, the same Message-ID.
        if (state === 'failed') await api.call('outbox.resolve', { outboxId, resolution: 'resend' });
        await tryNow();
        return;
      case 'edit': {
        const { messageKey: draftKey, accepted } = await api.call('outbox.cancel', { outboxId });
        compose({ kind: 'edit', messageKey: draftKey, note: noteOn(accepted) });
        return;
      }
      case 'arrived':
        return resolve('arrived', t('outbox.arrived'));
      case 'resend':
        return resolve('resend', t('outbox.resent'));
      case 'discard':
        await api.call('outbox.resolve', { outboxId, resolution: 'discard' });
        offerUndo(t('outbox.discarded'), () => void takeOutOfTrash(api, messageKey, compose));
        return;
    }
  };
}

/** Why the draft is not simply the message again. */
function noteOn(accepted: readonly string[]): string {
  return accepted.length === 0
    ? t('outbox.edit.note')
    : t('outbox.edit.noteSome', { recipients: formatList(accepted) });
}

/** The discarded message as a draft: whether to send it again is for a person to say. */
async function takeOutOfTrash(api: Api, messageKey: MessageKey, compose: (start: ComposeStart) => void): Promise<void> {
  try {
    await api.call('message.move', { messageKeys: [messageKey], folder: folder.drafts });
    await api.call('message.setFlags', { messageKeys: [messageKey], add: ['draft'] });
    compose({ kind: 'edit', messageKey, note: t('outbox.discard.undone') });
  } catch (error) {
    showToast({ text: error instanceof MailError ? error.message : String(error) });
  }
}
