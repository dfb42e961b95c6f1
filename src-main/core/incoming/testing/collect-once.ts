import type { CollectedAccount } from '#shared/job.ts';
import { collectMaildrop } from '../collect-maildrop.ts';
import type { CollectOptions } from '../collect-options.ts';
import { accountAt, realClock } from './maildrops.ts';

/** One session of Anna's at a server of the practice kind; `patch` changes her account, `options` anything else. */
export function collectOnce(
  server: { readonly port: number },
  store: CollectOptions['store'],
  patch: Record<string, unknown> = {},
  options: Partial<CollectOptions> = {},
): Promise<CollectedAccount> {
  return collectMaildrop({
    account: accountAt(server.port, patch),
    credentials: { user: 'anna', secret: 'secret', auth: 'auto' },
    store,
    clock: realClock,
    signal: new AbortController().signal,
    timeouts: { connectMs: 2000, greetingMs: 2000, commandMs: 2000 },
    ...options,
  });
}
