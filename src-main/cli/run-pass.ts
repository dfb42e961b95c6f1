import type { OutboxId } from '#shared/ids.ts';
import type { JobSummary } from '#shared/job.ts';
import { runJob } from './run-job.ts';
import type { Call } from './verb.ts';

/** A server that has a whole message gets this long to say that it has it, after an interrupt. */
const answerWithinMs = 5000;

/** For the verbs that send: time to wait for that answer, and to say what stands. */
export const sendingPartingMs = answerWithinMs + 3000;

/**
 * Makes one pass over what is due, or over these, and waits for its end. Interrupted, it waits for the servers alone that
 * have the whole message and have yet to answer, and answers null: what stands is to be asked of the Outbox.
 */
export async function runPass(
  call: Call,
  pass: { now: boolean; outboxIds?: OutboxId[] },
): Promise<Extract<JobSummary, { kind: 'flush' }> | null> {
  const { api } = await call.app();
  try {
    const summary = await runJob(call, 'flush', () => api.call('outbox.flush', pass));
    if (!call.signal.aborted) return summary;
  } catch (error) {
    if (!call.signal.aborted) throw error;
  }
  await untilAnswered(call, pass.outboxIds);
  return null;
}

async function untilAnswered(call: Call, outboxIds: readonly OutboxId[] | undefined): Promise<void> {
  const { api } = await call.app();
  const isOpen = async (): Promise<boolean> =>
    (await api.call('outbox.list', { light: true })).some(
      ({ outboxId, isAtFinalDot }) => isAtFinalDot === true && outboxIds?.includes(outboxId) !== false,
    );
  let wake = (): void => undefined;
  const stop = api.on('outbox.changed', () => wake());
  const end = Promise.withResolvers<'late'>();
  const patience = setTimeout(() => end.resolve('late'), answerWithinMs);
  try {
    for (let isFirst = true; ; isFirst = false) {
      const changed = new Promise<'changed'>((resolve) => {
        wake = () => resolve('changed');
      });
      if (!(await isOpen())) return;
      if (isFirst) call.out.note(waiting);
      if ((await Promise.race([changed, end.promise])) === 'late') return;
    }
  } finally {
    clearTimeout(patience);
    stop();
  }
}

const waiting =
  'Interrupted. A server has the whole message and has yet to answer: that is waited for, 5 seconds at most. Interrupt again to stop at once.';
