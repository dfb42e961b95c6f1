import type { AccountId } from '#shared/ids.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import type { HereState, RemovedThere, WaitingHeader, WaitingMail } from '#shared/mail/look.ts';
import { MailError } from '#shared/mail-error.ts';
import { readOutline } from '../message/read-outline.ts';
import type { Clock } from '../ports.ts';
import type { KnownUniqueId, Store } from '../store/store-api.ts';
import { createLookSession, type Listing, type LookSession, type LookSessionOptions } from './look-session.ts';
import type { MaildropTurns } from './maildrop-turns.ts';
import type { Credentials } from './pop3-auth.ts';
import { isRefusal } from './pop3-errors.ts';
import type { Pop3Timeouts } from './pop3-reach.ts';

export interface LookRooms {
  readonly clock: Clock;
  readonly store: Pick<Store, 'knownUniqueIds' | 'summary' | 'forgetUniqueIds'>;
  readonly turns: MaildropTurns;
  /** Throws ENOTFOUND. */
  readonly accountOf: (accountId: AccountId) => IncomingAccount;
  readonly credentialsOf: (account: IncomingAccount) => Promise<Credentials>;
  readonly timeouts?: Partial<Pop3Timeouts>;
  readonly onLostTogether?: LookSessionOptions['onLostTogether'];
}

/** "Look first": what waits on a server, shown before anything is collected, and what a person chooses of it. */
export interface LookFirst {
  open(accountId: AccountId): Promise<WaitingMail>;
  headers(accountId: AccountId, uniqueIds: readonly string[]): Promise<WaitingHeader[]>;
  remove(accountId: AccountId, uniqueIds: readonly string[], evenIfNotHere: boolean): Promise<RemovedThere>;
  /** Ends the session, if there is one; in the caller's turn, so that a collection may take the maildrop. */
  rest(account: IncomingAccount): Promise<void>;
  closeOne(accountId: AccountId): Promise<void>;
  close(): Promise<void>;
}

export function createLookFirst(rooms: LookRooms): LookFirst {
  const { store, turns, clock } = rooms;
  const looks = new Map<AccountId, { readonly session: LookSession; readonly stop: AbortController }>();

  function lookAt(account: IncomingAccount): LookSession {
    const known = looks.get(account.id);
    if (known !== undefined) return known.session;
    const stop = new AbortController();
    const session = createLookSession({
      account,
      credentials: () => rooms.credentialsOf(account),
      clock,
      timeouts: rooms.timeouts,
      signal: stop.signal,
      onLostTogether: rooms.onLostTogether,
    });
    looks.set(account.id, { session, stop });
    return session;
  }

  /** In the maildrop's turn, with a session that is there, or that is opened again. */
  function inLook<T>(accountId: AccountId, work: (listing: Listing, look: LookSession) => Promise<T>): Promise<T> {
    const account = rooms.accountOf(accountId);
    return turns.take(account, async () => {
      const look = lookAt(account);
      return await look.use((listing) => work(listing, look));
    });
  }

  async function knownOf(accountId: AccountId): Promise<Map<string, KnownUniqueId>> {
    return new Map((await store.knownUniqueIds(accountId)).map((entry) => [entry.uniqueId, entry]));
  }

  async function end(accountId: AccountId): Promise<void> {
    const look = looks.get(accountId);
    looks.delete(accountId);
    await look?.session.rest();
    look?.stop.abort(new MailError('ECANCELLED', 'Looking was ended.'));
  }

  return {
    async open(accountId) {
      const account = rooms.accountOf(accountId);
      // Settings may have changed since: a look begins with a session of its own.
      await turns.take(account, () => end(accountId));
      const [{ byId, session }, known] = await Promise.all([
        inLook(accountId, async (listing) => listing),
        knownOf(accountId),
      ]);
      const messages = [...byId].map(([uniqueId, { octets }]) => ({
        uniqueId,
        octets,
        here: hereState(known.get(uniqueId), octets),
      }));
      const { isKnown, top } = session.capabilities;
      return {
        messages,
        octets: messages.reduce((sum, message) => sum + message.octets, 0),
        canShowHeaders: top || !isKnown,
      };
    },

    async headers(accountId, uniqueIds) {
      const known = await knownOf(accountId);
      const rows = await Promise.all(uniqueIds.map((id) => headerHere(store, id, known.get(id))));
      if (rows.every((row) => row !== null)) return rows;
      return await inLook(accountId, ({ session, byId }) =>
        Promise.all(
          uniqueIds.map(async (uniqueId, at) => {
            const listed = byId.get(uniqueId);
            const row = rows[at] ?? null;
            if (listed === undefined) return { ...(row ?? emptyHeader(uniqueId)), isGone: true };
            if (row !== null) return row;
            const bytes = await session.top(listed.messageNumber, 0);
            return bytes === null ? emptyHeader(uniqueId) : headerIn(uniqueId, bytes);
          }),
        ),
      );
    },

    async remove(accountId, uniqueIds, evenIfNotHere) {
      const chosen = [...new Set(uniqueIds)];
      if (!evenIfNotHere) await assertHere(store, chosen, await knownOf(accountId));
      const result = await inLook(accountId, (listing, look) => removeThere(listing, look, chosen));
      // Nobody needs to know any more what is not there any more.
      const forget = [...result.removed, ...result.gone];
      if (forget.length > 0) await store.forgetUniqueIds(accountId, forget);
      return result;
    },

    rest: async ({ id }) => looks.get(id)?.session.rest(),
    async closeOne(accountId) {
      const account = rooms.accountOf(accountId);
      await turns.take(account, () => end(accountId));
    },
    async close() {
      await Promise.all([...looks.keys()].map(end));
    },
  };
}

function hereState(known: KnownUniqueId | undefined, octets: number): HereState {
  // The server gave the unique-id to another message.
  if (known === undefined || known.messageKey === null || known.listedOctets !== octets) return 'no';
  if (known.isRemovedHere) return 'removed';
  return isBeginning(known.messageKey) ? 'beginning' : 'whole';
}

/** From the message that lies here; null when the server has to be asked. */
async function headerHere(
  store: LookRooms['store'],
  uniqueId: string,
  known: KnownUniqueId | undefined,
): Promise<WaitingHeader | null> {
  const key = known?.messageKey ?? null;
  const summary = key === null ? null : await store.summary(key);
  if (summary === null) return null;
  const { displayName, mailbox } = summary.from;
  return { uniqueId, from: displayName || mailbox, subject: summary.subject, date: summary.date, isGone: false };
}

function emptyHeader(uniqueId: string): WaitingHeader {
  return { uniqueId, from: '', subject: '', date: null, isGone: false };
}

function headerIn(uniqueId: string, bytes: Uint8Array): WaitingHeader {
  const { from, subject, date } = readOutline(bytes, { maxTextOctets: 0 });
  const [author] = from;
  const isDate = date !== null && Math.abs(date) < 8.64e15;
  return {
    uniqueId,
    from: author === undefined ? '' : author.displayName || author.mailbox,
    subject,
    date: isDate ? new Date(date).toISOString() : null,
    isGone: false,
  };
}

/** What is not here whole would be gone for good: never without the person saying so. */
async function assertHere(
  store: LookRooms['store'],
  uniqueIds: readonly string[],
  known: ReadonlyMap<string, KnownUniqueId>,
): Promise<void> {
  let missing = 0;
  for (const id of uniqueIds) {
    const key = known.get(id)?.messageKey ?? null;
    const isHere = key !== null && !isBeginning(key) && (await store.summary(key)) !== null;
    if (!isHere) missing += 1;
  }
  if (missing === 0) return;
  const what = missing === 1 ? 'One of them is not here whole' : `${missing} of them are not here whole`;
  throw new MailError('EINVALID', `${what} and would be lost for good. Nothing was deleted.`);
}

async function removeThere(listing: Listing, look: LookSession, uniqueIds: readonly string[]): Promise<RemovedThere> {
  const { session, byId, twins } = listing;
  const gone = uniqueIds.filter((id) => !byId.has(id));
  const refused: { uniqueId: string; why: string }[] = [];
  const marked: string[] = [];
  for (const uniqueId of uniqueIds) {
    const listed = byId.get(uniqueId);
    if (listed === undefined) continue;
    if (twins.has(rawIdOf(uniqueId))) {
      refused.push({
        uniqueId,
        why: 'The server gives several messages the same unique-id, so they cannot be told apart.',
      });
      continue;
    }
    try {
      await session.delete(listed.messageNumber);
      marked.push(uniqueId);
    } catch (error) {
      if (!(error instanceof MailError && isRefusal(error))) throw error;
      refused.push({ uniqueId, why: error.server ?? error.message });
    }
  }
  if (marked.length === 0) return { removed: [], gone, refused };
  const removed = await carryOut(listing, look, marked);
  for (const uniqueId of marked)
    if (!removed.includes(uniqueId))
      refused.push({ uniqueId, why: 'The server did not delete it at the end of the session.' });
  return { removed, gone, refused };
}

/** RFC 1939 §6: only QUIT deletes. Where its answer is lost, a new listing tells what became of them. */
async function carryOut({ session }: Listing, look: LookSession, marked: readonly string[]): Promise<string[]> {
  try {
    await session.quit();
    await look.rest();
    return [...marked];
  } catch {
    session.close();
    await look.rest();
    const { byId } = await look.listing();
    return marked.filter((id) => !byId.has(id));
  }
}

/** Without the number that tells twins apart: a unique-id itself holds no space, a digest id holds one. */
function rawIdOf(uniqueId: string): string {
  return /^(?:digest )?\S+/.exec(uniqueId)?.[0] ?? uniqueId;
}
