import { OutboxId } from '#shared/ids.ts';
import { attemptLogText } from '#shared/mail/attempt-log-text.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import { noWords, onlyWord, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import { count } from '../output.ts';
import { itemReport, stateInWords } from '../report-item.ts';
import { runPass, sendingPartingMs } from '../run-pass.ts';
import { sendNow } from '../send-now.ts';
import { serverLabels } from '../server-labels.ts';
import type { Call, Verb } from '../verb.ts';
import { version } from '../version.ts';
import { checkServers } from './send.ts';
import { serverId } from './settings-verb.ts';

export const verb: Verb = {
  partingMs: sendingPartingMs,
  help: `postrider outbox list
postrider outbox flush [--now] [ID …]     one pass over what is due
postrider outbox retry ID [--server ID … | --by-route]
                                          one message, now; by other servers than were chosen for it,
                                          or by the route of its address
postrider outbox cancel ID                gives it back as a draft
                                          (for those who lack it, if some have it)
postrider outbox resolve ID --arrived | --resend | --discard
                                          says what became of an uncertain one
postrider outbox log ID                   everything that was tried, as text for a provider

  --now   ignore due times and what is remembered of servers`,
  async run(call) {
    const [action, ...args] = call.args;
    switch (action) {
      case 'list':
        return list(call, args);
      case 'flush':
        return flush(call, args);
      case 'retry':
        return retry(call, args);
      case 'cancel':
        return cancel(call, args);
      case 'resolve':
        return resolve(call, args);
      case 'log':
        return log(call, args);
      default:
        throw new UsageError('Say what to do: outbox list, flush, retry, cancel, resolve or log.');
    }
  },
};

async function list(call: Call, args: string[]): Promise<number> {
  noWords(parseVerb(args, {}).positionals);
  const items = await (await call.app()).api.call('outbox.list', {});
  const { out } = call;
  if (out.isJson) for (const item of items) out.json(itemReport(item));
  else if (items.length === 0) out.line('Nothing waits to be sent.');
  else out.table(items.map(rowOf));
  return exitCode.ok;
}

function rowOf(item: OutboxItem): string[] {
  const to = [...item.pending, ...item.uncertain, ...item.refused.map(({ mailbox }) => mailbox), ...item.accepted];
  return [item.outboxId, stateInWords(item), to.join(', '), item.subject];
}

async function flush(call: Call, args: string[]): Promise<number> {
  const { values, positionals } = parseVerb(args, { now: { type: 'boolean', default: false } });
  const outboxIds = positionals.length === 0 ? undefined : positionals.map(outboxId);
  const { api } = await call.app();
  // An id that is not there any more is told, not passed over.
  for (const id of outboxIds ?? []) await api.call('outbox.get', { outboxId: id });
  const summary = await runPass(call, { now: values.now, outboxIds });
  if (summary === null) return tellInterrupted(call);
  const { sent, deferred, held, failed } = summary;
  if (call.out.isJson) call.out.json({ sent, deferred, held, failed });
  else if (sent + deferred + held + failed === 0) call.out.line('Nothing was due.');
  else call.out.line(`${count(sent, 'message')} sent, ${deferred} deferred, ${held} held, ${failed} failed.`);
  if (failed > 0) return exitCode.data;
  if (held > 0) return exitCode.temporary;
  return deferred > 0 ? exitCode.unavailable : exitCode.ok;
}

/** What was sent is in Sent; this is what is left. */
async function tellInterrupted(call: Call): Promise<number> {
  const { api } = await call.app();
  const left = await api.call('outbox.list', { light: true });
  const open = left.filter(({ uncertain, isAtFinalDot }) => uncertain.length > 0 || isAtFinalDot === true);
  const words = [
    `Interrupted. ${left.length === 0 ? 'Nothing is left' : `${count(left.length, 'message')} left`} in the Outbox.`,
    ...(open.length === 0
      ? []
      : [
          `Uncertain whether it arrived: ${open.map(({ outboxId: id }) => id).join(', ')}. That is not sent again unless you say so.`,
        ]),
  ].join(' ');
  if (call.out.isJson) call.out.json({ error: { code: 'ECANCELLED', message: words } });
  else call.out.note(words);
  return open.length > 0 ? exitCode.temporary : exitCode.interrupted;
}

async function retry(call: Call, args: string[]): Promise<number> {
  const { values, positionals } = parseVerb(args, {
    server: { type: 'string', multiple: true },
    'by-route': { type: 'boolean', default: false },
  });
  const id = outboxId(onlyWord(positionals, 'outbox ID'));
  if (values.server !== undefined && values['by-route']) throw new UsageError('Say either --server or --by-route.');
  const { api } = await call.app();
  await api.call('outbox.get', { outboxId: id });
  if (values.server !== undefined || values['by-route']) {
    const serverIds = (values.server ?? []).map(serverId);
    await checkServers(api, serverIds);
    await api.call('outbox.reroute', { outboxId: id, serverIds });
    return sendNow(call, id, { now: true });
  }
  // What was given up or refused is queued anew first: the same bytes, the same Message-ID.
  if ((await api.call('outbox.get', { outboxId: id })).state === 'failed')
    await api.call('outbox.resolve', { outboxId: id, resolution: 'resend' });
  return sendNow(call, id, { now: true });
}

async function cancel(call: Call, args: string[]): Promise<number> {
  const id = outboxId(onlyWord(parseVerb(args, {}).positionals, 'outbox ID'));
  const answer = await (await call.app()).api.call('outbox.cancel', { outboxId: id });
  if (call.out.isJson) call.out.json(answer);
  else if (answer.accepted.length === 0)
    call.out.line(`It was not sent. The message is among the drafts as ${answer.messageKey}.`);
  else
    call.out.line(
      `${answer.accepted.join(', ')} had it already; that message is in Sent. For the others it is among the drafts as ${answer.messageKey}.`,
    );
  return exitCode.ok;
}

/** Of a message already sent, too. */
async function log(call: Call, args: string[]): Promise<number> {
  const id = outboxId(onlyWord(parseVerb(args, {}).positionals, 'outbox ID'));
  const { api } = await call.app();
  const [item, labelOf] = await Promise.all([api.call('outbox.get', { outboxId: id }), serverLabels(api)]);
  const text = attemptLogText(item, { version, now: Date.now(), labelOf });
  if (call.out.isJson) call.out.json({ outboxId: id, log: text });
  else for (const line of text.trimEnd().split('\n')) call.out.line(line);
  return exitCode.ok;
}

const resolutions = ['arrived', 'resend', 'discard'] as const;

async function resolve(call: Call, args: string[]): Promise<number> {
  const { values, positionals } = parseVerb(args, {
    arrived: { type: 'boolean' },
    resend: { type: 'boolean' },
    discard: { type: 'boolean' },
  });
  const id = outboxId(onlyWord(positionals, 'outbox ID'));
  const [resolution, ...others] = resolutions.filter((name) => values[name] === true);
  if (resolution === undefined || others.length > 0)
    throw new UsageError('Say one of --arrived, --resend and --discard.');
  const item = await (await call.app()).api.call('outbox.resolve', { outboxId: id, resolution });
  if (resolution === 'resend') return sendNow(call, id, { now: true });
  if (call.out.isJson) call.out.json(itemReport(item));
  else call.out.line(resolution === 'arrived' ? 'It counts as sent.' : 'It is not sent again.');
  return exitCode.ok;
}

function outboxId(text: string): OutboxId {
  const parsed = OutboxId.safeParse(text);
  if (!parsed.success) throw new MailError('ENOTFOUND', `There is no message “${text}” in the Outbox.`);
  return parsed.data;
}
