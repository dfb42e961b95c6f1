import type { OutboxId } from '#shared/ids.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { exitCode, exitCodeOfItem } from './exit-codes.ts';
import { itemReport, tellItem } from './report-item.ts';
import { runPass } from './run-pass.ts';
import { serverLabels } from './server-labels.ts';
import type { Call } from './verb.ts';

/** One pass over one message, told as it ended, or as it stands after an interrupt. Answers the exit code. */
export async function sendNow(call: Call, outboxId: OutboxId, { now }: { now: boolean }): Promise<number> {
  const { api, isOwn } = await call.app();
  const isOver = (await runPass(call, { now, outboxIds: [outboxId] })) !== null;
  const item = await api.call('outbox.get', { outboxId });
  const { out } = call;
  if (!isOver) {
    const words = afterInterrupt(item, isOwn);
    if (words !== null) out.note(words);
  }
  if (out.isJson) out.json(itemReport(item));
  else tellItem(out, item, await serverLabels(api));
  return isOver || isSettled(item) ? exitCodeOfItem(item) : exitCode.interrupted;
}

/** What the pass came to stands, interrupt or not. */
function isSettled({ state, heldFor, isAtFinalDot }: OutboxItem): boolean {
  return state === 'sent' || state === 'failed' || heldFor === 'uncertain' || isAtFinalDot === true;
}

function afterInterrupt(item: OutboxItem, isOwn: boolean): string | null {
  if (item.isAtFinalDot === true)
    return isOwn
      ? 'The server has not answered. It may have the message: it is kept as uncertain, and is not sent again unless you say so.'
      : 'The server has not answered. It may have the message; the running Postrider goes on waiting for the answer.';
  if (isSettled(item)) return null;
  return isOwn
    ? 'Interrupted before a server had the message. It goes with the next “postrider outbox flush”.'
    : 'Interrupted. The running Postrider goes on with the message; “postrider outbox cancel” takes it back.';
}
