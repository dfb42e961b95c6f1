import { useCallback, useEffect, useState } from 'react';
import type { MessageKey } from '#shared/ids.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import type { Api } from '#shared/rpc/client.ts';
import { useApi } from '../../api.ts';

export type Opened =
  | { kind: 'loading' }
  | { kind: 'failed'; error: unknown; retry: () => void }
  | { kind: 'ready'; message: ParsedMessage; again: () => void };

/** Moving quickly through a list must not ask for every message on the way. */
const restMs = 70;
const keptMessages = 24;

/** Messages never change (only their flags do, and those come from the list): the last few are kept. */
const kept = new Map<MessageKey, ParsedMessage>();

function keep(message: ParsedMessage): void {
  kept.delete(message.messageKey);
  // What is held back today may be let through in a moment.
  if (message.scan?.isHeld === true) return;
  kept.set(message.messageKey, message);
  for (const key of kept.keys()) {
    if (kept.size <= keptMessages) break;
    kept.delete(key);
  }
}

/** The message to show, from memory where it was read a moment ago. */
export function useMessage(messageKey: MessageKey): Opened {
  const api = useApi();
  const [turn, setTurn] = useState(0);
  const [answer, setAnswer] = useState<{ key: MessageKey; opened: Opened } | null>(null);
  const again = useCallback((): void => {
    kept.delete(messageKey);
    setTurn((now) => now + 1);
  }, [messageKey]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks again
  useEffect(() => {
    if (kept.has(messageKey)) return;
    let isOld = false;
    const timer = setTimeout(() => {
      load(api, messageKey, again).then((opened) => {
        if (!isOld) setAnswer({ key: messageKey, opened });
      });
    }, restMs);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [api, messageKey, again, turn]);
  const message = kept.get(messageKey);
  if (message !== undefined) return { kind: 'ready', message, again };
  return answer?.key === messageKey ? answer.opened : { kind: 'loading' };
}

async function load(api: Api, messageKey: MessageKey, again: () => void): Promise<Opened> {
  try {
    const message = await api.call('message.get', { messageKey });
    keep(message);
    return { kind: 'ready', message, again };
  } catch (error) {
    return { kind: 'failed', error, retry: again };
  }
}

/** Reads the message that will probably be wanted next, while nothing else is to do. */
export function usePrefetch(messageKey: MessageKey | null): void {
  const api = useApi();
  useEffect(() => {
    if (messageKey === null || kept.has(messageKey)) return;
    const timer = setTimeout(() => void load(api, messageKey, () => undefined), 400);
    return () => clearTimeout(timer);
  }, [api, messageKey]);
}
