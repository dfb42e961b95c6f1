import { useEffect, useState } from 'react';
import type { Attempt, OutboxItem } from '#shared/mail/outbox.ts';
import { useApi } from '../../api.ts';

/** The attempts of a message that lies open: asked for anew with each change of it, and followed while one runs. Null until known. */
export function useAttempts(item: OutboxItem): readonly Attempt[] | null {
  const api = useApi();
  const [attempts, setAttempts] = useState<readonly Attempt[] | null>(null);
  const { outboxId } = item;
  // biome-ignore lint/correctness/useExhaustiveDependencies: every change of the item may have brought attempts
  useEffect(() => {
    let isOld = false;
    api.call('outbox.get', { outboxId }).then(
      (whole) => {
        if (!isOld) setAttempts(whole.attempts);
      },
      // It is gone from the outbox: the row goes with it.
      () => undefined,
    );
    return () => {
      isOld = true;
    };
  }, [api, outboxId, item]);
  useEffect(
    () =>
      api.on('outbox.attempting', (told) => {
        if (told.outboxId === outboxId) setAttempts((before) => [...(before ?? []), told.attempt]);
      }),
    [api, outboxId],
  );
  return attempts;
}
