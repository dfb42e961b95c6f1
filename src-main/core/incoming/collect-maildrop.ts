import type { MessageKey } from '#shared/ids.ts';
import type { CollectedAccount } from '#shared/job.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { MailError, type MailErrorData, toErrorData } from '#shared/mail-error.ts';
import type { Clock, Log } from '../ports.ts';
import type { FileRequest, KnownUniqueId, Store } from '../store/store-api.ts';
import { digestId, headerDigestOf, messageKeyOf, sha256Of } from './message-identity.ts';
import type { FetchPlan, Listed } from './plan-fetch.ts';
import type { Credentials } from './pop3-auth.ts';
import type { Pop3Timeouts } from './pop3-connection.ts';
import { isRefusal } from './pop3-errors.ts';
import { openPop3Session, type Pop3Session } from './pop3-session.ts';
import { type Arrival, retrieveAhead } from './retrieve-ahead.ts';
import { folderFor } from './sort-multidrop.ts';
import { type Survey, surveyMaildrop } from './survey-maildrop.ts';

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

/** One commit of the store takes about this much; the next batch is received while it is being synced. */
const batchAtMost = { messages: 100, octets: 8 * 1024 * 1024 };

/**
 * Collects one maildrop: RETR, then filed durably by the store, then DELE for what the store acknowledged and nothing
 * else, then QUIT. Whatever stops it, what is safe is reported; an error stands in the result. Throws only ECANCELLED.
 */
export async function collectMaildrop(options: CollectOptions): Promise<CollectedAccount> {
  const startedAt = options.clock.now();
  const run = createRun(options);
  let error: MailErrorData | undefined;
  try {
    await visit(options, run);
  } catch (cause) {
    if (options.signal.aborted) throw new MailError('ECANCELLED', 'Collecting was cancelled.', { cause });
    if (!(cause instanceof MailError)) options.log?.error(`Collecting “${options.account.label}” failed.`, cause);
    error = toErrorData(cause);
  }
  return { ...run.result(), durationMs: options.clock.now() - startedAt, error };
}

async function visit(options: CollectOptions, run: Run): Promise<void> {
  const { account, credentials, store, clock, signal, timeouts } = options;
  const { mailFolderProblem } = await store.state();
  if (mailFolderProblem !== null) throw new MailError('EMAILFOLDER', mailFolderProblem);
  const session = await openPop3Session({ endpoint: account, credentials, clock, signal, timeouts });
  try {
    const survey = await surveyMaildrop(session, options);
    run.begin(survey);
    await recordRecognised(survey.plan, options);
    let failure: unknown = null;
    try {
      await receive(session, run, survey.plan);
    } catch (cause) {
      // A full disk ends the receiving, but what is safe already may still be deleted in order.
      failure = cause;
      if (!(cause instanceof MailError && isLocal(cause))) throw cause;
    }
    await removeAndQuit(session, run, survey, options);
    if (failure !== null) throw failure;
  } finally {
    session.close();
  }
}

/** The trouble is on this side; the session is in order. */
function isLocal(error: MailError): boolean {
  return ['EDISKFULL', 'EIO', 'EPERMISSION', 'EMAILFOLDER', 'EINTERNAL'].includes(error.code);
}

/** Messages known by another unique-id: the new one is written down before the old one is let go. */
async function recordRecognised({ recognised }: FetchPlan, { account, store }: CollectOptions): Promise<void> {
  const entries = recognised.flatMap(({ listed, known }) =>
    listed.uniqueId === null ? [] : [{ ...known, uniqueId: listed.uniqueId, isConfirmed: false }],
  );
  if (entries.length === 0) return;
  await store.recordUniqueIds(account.id, entries);
  await store.forgetUniqueIds(
    account.id,
    recognised.map(({ known }) => known.uniqueId),
  );
}

/** Fills batches from the arrivals; one batch is being synced while the next is received. */
async function receive(session: Pop3Session, run: Run, plan: FetchPlan): Promise<void> {
  let batch: Filing[] = [];
  let octets = 0;
  let commit: Promise<void> = Promise.resolve();
  const arrivals = retrieveAhead(session, plan.retrieve);
  try {
    for await (const arrival of arrivals) {
      const filing = await run.take(arrival);
      if (filing === null) continue;
      batch.push(filing);
      octets += filing.request.bytes.byteLength;
      if (batch.length < batchAtMost.messages && octets < batchAtMost.octets) continue;
      await commit;
      commit = run.commit(batch);
      // Looked at when the next batch is full, or below; until then a failure must not count as unhandled.
      commit.catch(() => {});
      batch = [];
      octets = 0;
    }
  } finally {
    // Also when the session broke: what came whole is kept.
    await commit;
    if (batch.length > 0) await run.commit(batch);
  }
}

/** RFC 1939 §6: only QUIT carries deletions out, and only its `+OK` says so; then the unique-ids are let go. */
async function removeAndQuit(session: Pop3Session, run: Run, survey: Survey, options: CollectOptions): Promise<void> {
  const removable = run.removable();
  const marked = (
    await Promise.all(
      removable.map(async (listed) => {
        try {
          await session.delete(listed.messageNumber);
          return [listed];
        } catch (error) {
          if (!(error instanceof MailError && isRefusal(error))) throw error;
          run.failed(listed, error);
          return [];
        }
      }),
    )
  ).flat();
  await session.quit();
  run.removed(marked);
  const { account, store } = options;
  const gone = marked.flatMap((listed) => run.idOf(listed) ?? []);
  const forget = [...survey.plan.forget, ...gone];
  if (forget.length > 0) await store.forgetUniqueIds(account.id, forget);
}

interface Filing {
  readonly listed: Listed;
  readonly request: FileRequest;
  /** It may be deleted once it is safe. */
  readonly mayRemove: boolean;
}

type Run = ReturnType<typeof createRun>;

/** What one visit has come to: counts for the report, and which messages are safe. */
function createRun({ account, store, clock, onProgress, onFiled }: CollectOptions) {
  const failed: { uniqueId: string; error: MailErrorData }[] = [];
  const removable = new Set<number>();
  const ids = new Map<number, string>();
  const missingBySha256 = new Map<string, KnownUniqueId[]>();
  let survey: Survey | null = null;
  let retrieved = 0;
  let octets = 0;
  let done = 0;
  let deleted = 0;

  function progress(): void {
    onProgress?.({ done, total: survey?.plan.retrieve.length ?? 0, octets });
  }

  function failedAt(listed: Listed, error: MailError): void {
    failed.push({ uniqueId: ids.get(listed.messageNumber) ?? listed.uniqueId ?? '', error: error.toData() });
  }

  /** The same bytes under a new unique-id after a mass change: the message is here already. */
  async function recordSame(known: KnownUniqueId, uniqueId: string, listed: Listed): Promise<void> {
    await store.recordUniqueIds(account.id, [{ ...known, uniqueId, listedOctets: listed.octets, isConfirmed: true }]);
    if (known.uniqueId !== uniqueId) await store.forgetUniqueIds(account.id, [known.uniqueId]);
  }

  function toFile(
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

  return {
    begin(found: Survey): void {
      survey = found;
      for (const { listed } of found.plan.remove) removable.add(listed.messageNumber);
      for (const listed of found.listing) if (listed.uniqueId !== null) ids.set(listed.messageNumber, listed.uniqueId);
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
      const headerDigest = headerDigestOf(bytes);
      const uniqueId = listed.uniqueId ?? survey?.ordinal(digestId(headerDigest, listed.octets)) ?? '';
      ids.set(listed.messageNumber, uniqueId);
      const same =
        retrieval.kind === 'confirm' && retrieval.known.sha256 === sha256
          ? retrieval.known
          : missingBySha256.get(sha256)?.shift();
      if (same === undefined) return toFile(listed, uniqueId, bytes, sha256, headerDigest);
      await recordSame(same, uniqueId, listed);
      if (retrieval.kind === 'confirm') removable.add(listed.messageNumber);
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
    },
    failed: failedAt,
    idOf: ({ messageNumber }: Listed) => ids.get(messageNumber),
    result() {
      const left = (survey?.listing.length ?? 0) - deleted;
      return { accountId: account.id, retrieved, octets, left, deleted, failed };
    },
  };
}
