import type { Api } from '#shared/rpc/client.ts';
import { noWords, parseVerb } from '../arguments.ts';
import { exitCode } from '../exit-codes.ts';
import { count } from '../output.ts';
import { runJob } from '../run-job.ts';
import type { Call, Verb } from '../verb.ts';

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly text: string;
}

export const verb: Verb = {
  help: `postrider doctor

Looks for what could be wrong with this profile: settings, passwords, the Mail folder, the Outbox, the index.
Nothing is changed and no server is called. Ends with 78 when something was found.`,
  async run(call) {
    noWords(parseVerb(call.args, {}).positionals);
    const { api } = await call.app();
    const findings = [
      ...(await lookAtProfile(api)),
      ...(await lookAtSettings(api)),
      ...(await lookAtOutbox(api)),
      await lookAtIndex(call, api),
    ];
    const isWell = findings.every(({ ok }) => ok);
    if (call.out.isJson) call.out.json({ ok: isWell, findings });
    else call.out.table(findings.map(({ check, ok, text }) => [ok ? 'ok' : 'look', check, text]));
    return isWell ? exitCode.ok : exitCode.settings;
  },
};

async function lookAtProfile(api: Api): Promise<Finding[]> {
  const { profileDir, mailFolder, secretsKeptIn, notices } = await api.call('app.info', {});
  return [
    { check: 'profile', ok: true, text: profileDir },
    { check: 'mail folder', ok: true, text: mailFolder },
    { check: 'passwords', ok: true, text: `kept in ${secretsKeptIn}` },
    ...notices.map(({ level, text }) => ({ check: 'notice', ok: level === 'info', text })),
  ];
}

async function lookAtSettings(api: Api): Promise<Finding[]> {
  const { accounts, servers, identities } = await api.call('settings.get', {});
  const findings: Finding[] = [
    { check: 'accounts', ok: accounts.length > 0, text: count(accounts.length, 'account') },
    { check: 'servers', ok: servers.some(({ enabled }) => enabled), text: count(servers.length, 'outgoing server') },
    { check: 'identities', ok: identities.length > 0, text: count(identities.length, 'identity', 'identities') },
  ];
  for (const { label, hasSecret } of accounts)
    if (!hasSecret) findings.push({ check: 'accounts', ok: false, text: `${label} has no password stored.` });
  for (const { label, auth, hasSecret } of servers)
    if (auth.method !== 'none' && auth.user !== undefined && !hasSecret)
      findings.push({ check: 'servers', ok: false, text: `${label} has no password stored.` });
  for (const { label, endpoints } of [...servers, ...accounts.map((a) => ({ label: a.label, endpoints: [a] }))])
    for (const { host, port, security } of endpoints)
      if (security === 'none' && !isLoopback(host))
        findings.push({ check: 'security', ok: false, text: `${label}: ${host}:${port} is used without encryption.` });
  return findings;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

async function lookAtOutbox(api: Api): Promise<Finding[]> {
  const items = await api.call('outbox.list', {});
  const stuck = items.filter(({ state }) => state === 'held' || state === 'failed');
  return [
    {
      check: 'outbox',
      ok: true,
      text: items.length === 0 ? 'nothing waits' : `${count(items.length, 'message')} waiting`,
    },
    ...stuck.map(({ subject, explanation }) => ({ check: 'outbox', ok: false, text: `“${subject}”: ${explanation}` })),
  ];
}

async function lookAtIndex(call: Call, api: Api): Promise<Finding> {
  const { messages, problems } = await runJob(call, 'index', () => api.call('index.check', {}));
  const text = problems.length === 0 ? `${count(messages, 'message')} in order` : problems.slice(0, 3).join('; ');
  return { check: 'index', ok: problems.length === 0, text };
}
