import { useState } from 'react';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import type { SendOptions } from '#shared/rpc/contract.ts';
import { useApi } from '../../api.ts';
import { formatMoment, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useSettings } from '../../projection/stores.ts';
import { showToast } from '../../ui/index.ts';
import type { OpenDraft } from './use-draft.ts';

/** Handing the message to the Outbox, and calling it back while it can be. */
export function useSending(
  id: string,
  { keeper, content }: OpenDraft,
): { send: (options: SendOptions) => void; isSending: boolean; error: unknown } {
  const api = useApi();
  const compose = useNavigation((state) => state.compose);
  const open = useNavigation((state) => state.open);
  const closeComposer = useNavigation((state) => state.closeComposer);
  const undoSeconds = useSettings((state) => state.settings?.preferences.undoSendSeconds ?? 0);
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function callBack({ outboxId }: OutboxItem): Promise<void> {
    try {
      const { messageKey } = await api.call('outbox.cancel', { outboxId });
      compose({ kind: 'edit', messageKey });
      showToast({ text: t('composing.undone') });
    } catch (reason) {
      const words = reason instanceof MailError ? reason.message : String(reason);
      showToast({ text: t('composing.tooLate', { reason: words }) });
    }
  }
  function announce(item: OutboxItem, options: SendOptions): void {
    const subject = item.subject === '' ? t('outbox.noSubject') : item.subject;
    const undo = { label: t('ui.undo'), isUndo: true, onPress: () => void callBack(item) };
    if (options.sendAt !== undefined)
      showToast({ text: t('composing.scheduled', { subject, moment: formatMoment(options.sendAt) }), action: undo });
    else if (undoSeconds > 0)
      showToast({ text: t('composing.sent', { subject }), action: undo, lastsMs: undoSeconds * 1000 });
    else
      showToast({
        text: t('composing.queued', { subject }),
        action: { label: t('composing.showOutbox'), onPress: () => open({ kind: 'outbox' }) },
      });
  }
  async function send(options: SendOptions): Promise<void> {
    // The draft is whole on the disk before it is handed over; its file goes once the message is in the Outbox.
    const messageKey = await keeper.flush();
    const item = await api.call('outbox.submit', { draft: { ...content, messageKey }, options });
    await keeper.stop();
    closeComposer(id);
    announce(item, options);
  }
  return {
    isSending,
    error,
    send: (options) => {
      setSending(true);
      setError(null);
      send(options)
        .catch(setError)
        .finally(() => setSending(false));
    },
  };
}
