import { useState } from 'react';
import type { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { offerUndo, showToast } from '../../ui/index.ts';
import type { OpenDraft } from './use-draft.ts';

/** Leaving the composer: by closing, which keeps the draft, or by discarding it, which can be undone. */
export function useClosing(
  id: string,
  { keeper, content }: OpenDraft,
): { close: () => void; discard: () => void; error: unknown } {
  const api = useApi();
  const compose = useNavigation((state) => state.compose);
  const closeComposer = useNavigation((state) => state.closeComposer);
  const [error, setError] = useState<unknown>(null);

  /** The draft's file holds the attachments; the copies made for the composer may go. */
  const release = (): void => {
    for (const { uploadId } of content.attachments) api.call('upload.discard', { uploadId }).catch(() => undefined);
  };
  async function close(): Promise<void> {
    const wasTouched = keeper.status().kind !== 'untouched';
    await keeper.flush();
    closeComposer(id);
    if (wasTouched) showToast({ text: t('composing.kept') });
    release();
  }
  async function discard(): Promise<void> {
    const messageKey = await keeper.flush();
    if (messageKey !== null) await api.call('draft.discard', { messageKey });
    await keeper.stop();
    closeComposer(id);
    if (messageKey !== null) offerUndo(t('composing.discarded'), () => void restore(messageKey));
    release();
  }
  async function restore(messageKey: MessageKey): Promise<void> {
    await api.call('message.move', { messageKeys: [messageKey], folder: folder.drafts });
    compose({ kind: 'edit', messageKey });
  }
  const run = (act: () => Promise<void>): void => {
    setError(null);
    act().catch(setError);
  };
  return { close: () => run(close), discard: () => run(discard), error };
}
