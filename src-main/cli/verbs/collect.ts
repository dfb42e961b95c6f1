import type { CollectedAccount } from '#shared/job.ts';
import { keptForClockWords } from '#shared/kept-for-clock.ts';
import { findAccount } from '../account-argument.ts';
import { parseVerb } from '../arguments.ts';
import { exitCode, exitCodeOf } from '../exit-codes.ts';
import { count, durationInWords, octetsInWords } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Call, Verb } from '../verb.ts';
import { accountId } from './settings-verb.ts';

export const verb: Verb = {
  help: `postrider collect [ACCOUNT …]

Fetches new mail of these accounts (id, label or user), or of all. Ends with 77 when a sign-in failed, 75 when an account or
a message could not be fetched for another reason.`,
  async run(call) {
    const { positionals } = parseVerb(call.args, {});
    // Those named by their id are met while the rest still loads.
    const { api } = await call.app(positionals.length === 0 ? 'all' : positionals.map(accountId));
    const accountIds =
      positionals.length === 0 ? undefined : await Promise.all(positionals.map((word) => findAccount(api, word)));
    const { accounts } = await runJob(call, 'collect', () => api.call('collect.start', { accountIds }));
    if (call.out.isJson) call.out.json({ accounts });
    else await tell(call, accounts);
    return worstOf(accounts);
  },
};

function worstOf(accounts: readonly CollectedAccount[]): number {
  const codes = accounts.flatMap(({ error }) => (error === undefined ? [] : [exitCodeOf(error.code)]));
  if (codes.includes(exitCode.authentication)) return exitCode.authentication;
  const isIncomplete = accounts.some(({ error, failed }) => error !== undefined || failed.length > 0);
  return isIncomplete ? exitCode.temporary : exitCode.ok;
}

async function tell({ out, app }: Call, accounts: readonly CollectedAccount[]): Promise<void> {
  if (accounts.length === 0) out.line('There is no account to collect from. Add one with “postrider account add”.');
  const settings = await (await app()).api.call('account.list', {});
  for (const result of accounts) {
    const { accountId: id, retrieved, octets, left, deleted, failed, durationMs, error } = result;
    const account = settings.find((candidate) => candidate.id === id);
    const label = account?.label ?? id;
    const mail = retrieved === 0 ? 'no new mail' : `${count(retrieved, 'new message')} (${octetsInWords(octets)})`;
    // What lies on a server that was not asked to the end nobody knows.
    const there = `; ${left} left on the server, ${deleted} deleted there`;
    if (error !== undefined && retrieved === 0) out.line(`${label}: nothing was collected.`);
    else out.line(`${label}: ${mail} in ${durationInWords(durationMs)}${error === undefined ? there : ''}.`);
    for (const line of notesOf(result, account?.warnAboveOctets)) out.note(`  ${line}`);
    for (const { uniqueId, error: why } of failed) out.note(`  ${uniqueId} was not fetched: ${why.message}`);
    if (error !== undefined) out.note(`  ${error.message}${error.server === undefined ? '' : ` (${error.server})`}`);
  }
}

/** What else there is to say of a visit: large messages, and a mailbox that fills up. */
function notesOf(result: CollectedAccount, limit = 0): string[] {
  const { beginnings = 0, tooLarge = 0, serverOctets = 0, lostTogether = false, keptForClock } = result;
  return [
    ...(lostTogether
      ? ['The server lost commands that were sent together. From now on they go one by one, which is slower.']
      : []),
    ...(keptForClock === undefined ? [] : [keptForClockWords(keptForClock)]),
    ...(beginnings > 0
      ? [`${count(beginnings, 'large message')} by the beginning only; “postrider fetch KEY” gets the whole.`]
      : []),
    ...(tooLarge > 0 ? [`${count(tooLarge, 'message')} too large to be fetched by itself, left on the server.`] : []),
    ...(limit > 0 && serverOctets > limit
      ? [`The mailbox holds ${octetsInWords(serverOctets)}, more than the ${octetsInWords(limit)} set to warn at.`]
      : []),
  ];
}
