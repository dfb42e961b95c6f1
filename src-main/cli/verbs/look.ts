import { createInterface } from 'node:readline/promises';
import type { AccountId } from '#shared/ids.ts';
import type { RemovedThere, WaitingHeader, WaitingMessage } from '#shared/mail/look.ts';
import type { Api } from '#shared/rpc/client.ts';
import { findAccount } from '../account-argument.ts';
import { onlyWord, parseVerb } from '../arguments.ts';
import { exitCode, exitCodeOf, UsageError } from '../exit-codes.ts';
import { count, octetsInWords } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Call, Verb } from '../verb.ts';

/** So many headers are asked for in one go. */
const pageRows = 100;

export const verb: Verb = {
  help: `postrider look ACCOUNT                          lists what waits on the server; nothing is collected
postrider look ACCOUNT --collect UNIQUE-ID …    fetches exactly these, whole, whatever their size
postrider look ACCOUNT --delete UNIQUE-ID …     deletes exactly these on the server, after asking

ACCOUNT is its id, its label, or the user it signs in as.
Each message is named by its unique-id, which stays the same from one session to the next.

  --yes               delete without asking; only for messages that are here whole
  --even-if-not-here  with --yes: also messages that are not here, which are then gone for good`,
  async run(call) {
    const { values, positionals } = parseVerb(call.args, {
      collect: { type: 'string', multiple: true },
      delete: { type: 'string', multiple: true },
      yes: { type: 'boolean', default: false },
      'even-if-not-here': { type: 'boolean', default: false },
    });
    const [first = '', ...more] = positionals;
    const word = onlyWord(first === '' ? [] : [first], 'ACCOUNT');
    const { collect, delete: remove } = values;
    if (collect !== undefined && remove !== undefined) throw new UsageError('Collect or delete, one at a time.');
    // What follows the first unique-id belongs to the same list.
    if (more.length > 0 && collect === undefined && remove === undefined)
      throw new UsageError(`“${more[0]}” is not understood here.`);
    const id = await findAccount((await call.app()).api, word);
    if (collect !== undefined) return await collectChosen(call, id, [...collect, ...more]);
    if (remove !== undefined)
      return await removeChosen(call, id, [...remove, ...more], {
        isSure: values.yes,
        evenIfNotHere: values['even-if-not-here'],
      });
    return await list(call, id);
  },
};

async function list(call: Call, id: AccountId): Promise<number> {
  const { api } = await call.app();
  try {
    const { messages, octets, canShowHeaders } = await api.call('look.open', { accountId: id });
    const headers = await headersOf(call, api, id, messages, canShowHeaders);
    const rows = messages.map((message) => ({ ...message, ...headers.get(message.uniqueId) }));
    if (call.out.isJson) for (const { isGone: _, ...row } of rows) call.out.json(row);
    else {
      if (rows.length > 0) call.out.table(rows.map(cellsOf));
      call.out.note(`${count(rows.length, 'message')} on the server, ${octetsInWords(octets)}.`);
      if (!canShowHeaders) call.out.note('This server cannot show who wrote them without their being collected.');
    }
    return exitCode.ok;
  } finally {
    await api.call('look.close', { accountId: id }).catch(() => undefined);
  }
}

async function headersOf(
  call: Call,
  api: Api,
  accountId: AccountId,
  messages: readonly WaitingMessage[],
  canShowHeaders: boolean,
): Promise<Map<string, WaitingHeader>> {
  const headers = new Map<string, WaitingHeader>();
  const asked = canShowHeaders ? messages : messages.filter(({ here }) => here !== 'no');
  for (let at = 0; at < asked.length; at += pageRows) {
    const uniqueIds = asked.slice(at, at + pageRows).map(({ uniqueId }) => uniqueId);
    for (const header of await api.call('look.headers', { accountId, uniqueIds })) headers.set(header.uniqueId, header);
    call.out.progress(`looking, ${Math.min(at + pageRows, asked.length)} of ${asked.length}`);
  }
  return headers;
}

const hereWords = { whole: 'here', beginning: 'beginning here', removed: 'removed here', no: '' } as const;

function cellsOf(row: WaitingMessage & Partial<WaitingHeader>): string[] {
  const { uniqueId, octets, here, date, from = '', subject = '' } = row;
  const at = date?.slice(0, 16).replace('T', ' ') ?? '';
  return [uniqueId, octetsInWords(octets), hereWords[here], at, from.slice(0, 30), subject];
}

async function collectChosen(call: Call, id: AccountId, uniqueIds: string[]): Promise<number> {
  const { api } = await call.app();
  const { accounts } = await runJob(call, 'collect', () => api.call('look.collect', { accountId: id, uniqueIds }));
  const [result] = accounts;
  if (call.out.isJson) call.out.json({ accounts });
  else if (result !== undefined) {
    call.out.line(`${count(result.retrieved, 'message')} collected (${octetsInWords(result.octets)}).`);
    for (const { uniqueId, error } of result.failed) call.out.note(`  ${uniqueId} was not fetched: ${error.message}`);
    const missing = uniqueIds.length - result.retrieved - result.failed.length;
    if (result.error !== undefined) call.out.note(`  ${result.error.message}`);
    else if (missing > 0) call.out.note(`  ${count(missing, 'message')} not on the server any more.`);
  }
  if (result?.error !== undefined) return exitCodeOf(result.error.code);
  return result !== undefined && result.failed.length > 0 ? exitCode.temporary : exitCode.ok;
}

interface Certainty {
  readonly isSure: boolean;
  readonly evenIfNotHere: boolean;
}

async function removeChosen(call: Call, id: AccountId, uniqueIds: string[], how: Certainty): Promise<number> {
  const { api } = await call.app();
  try {
    const evenIfNotHere = how.isSure ? how.evenIfNotHere : await ask(call, api, id, uniqueIds);
    if (evenIfNotHere === null) {
      call.out.note('Nothing was deleted.');
      return exitCode.ok;
    }
    const result = await api.call('look.remove', { accountId: id, uniqueIds, evenIfNotHere });
    if (call.out.isJson) call.out.json(result);
    else tellRemoved(call, result);
    return result.refused.length > 0 ? exitCode.data : exitCode.ok;
  } finally {
    await api.call('look.close', { accountId: id }).catch(() => undefined);
  }
}

/** Whether those that are not here are meant too; null: nothing is to be deleted. Only a person at a terminal is asked. */
async function ask(call: Call, api: Api, id: AccountId, uniqueIds: readonly string[]): Promise<boolean | null> {
  if (call.stdin.isTTY !== true || call.out.isJson)
    throw new UsageError('Nobody is here to be asked. Add --yes to delete on the server without asking.');
  const { messages } = await api.call('look.open', { accountId: id });
  const chosen = messages.filter(({ uniqueId }) => uniqueIds.includes(uniqueId));
  const lost = chosen.filter(({ here }) => here !== 'whole').length;
  const words =
    lost === 0
      ? `Delete ${count(chosen.length, 'message')} on the server? All of it is here.`
      : `Delete ${count(chosen.length, 'message')} on the server? ${lost} of them ${lost === 1 ? 'is' : 'are'} not here whole and will be gone for good.`;
  const lines = createInterface({ input: call.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${words} Type yes to delete: `);
    return answer.trim().toLowerCase() === 'yes' ? lost > 0 : null;
  } finally {
    lines.close();
  }
}

function tellRemoved({ out }: Call, { removed, gone, refused }: RemovedThere): void {
  out.line(`${count(removed.length, 'message')} deleted on the server.`);
  if (gone.length > 0) out.note(`${count(gone.length, 'message')} not there any more.`);
  for (const { uniqueId, why } of refused) out.note(`  ${uniqueId} was not deleted: ${why}`);
}
