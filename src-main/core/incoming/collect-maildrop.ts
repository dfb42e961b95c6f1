import type { CollectedAccount } from '#shared/job.ts';
import { MailError, type MailErrorData, toErrorData } from '#shared/mail-error.ts';
import { takeBeginnings } from './collect-beginnings.ts';
import type { CollectOptions } from './collect-options.ts';
import { createRun, type Run } from './collect-run.ts';
import { createFileBatches } from './file-batches.ts';
import { leaveServer } from './leave-server.ts';
import { lossAt } from './one-by-one.ts';
import type { FetchPlan } from './plan-fetch.ts';
import type { LostTogether } from './pop3-connection.ts';
import { isRefusal } from './pop3-errors.ts';
import { openPop3Session, type Pop3Session } from './pop3-session.ts';
import { recollect } from './recollection.ts';
import { retrieveAhead } from './retrieve-ahead.ts';
import { type Survey, surveyMaildrop } from './survey-maildrop.ts';

/**
 * Collects one maildrop: RETR, then filed durably by the store, then DELE for what the store acknowledged and nothing
 * else, then QUIT. Whatever stops it, what is safe is reported; an error stands in the result. Throws only ECANCELLED.
 */
export async function collectMaildrop(options: CollectOptions): Promise<CollectedAccount> {
  const { account, clock, signal, onLostTogether } = options;
  const startedAt = clock.now();
  const { lost, ...first } = await visitOnce(options);
  if (lost === 'nothing' || signal.aborted) return { ...first, durationMs: clock.now() - startedAt };
  // Nothing is lost with the session: what came whole is kept and known, what was not deleted is planned anew.
  options.log?.info('The server did not answer commands sent together; they are sent again one by one.', {
    account: account.label,
  });
  const oneByOne = { ...account, losesTogether: lossAt(account, startedAt) };
  const { lost: _lost, ...again } = await visitOnce({ ...options, account: oneByOne, takeSession: undefined });
  // One that falls silent all the same has another trouble. One that still holds the maildrop for the session before says
  // nothing; that is believed only where nothing at all was answered.
  const code = again.error?.code;
  const isSame = code === 'ETIMEOUT' || code === 'ECLOSED';
  if (code === undefined || (lost === 'all' && !isSame)) await onLostTogether?.();
  return {
    ...again,
    retrieved: first.retrieved + again.retrieved,
    octets: first.octets + again.octets,
    durationMs: clock.now() - startedAt,
    lostTogether: true,
  };
}

async function visitOnce(
  options: CollectOptions,
): Promise<Omit<CollectedAccount, 'durationMs'> & { lost: LostTogether }> {
  const run = createRun(options);
  let error: MailErrorData | undefined;
  let lost: LostTogether = 'nothing';
  try {
    await visit(options, run, (how) => {
      lost = how;
    });
  } catch (cause) {
    if (options.signal.aborted) throw new MailError('ECANCELLED', 'Collecting was cancelled.', { cause });
    options.memory?.forget(options.account);
    if (!(cause instanceof MailError)) options.log?.error(`Collecting “${options.account.label}” failed.`, cause);
    error = inWords(toErrorData(cause), run.result().retrieved);
  }
  return { ...run.result(), error, lost };
}

/** A full disk refused a batch; the ones before it were filed. */
function inWords(error: MailErrorData, retrieved: number): MailErrorData {
  if (error.code !== 'EDISKFULL') return error;
  const safe = retrieved === 1 ? '1 new message is safe here; w' : `${retrieved} new messages are safe here; w`;
  const rest = `${retrieved === 0 ? 'W' : safe}hat was not fetched is still on the server`;
  return { ...error, message: `The disk is full. ${rest}. Free some space and collect again.` };
}

async function visit(options: CollectOptions, run: Run, onOver: (lost: LostTogether) => void): Promise<void> {
  const { account, credentials, store, clock, signal, timeouts, memory } = options;
  const { mailFolderProblem } = await store.state();
  if (mailFolderProblem !== null) throw new MailError('EMAILFOLDER', mailFolderProblem);
  // Asked while the connection is being made: where much is known, that takes as long as signing in.
  const recollection = recollect(options);
  const session =
    (await options.takeSession?.(run.learn)) ??
    (await openPop3Session({
      endpoint: account,
      credentials,
      clock,
      signal,
      timeouts,
      memory,
      onCapabilities: run.learn,
    }));
  let leaving: Promise<void> | null = null;
  try {
    const survey = await surveyMaildrop(session, recollection, options);
    run.begin(survey);
    // Of a visit that breaks off, too: what is on the server then has its days anew.
    if (survey.dayCount.toKeep !== undefined) await options.onDaysCounted?.(survey.dayCount.toKeep);
    await recordRecognised(survey.plan, options);
    const quit = createQuit(session);
    let failure: unknown = null;
    try {
      // The server need not wait for our disk where nothing will be deleted.
      await receive(session, run, survey.plan, options, () => removesNothing(survey.plan, options) && quit());
      await takeBeginnings(session, run, survey.plan.large, options);
    } catch (cause) {
      // A full disk ends the receiving, but what is safe already may still be deleted in order.
      failure = cause;
      if (!(cause instanceof MailError && isLocal(cause))) throw cause;
    }
    await removeAndQuit({ delete: session.delete, quit }, run, survey, options);
    leaving = leaveServer({ quit, close: session.close }, clock, farewellWithinMs);
    if (failure !== null) throw failure;
  } finally {
    onOver(session.lostTogether());
    if (leaving === null) session.close();
    else if (options.onLeaving === undefined) await leaving;
    else options.onLeaving(leaving);
  }
}

/** Some servers put a maildrop in order before they answer; the next visit waits for that, but not for a dead one. */
const farewellWithinMs = 5000;

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
  // Read back from a file's name, it has the very unique-id it is recorded under.
  const others = recognised.filter(({ listed, known }) => listed.uniqueId !== known.uniqueId);
  await store.forgetUniqueIds(
    account.id,
    others.map(({ known }) => known.uniqueId),
  );
}

/** QUIT is said once, by whoever comes to it first; how it went is told to all. */
function createQuit(session: Pop3Session): () => Promise<void> {
  let quitting: Promise<void> | undefined;
  return () => {
    quitting ??= session.quit();
    quitting.catch(() => {});
    return quitting;
  };
}

/** Whatever becomes of what came, no DELE follows it, and nothing more is asked for. */
function removesNothing({ remove, retrieve, large }: FetchPlan, { account: { retention } }: CollectOptions): boolean {
  return (
    retention.kind !== 'delete' &&
    remove.length === 0 &&
    large.length === 0 &&
    retrieve.every(({ kind }) => kind !== 'confirm')
  );
}

/** Fills batches from the arrivals; they are written and synced while the next ones are received. */
async function receive(
  session: Pop3Session,
  run: Run,
  plan: FetchPlan,
  { onOctets }: CollectOptions,
  onReceived: () => void,
): Promise<void> {
  const batches = createFileBatches(run.commit);
  const arrivals = retrieveAhead(session, plan.retrieve, onOctets);
  try {
    for await (const arrival of arrivals) {
      const filing = await run.take(arrival);
      if (filing !== null) await batches.add(filing);
    }
    onReceived();
  } finally {
    // Also when the session broke: what came whole is kept.
    await batches.finish();
  }
}

/**
 * RFC 1939 §6: only QUIT carries deletions out, and only its `+OK` says so; then the unique-ids are let go. Where nothing
 * is marked, nothing depends on QUIT, and nobody has to wait for it.
 */
async function removeAndQuit(
  session: Pick<Pop3Session, 'delete' | 'quit'>,
  run: Run,
  survey: Survey,
  options: CollectOptions,
): Promise<void> {
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
  if (marked.length > 0) await session.quit();
  run.removed(marked);
  const { account, store } = options;
  const gone = marked.flatMap((listed) => run.idOf(listed) ?? []);
  const forget = [...survey.plan.forget, ...gone];
  if (forget.length > 0) await store.forgetUniqueIds(account.id, forget);
}
