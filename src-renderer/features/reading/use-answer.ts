import { useCallback, useEffect, useState } from 'react';
import type { GivenAnswer, InvitationAnswer, LaterWord } from '#shared/mail/invitation.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { afterQuiet } from '../../after-quiet.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { sayError } from '../../projection/actions.ts';
import { useSettings } from '../../projection/stores.ts';
import { showToast } from '../../ui/index.ts';

export interface Answering {
  /** Null: none, or not known yet. */
  given: GivenAnswer | null;
  /** What came after it about the same. */
  later: LaterWord | null;
  /** Which one is on its way to the Outbox. */
  pending: InvitationAnswer | null;
  error: unknown;
  answer: (answer: InvitationAnswer) => void;
}

/** Answering an invitation, and what was answered to it. */
export function useAnswer(
  { messageKey }: Pick<ParsedMessage, 'messageKey'>,
  title: string,
  isOffered: boolean,
): Answering {
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const undoSeconds = useSettings((state) => state.settings?.preferences.undoSendSeconds ?? 0);
  const [given, setGiven] = useState<GivenAnswer | null>(null);
  const [later, setLater] = useState<LaterWord | null>(null);
  const [pending, setPending] = useState<InvitationAnswer | null>(null);
  const [error, setError] = useState<unknown>(null);

  const look = useCallback(async (): Promise<void> => {
    const found = await api.call('invitation.given', { messageKey });
    setGiven(found.given);
    setLater(found.later);
  }, [api, messageKey]);
  useEffect(() => {
    if (!isOffered) return;
    const looking = afterQuiet(() => void look().catch(() => undefined));
    looking.now();
    // It leaves the Outbox by itself, and may be taken back there.
    const moments = ['outbox.changed', 'outbox.removed', 'mail.arrived'] as const;
    const stops = moments.map((moment) => api.on(moment, looking.soon));
    return () => {
      looking.stop();
      for (const stop of stops) stop();
    };
  }, [api, look, isOffered]);

  async function takeBack({ outboxId }: OutboxItem): Promise<void> {
    try {
      const draft = await api.call('outbox.cancel', { outboxId });
      await api.call('draft.discard', { messageKey: draft.messageKey });
      showToast({ text: t('invitation.undone') });
      await look();
    } catch (reason) {
      sayError(reason);
    }
  }
  async function give(answer: InvitationAnswer): Promise<void> {
    const item = await api.call('invitation.answer', { messageKey, answer });
    const text = t(`invitation.sent.${answer}`, { title });
    if (undoSeconds > 0)
      showToast({
        text,
        action: { label: t('ui.undo'), isUndo: true, onPress: () => void takeBack(item) },
        lastsMs: undoSeconds * 1000,
      });
    else showToast({ text, action: { label: t('composing.showOutbox'), onPress: () => open({ kind: 'outbox' }) } });
    await look();
  }
  return {
    given,
    later,
    pending,
    error,
    answer: (answer) => {
      setPending(answer);
      setError(null);
      give(answer)
        .catch(setError)
        .finally(() => setPending(null));
    },
  };
}
