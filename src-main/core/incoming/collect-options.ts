import type { MessageKey } from '#shared/ids.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import type { Clock, Log } from '../ports.ts';
import type { Store } from '../store/store-api.ts';
import type { Credentials } from './pop3-auth.ts';
import type { Pop3Timeouts } from './pop3-reach.ts';
import type { Pop3Session, SessionOptions } from './pop3-session.ts';
import type { SettledVisits } from './recollection.ts';
import type { ServerMemory } from './server-memory.ts';

/** What collecting needs of the store. */
export type CollectStore = Pick<
  Store,
  | 'state'
  | 'file'
  | 'replaceBeginning'
  | 'keysFrom'
  | 'summary'
  | 'present'
  | 'read'
  | 'ledgerVersion'
  | 'knownUniqueIds'
  | 'recordUniqueIds'
  | 'forgetUniqueIds'
>;

export interface CollectOptions {
  readonly account: IncomingAccount;
  readonly credentials: Credentials;
  readonly store: CollectStore;
  readonly clock: Clock;
  readonly log?: Log;
  readonly signal: AbortSignal;
  /** Only these unique-ids, whatever their size: nothing else is fetched, deleted or forgotten. */
  readonly only?: ReadonlySet<string>;
  /** Told when a whole message has taken the place of its beginning. */
  readonly onWhole?: (beginning: MessageKey, whole: MessageKey) => void;
  readonly timeouts?: Partial<Pop3Timeouts>;
  /** The last visits that had nothing to do; this one is noted there, too, when it had nothing. */
  readonly settled?: SettledVisits;
  /** What servers said they offer before. */
  readonly memory?: ServerMemory;
  /** Told when all is done but the farewell, which nothing depends on; without it that is waited for. */
  readonly onLeaving?: (left: Promise<void>) => void;
  /** Told what the account is to keep of this visit, where days are counted; null: nothing any more. */
  readonly onDaysCounted?: (kept: IncomingAccount['daysCounted'] | null) => Promise<void>;
  /** Told when the server is known to lose commands sent together. */
  readonly onLostTogether?: () => Promise<void>;
  /** The session, when one was begun while the store opened. Asked once. */
  readonly takeSession?: (onCapabilities: SessionOptions['onCapabilities']) => Promise<Pop3Session | null>;
  /** Told of octets while a message is on its way. */
  readonly onOctets?: (octets: number) => void;
  readonly onProgress?: (progress: { done: number; total: number; octets: number }) => void;
  /** Told of messages that are safe on disk and were not there before. */
  readonly onFiled?: (messageKeys: MessageKey[]) => void;
}
