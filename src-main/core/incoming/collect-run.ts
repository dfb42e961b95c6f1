import type { MessageKey } from '#shared/ids.ts';
import type { CollectedAccount } from '#shared/job.ts';
import { MailError, type MailErrorData } from '#shared/mail-error.ts';
import type { FileRequest, KnownUniqueId } from '../store/store-api.ts';
import type { CollectOptions } from './collect-options.ts';
import {
  digestIdOf,
  headerFactsOf,
  isBeginningOf,
  isSameButStatus,
  messageKeyOf,
  sha256Of,
} from './message-identity.ts';
import type { Listed, Retrieval } from './plan-fetch.ts';
import type { Pop3Capabilities } from './pop3-capabilities.ts';
import type { Arrival } from './retrieve-ahead.ts';
import { folderFor } from './sort-multidrop.ts';
import type { Survey } from './survey-maildrop.ts';

export interface Filing {
  readonly listed: Listed;
  readonly request: FileRequest;
  /** It may be deleted once it is safe. */
  readonly mayRemove: boolean;
}

export type Run = ReturnType<typeof createRun>;

/** What one visit has come to: counts for the report, and which messages are safe. */
export function createRun(options: CollectOptions) {
  const { account, store, onProgress, onFiled, onWhole } = options;
  const failed: { uniqueId: string; error: MailErrorData }[] = [];
  const removable = new Set<number>();
  /** Of what came; anything else is known by the id in the listing. */
  const ids = new Map<number, string>();
  const missingBySha256 = new Map<string, KnownUniqueId[]>();
  let survey: Survey | null = null;
  let retrieved = 0;
  let octets = 0;
  let done = 0;
  let deleted = 0;
  let deletedOctets = 0;
  let beginnings = 0;
  let tooLarge = 0;
  let loginDelaySeconds: number | null = null;

  function progress(): void {
    onProgress?.({ done, total: survey?.plan.retrieve.length ?? 0, octets });
  }

  function keptForClock(): Pick<CollectedAccount, 'keptForClock'> {
    const { retention } = account;
    if (survey === null || survey.keptForClock === 0 || retention.kind !== 'leave-days') return {};
    const { keptForClock: messages, dayCount } = survey;
    return { keptForClock: { messages, aheadMs: dayCount.aheadMs, days: retention.days } };
  }

  function failedAt(listed: Listed, error: MailError): void {
    failed.push({ uniqueId: ids.get(listed.messageNumber) ?? listed.uniqueId ?? '', error: error.toData() });
  }

  /** The same bytes under a new unique-id after a mass change: the message is here already. */
  async function recordSame(known: KnownUniqueId, uniqueId: string, listed: Listed): Promise<void> {
    await store.recordUniqueIds(account.id, [{ ...known, uniqueId, listedOctets: listed.octets, isConfirmed: true }]);
    if (known.uniqueId !== uniqueId) await store.forgetUniqueIds(account.id, [known.uniqueId]);
  }

  interface Came {
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly sha256: string;
    readonly headerDigest: string;
    readonly uniqueId: string;
  }

  /**
   * Puts the whole message where its beginning lies. False when what came is not what the beginning began: then it is
   * another message, to be filed beside it.
   */
  async function takeWhole(known: KnownUniqueId, listed: Listed, came: Came): Promise<boolean> {
    const { messageKey } = known;
    const first = messageKey === null ? null : await bytesOf(store, messageKey);
    if (messageKey === null || first === null || !isBeginningOf(first, came.bytes)) return false;
    const { request, mayRemove } = toFile(options, listed, came.uniqueId, came.bytes, came.sha256, came.headerDigest);
    const whole = { ...request, receivedAt: known.collectedAt };
    const outcome = await store.replaceBeginning(messageKey, whole);
    retrieved += 1;
    if (mayRemove) removable.add(listed.messageNumber);
    onWhole?.(messageKey, outcome.messageKey);
    return true;
  }

  /** What had these bytes under a unique-id that is gone, and lies here still, or was removed here. */
  async function missingAs(sha256: string): Promise<KnownUniqueId | undefined> {
    const candidates = missingBySha256.get(sha256) ?? [];
    for (let known = candidates.shift(); known !== undefined; known = candidates.shift()) {
      const { messageKey, isRemovedHere } = known;
      if (isRemovedHere || (messageKey !== null && (await store.present([messageKey])).length > 0)) return known;
    }
    return undefined;
  }

  /** Whether what came again is the message that is known, be it that the server has written its Status into it since. */
  async function isHereAlready(
    { messageKey, sha256: knownSha256 }: KnownUniqueId,
    kind: Retrieval['kind'],
    bytes: Uint8Array,
    sha256: string,
  ): Promise<boolean> {
    // What came without being known before is filed in any case: the store finds its file, or makes it again.
    if (knownSha256 === sha256) return kind === 'confirm';
    const stored = messageKey === null ? null : await bytesOf(store, messageKey);
    return stored !== null && isSameButStatus(stored, bytes);
  }

  return {
    /** Files the beginnings of large messages. None of them is ever a reason to delete. */
    async commitBeginnings(requests: FileRequest[]): Promise<void> {
      const outcomes = await store.file(requests);
      const arrived = outcomes.flatMap(({ outcome, messageKey }) => (outcome === 'filed' ? [messageKey] : []));
      beginnings += arrived.length;
      if (arrived.length > 0) onFiled?.(arrived);
    },
    /** What the server says of itself, also when it then refuses the sign-in. */
    learn(capabilities: Pop3Capabilities): void {
      loginDelaySeconds = capabilities.loginDelaySeconds;
    },
    /** Too large to be fetched by itself, and the server gives no beginning. */
    leftLarge(): void {
      tooLarge += 1;
    },
    begin(found: Survey): void {
      survey = found;
      for (const { listed } of found.plan.remove) removable.add(listed.messageNumber);
      for (const known of found.plan.missing) {
        const same = missingBySha256.get(known.sha256);
        if (same === undefined) missingBySha256.set(known.sha256, [known]);
        else same.push(known);
      }
      progress();
    },
    /** Judges what came; answers what is to be filed, or null when nothing is. */
    async take(arrival: Arrival): Promise<Filing | null> {
      const { listed } = arrival.retrieval;
      done += 1;
      if (arrival.kind === 'refused') {
        failedAt(listed, arrival.error);
        progress();
        return null;
      }
      const { bytes, retrieval } = arrival;
      octets += bytes.byteLength;
      progress();
      const sha256 = sha256Of(bytes);
      const header = headerFactsOf(bytes);
      const headerDigest = header.digest;
      const knownByHeader = survey?.knownByHeader;
      const digestId = () => digestIdOf(header, listed.octets, (id) => knownByHeader?.has(id) === true);
      const uniqueId = listed.uniqueId ?? survey?.ordinal(digestId()) ?? '';
      ids.set(listed.messageNumber, uniqueId);
      if (
        retrieval.kind === 'whole' &&
        (await takeWhole(retrieval.known, listed, { bytes, sha256, headerDigest, uniqueId }))
      )
        return null;
      const filing = toFile(options, listed, uniqueId, bytes, sha256, headerDigest);
      const before = retrieval.kind === 'confirm' ? retrieval.known : knownByHeader?.get(uniqueId);
      const same =
        before !== undefined && (await isHereAlready(before, retrieval.kind, bytes, sha256))
          ? before
          : await missingAs(sha256);
      if (same === undefined) return filing;
      await recordSame(same, uniqueId, listed);
      if (retrieval.kind === 'confirm' || filing.mayRemove) removable.add(listed.messageNumber);
      return null;
    },
    /** Files a batch; only what the store acknowledged counts as safe. */
    async commit(batch: readonly Filing[]): Promise<void> {
      const outcomes = await store.file(batch.map(({ request }) => request));
      const arrived: MessageKey[] = [];
      for (const [index, filing] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined || outcome.messageKey !== filing.request.messageKey) continue;
        retrieved += 1;
        if (filing.mayRemove) removable.add(filing.listed.messageNumber);
        if (outcome.outcome === 'filed') arrived.push(outcome.messageKey);
      }
      if (arrived.length > 0) onFiled?.(arrived);
    },
    /** What is safe here and due there. Messages that share a unique-id go together or not at all. */
    removable(): Listed[] {
      if (removable.size === 0) return [];
      const listing = survey?.listing ?? [];
      const rawIds = survey?.rawIds ?? new Map<number, string>();
      const kept = new Set(
        listing
          .filter(({ messageNumber }) => !removable.has(messageNumber))
          .map(({ messageNumber }) => rawIds.get(messageNumber)),
      );
      kept.delete(undefined);
      return listing.filter(
        ({ messageNumber }) => removable.has(messageNumber) && !kept.has(rawIds.get(messageNumber)),
      );
    },
    removed(listed: readonly Listed[]): void {
      deleted = listed.length;
      deletedOctets = listed.reduce((sum, { octets: size }) => sum + size, 0);
    },
    failed: failedAt,
    idOf: ({ messageNumber, uniqueId }: Listed) => ids.get(messageNumber) ?? uniqueId ?? undefined,
    result() {
      const left = (survey?.messages ?? 0) - deleted;
      const total = survey?.totalOctets ?? null;
      return {
        accountId: account.id,
        retrieved,
        octets,
        left,
        deleted,
        failed,
        ...(beginnings === 0 ? {} : { beginnings }),
        ...(tooLarge === 0 ? {} : { tooLarge }),
        ...(loginDelaySeconds === null ? {} : { loginDelaySeconds }),
        ...keptForClock(),
        ...(total === null ? {} : { serverOctets: Math.max(0, total - deletedOctets) }),
      };
    },
  };
}

/** Null when it is not there any more: then there is nothing to put the whole message in the place of. */
async function bytesOf(store: CollectOptions['store'], messageKey: MessageKey): Promise<Uint8Array | null> {
  try {
    return await store.read(messageKey);
  } catch (error) {
    if (error instanceof MailError && error.code === 'ENOTFOUND') return null;
    throw error;
  }
}

/** The request to the store, with the record that is committed beside it. */
function toFile(
  { account, clock }: CollectOptions,
  listed: Listed,
  uniqueId: string,
  bytes: Uint8Array<ArrayBuffer>,
  sha256: string,
  headerDigest: string,
): Filing {
  const isShort = bytes.byteLength < listed.octets;
  const entry = {
    uniqueId,
    octets: bytes.byteLength,
    listedOctets: listed.octets,
    sha256,
    headerDigest,
    collectedAt: clock.now(),
    isConfirmed: false,
  };
  const request: FileRequest = {
    folder: folderFor(account, bytes),
    messageKey: messageKeyOf(account.id, uniqueId, sha256),
    bytes,
    flags: [],
    receivedAt: clock.now(),
    collected: { accountId: account.id, entry },
  };
  return { listed, request, mayRemove: account.retention.kind === 'delete' && !isShort };
}
