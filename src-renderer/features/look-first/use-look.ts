import { useEffect, useState } from 'react';
import type { AccountId } from '#shared/ids.ts';
import type { WaitingHeader, WaitingMail } from '#shared/mail/look.ts';
import { useApi } from '../../api.ts';
import { rowsOf, shownAtOnce, type WaitingRow, wantedHeaders } from './look-model.ts';

export type Look =
  | { readonly kind: 'looking' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'ready'; readonly mail: WaitingMail; readonly rows: readonly WaitingRow[] };

/** What waits on an account's server, with a session there that ends when this screen is left. */
export function useLook(accountId: AccountId): { look: Look; again: () => void; more: (() => void) | null } {
  const api = useApi();
  const [turn, setTurn] = useState(0);
  const [found, setFound] = useState<WaitingMail | { error: unknown } | null>(null);
  const [headers, setHeaders] = useState<ReadonlyMap<string, WaitingHeader>>(new Map());
  const [shown, setShown] = useState(shownAtOnce);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` looks again
  useEffect(() => {
    let isOld = false;
    setFound(null);
    setHeaders(new Map());
    api.call('look.open', { accountId }).then(
      (mail) => {
        if (!isOld) setFound(mail);
      },
      (error: unknown) => {
        if (!isOld) setFound({ error });
      },
    );
    return () => {
      isOld = true;
    };
  }, [api, accountId, turn]);
  useEffect(
    () => () => {
      // Nobody looks any more; a session that cannot be ended ends by itself.
      api.call('look.close', { accountId }).catch(() => undefined);
    },
    [api, accountId],
  );

  const mail = found !== null && 'messages' in found ? found : null;
  const rows = mail === null ? [] : rowsOf(mail.messages, headers, shown);
  const wanted = mail === null ? '' : wantedHeaders(rows, mail.canShowHeaders).join('\n');
  useEffect(() => {
    if (wanted === '') return;
    let isOld = false;
    api.call('look.headers', { accountId, uniqueIds: wanted.split('\n') }).then(
      (more) => {
        if (isOld) return;
        setHeaders((before) => new Map([...before, ...more.map((header) => [header.uniqueId, header] as const)]));
      },
      (error: unknown) => {
        if (!isOld) setFound({ error });
      },
    );
    return () => {
      isOld = true;
    };
  }, [api, accountId, wanted]);

  return {
    look: lookOf(found, mail, rows),
    again: () => setTurn((now) => now + 1),
    more: mail !== null && mail.messages.length > shown ? () => setShown(shown + shownAtOnce) : null,
  };
}

function lookOf(
  found: WaitingMail | { error: unknown } | null,
  mail: WaitingMail | null,
  rows: readonly WaitingRow[],
): Look {
  if (mail !== null) return { kind: 'ready', mail, rows };
  return found !== null && 'error' in found ? { kind: 'failed', error: found.error } : { kind: 'looking' };
}
