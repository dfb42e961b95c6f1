import type { MessageKey } from '#shared/ids.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import type { Clock, Log } from '../ports.ts';
import type { Store } from '../store/store-api.ts';
import type { Credentials } from './pop3-auth.ts';
import type { Pop3Timeouts } from './pop3-connection.ts';

/** What collecting needs of the store. */
export type CollectStore = Pick<Store, 'state' | 'file' | 'knownUniqueIds' | 'recordUniqueIds' | 'forgetUniqueIds'>;

export interface CollectOptions {
  readonly account: IncomingAccount;
  readonly credentials: Credentials;
  readonly store: CollectStore;
  readonly clock: Clock;
  readonly log?: Log;
  readonly signal: AbortSignal;
  readonly timeouts?: Partial<Pop3Timeouts>;
  readonly onProgress?: (progress: { done: number; total: number; octets: number }) => void;
  /** Told of messages that are safe on disk and were not there before. */
  readonly onFiled?: (messageKeys: MessageKey[]) => void;
}
