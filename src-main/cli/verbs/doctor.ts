import type { CheckReport } from '#shared/job.ts';
import type { Api } from '#shared/rpc/client.ts';
import { noWords, parseVerb } from '../arguments.ts';
import { type Finding, lookAtProfile } from '../doctor-checks.ts';
import { exitCode } from '../exit-codes.ts';
import { count } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Call, Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider doctor [--servers]

Looks for what could be wrong with this profile: settings, passwords, space on the disk, the Mail folder, the Outbox,
how servers and collections did lately, rules and the folders they name, the last backup, the ledger and the index.
Nothing is changed and no server is called. Ends with 78 when something was found.

  --servers  calls every account's and every outgoing server and signs in; nothing is collected or sent`,
  async run(call) {
    const { values, positionals } = parseVerb(call.args, { servers: { type: 'boolean' } });
    noWords(positionals);
    const { api } = await call.app();
    const findings = [
      ...(await lookAtProfile(api, Date.now())),
      await lookAtIndex(call, api),
      ...(values.servers === true ? await callServers(call, api) : []),
    ];
    const isWell = findings.every(({ ok }) => ok);
    if (call.out.isJson) call.out.json({ ok: isWell, findings });
    else call.out.table(findings.map(({ check, ok, text }) => [ok ? 'ok' : 'look', check, text]));
    return isWell ? exitCode.ok : exitCode.settings;
  },
};

async function lookAtIndex(call: Call, api: Api): Promise<Finding> {
  const { messages, problems } = await runJob(call, 'index', () => api.call('index.check', {}));
  const text =
    problems.length === 0
      ? `${count(messages, 'message')} in order, as is the ledger`
      : problems.slice(0, 3).join('; ');
  return { check: 'index', ok: problems.length === 0, text };
}

/** One after the other: what each says. */
async function callServers(call: Call, api: Api): Promise<Finding[]> {
  const { accounts, servers } = await api.call('settings.get', {});
  const findings: Finding[] = [];
  const note = (label: string, { ok, verdict }: CheckReport): void => {
    findings.push({ check: 'called', ok, text: `${label}: ${verdict}` });
  };
  for (const { id, hasSecret: _hasSecret, ...account } of accounts)
    note(account.label, await runJob(call, 'check', () => api.call('check.account', { account, accountId: id })));
  for (const { id, hasSecret: _hasSecret, ...server } of servers)
    if (server.enabled)
      note(server.label, await runJob(call, 'check', () => api.call('check.server', { server, serverId: id })));
  return findings;
}
