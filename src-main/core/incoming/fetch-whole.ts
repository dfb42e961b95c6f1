import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { CollectedAccount, FetchReport } from '#shared/job.ts';
import { isBeginning, wholeOctetsOf } from '#shared/mail/beginning.ts';
import { folder } from '#shared/mail/folder.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { MailError } from '#shared/mail-error.ts';
import type { JobContext } from '../jobs/job-runner.ts';
import type { Clock } from '../ports.ts';
import type { FileRequest, Store } from '../store/store-api.ts';
import type { CollectOptions } from './collect-options.ts';
import { headerDigestOf, isBeginningOf, keyPrefixOf, sha256Of } from './message-identity.ts';
import type { Pop3Session } from './pop3-session.ts';
import { folderFor } from './sort-multidrop.ts';

export interface FetchWholeRooms {
  readonly clock: Clock;
  readonly store: Pick<
    Store,
    | 'collectedAs'
    | 'recordUniqueIds'
    | 'forgetUniqueIds'
    | 'read'
    | 'summary'
    | 'beginnings'
    | 'keysFrom'
    | 'replaceBeginning'
  >;
  readonly accounts: () => readonly IncomingAccount[];
  /** One visit in its turn that fetches only these; the result holds what went wrong. */
  readonly visit: (
    account: IncomingAccount,
    signal: AbortSignal,
    options: Pick<CollectOptions, 'only' | 'onWhole' | 'onOctets'>,
  ) => Promise<CollectedAccount>;
  /** A session of its own, in its turn, for looking only. */
  readonly session: <T>(
    account: IncomingAccount,
    signal: AbortSignal,
    work: (session: Pop3Session) => Promise<T>,
  ) => Promise<T>;
}

interface Found {
  readonly account: IncomingAccount;
  readonly uniqueId: string;
}

/**
 * Gets the whole of a message that lies here by its beginning, in a session of its own, and puts it in its place. Throws
 * ENOTFOUND when no server has it any more, and whatever kept the session from being held.
 */
export async function fetchWhole(
  rooms: FetchWholeRooms,
  beginning: MessageKey,
  { signal, report }: JobContext,
): Promise<FetchReport> {
  const wholeOctets = wholeOctetsOf(beginning);
  if (wholeOctets === null) throw await whyNotAsked(rooms, beginning);
  const found = await whereIs(rooms, beginning, signal);
  const { account, uniqueId } = found;
  let octets = 0;
  let messageKey: MessageKey | null = null;
  const result = await rooms.visit(account, signal, {
    only: new Set([uniqueId]),
    onWhole: (from, whole) => {
      if (from === beginning) messageKey = whole;
    },
    onOctets: (more) => {
      octets += more;
      report({ phase: 'collecting', done: Math.min(octets, wholeOctets), total: wholeOctets, octets });
    },
  });
  if (messageKey === null) throw await whyNot(rooms, found, result);
  return { kind: 'fetch', beginning, messageKey, octets: result.octets, isDeletedThere: result.deleted > 0 };
}

async function whyNotAsked({ store }: FetchWholeRooms, messageKey: MessageKey): Promise<MailError> {
  return (await store.summary(messageKey)) === null
    ? new MailError('ENOTFOUND', 'There is no such message here.')
    : new MailError('EINVALID', 'This message is here whole already.');
}

async function whyNot(
  { store }: FetchWholeRooms,
  { account, uniqueId }: Found,
  { error, failed, retrieved }: CollectedAccount,
): Promise<MailError> {
  if (error !== undefined) return MailError.fromData(error);
  const [refusal] = failed;
  if (refusal !== undefined) return MailError.fromData(refusal.error);
  if (retrieved > 0)
    return new MailError(
      'ENOTFOUND',
      'The server now has another message in its place. That one was collected; only the beginning of this one is left.',
    );
  await store.forgetUniqueIds(account.id, [uniqueId]);
  return goneThere();
}

function goneThere(): MailError {
  return new MailError(
    'ENOTFOUND',
    'The whole message is not on the server any more: it was deleted there, by another program or by the provider. The beginning stays here.',
  );
}

/** The account that collected it; when nobody remembers (a lost ledger, an account set up anew), every account is asked. */
async function whereIs(rooms: FetchWholeRooms, beginning: MessageKey, signal: AbortSignal): Promise<Found> {
  const accounts = rooms.accounts();
  const known = await rooms.store.collectedAs(beginning);
  const account = accounts.find(({ id }) => id === known?.accountId);
  if (known !== null && account !== undefined) return { account, uniqueId: known.entry.uniqueId };
  let trouble: unknown = null;
  for (const candidate of accounts) {
    try {
      const uniqueId = await searchAt(rooms, candidate, beginning, signal);
      if (uniqueId !== null) return { account: candidate, uniqueId };
    } catch (error) {
      if (signal.aborted) throw error;
      trouble ??= error;
    }
  }
  throw trouble ?? goneThere();
}

/** Looks for the message the key was made of, and writes down where it is. */
async function searchAt(
  { store, clock, session }: FetchWholeRooms,
  account: IncomingAccount,
  beginning: MessageKey,
  signal: AbortSignal,
): Promise<string | null> {
  const wholeOctets = wholeOctetsOf(beginning);
  const found = await session(account, signal, async (open) => {
    const [listed, ids] = await Promise.all([open.list(), open.uidl()]);
    for (const { messageNumber, octets } of listed) {
      const uniqueId = ids?.get(messageNumber);
      if (uniqueId === undefined || octets !== wholeOctets) continue;
      if (beginning.startsWith(`${keyPrefixOf(account.id, uniqueId)}-`)) return uniqueId;
    }
    return null;
  });
  if (found === null || wholeOctets === null) return null;
  const bytes = await store.read(beginning);
  await store.recordUniqueIds(account.id, [
    {
      uniqueId: found,
      messageKey: beginning,
      octets: bytes.length,
      listedOctets: wholeOctets,
      sha256: sha256Of(bytes),
      headerDigest: headerDigestOf(bytes),
      collectedAt: clock.now(),
      isConfirmed: false,
      isRemovedHere: false,
    },
  ]);
  return found;
}

/**
 * Puts away beginnings that a crash left beside their whole messages: the whole one lies here under the same unique-id and
 * begins as they do. Killed before the ledger knew of the whole message, it is told now.
 */
export async function sweepBeginnings({
  store,
  accounts,
}: Pick<FetchWholeRooms, 'store' | 'accounts'>): Promise<number> {
  let swept = 0;
  for (const beginning of await store.beginnings()) {
    const here = await store.keysFrom(`${beginning.slice(0, 32)}-`);
    for (const key of here) {
      if (isBeginning(key)) continue;
      const [first, whole] = await Promise.all([store.read(beginning), store.read(key)]);
      if (!isBeginningOf(first, whole)) continue;
      const known = await store.collectedAs(beginning);
      await store.replaceBeginning(beginning, {
        // Nothing is written: the message is here, and only its beginning goes. One that waits to be judged goes on there.
        folder: folderOf(accounts(), known, whole),
        messageKey: key,
        flags: [],
        collected: recordOf(known, whole),
        bytes: new Uint8Array(whole),
      });
      swept += 1;
      break;
    }
  }
  return swept;
}

/** What the ledger knows of a beginning. */
type Known = Awaited<ReturnType<Store['collectedAs']>>;

/** Where its account files it; where nobody remembers the account and there are several, the Inbox. */
function folderOf(all: ReturnType<FetchWholeRooms['accounts']>, known: Known, whole: Uint8Array): FolderPath {
  const account = all.find(({ id }) => id === known?.accountId) ?? (all.length === 1 ? all[0] : undefined);
  return account === undefined ? folder.inbox : folderFor(account, whole);
}

function recordOf(known: Known, whole: Uint8Array): FileRequest['collected'] {
  if (known === null) return undefined;
  const { messageKey: _beginning, isRemovedHere: _removed, ...entry } = known.entry;
  const facts = { octets: whole.length, sha256: sha256Of(whole), headerDigest: headerDigestOf(whole) };
  return { accountId: known.accountId, entry: { ...entry, ...facts, isConfirmed: false } };
}
