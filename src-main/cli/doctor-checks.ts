import { access, constants, stat, statfs } from 'node:fs/promises';
import { release } from 'node:os';
import { systemCodeOf } from '#shared/disk-error.ts';
import type { SettingsView } from '#shared/mail/settings.ts';
import type { Api } from '#shared/rpc/client.ts';
import { count, octetsInWords } from './output.ts';

/** One thing that was looked at. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly text: string;
}

/** Less than this and collecting stops soon. */
const littleSpace = 1 << 30;
const oldBackupMs = 30 * 24 * 3_600_000;

/** All a helper would ask about this profile, without calling a server and without changing anything. */
export async function lookAtProfile(api: Api, now: number): Promise<Finding[]> {
  const settings = await api.call('settings.get', {});
  return [
    ...(await lookAtProgram(api)),
    ...lookAtAccounts(settings),
    ...(await lookAtCollecting(api, settings)),
    ...lookAtServers(settings),
    ...(await lookAtConditions(api, settings)),
    ...lookAtIdentities(settings),
    ...(await lookAtOutbox(api, settings)),
    ...(await lookAtRules(api, settings)),
    ...(await lookAtQuarantine(api)),
    ...(await lookAtBackup(api, now)),
    ...(await lookAtImport(api)),
  ];
}

async function lookAtProgram(api: Api): Promise<Finding[]> {
  const info = await api.call('app.info', {});
  const { version, capabilities, profileDir, mailFolder, notices } = info;
  const who = capabilities.host === 'command' ? 'no window is open' : `a window is open (${capabilities.host})`;
  const network = await api.call('network.location', {});
  return [
    {
      check: 'program',
      ok: true,
      text: `Postrider ${version}, Node ${process.versions.node}, ${process.platform} ${release()} ${process.arch}; ${who}`,
    },
    { check: 'profile', ok: true, text: profileDir },
    { check: 'mail folder', ok: true, text: mailFolder },
    ...(await lookAtDisk([profileDir, mailFolder])),
    { check: 'passwords', ok: info.secretsOpenToOthers !== true, text: `kept in ${info.secretsKeptIn}` },
    { check: 'network', ok: network.isOnline, text: network.isOnline ? network.name : 'This computer is offline.' },
    ...notices.map(({ level, text }) => ({ check: 'notice', ok: level === 'info', text })),
  ];
}

/** Space, and whether it can be written to. */
async function lookAtDisk(folders: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const disks = new Set<number>();
  for (const folder of folders)
    try {
      await access(folder, constants.R_OK | constants.W_OK);
      const { dev } = await stat(folder);
      if (disks.has(dev)) continue;
      disks.add(dev);
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      const text = `${octetsInWords(free)} free where ${folder} is`;
      findings.push({ check: 'disk', ok: free >= littleSpace, text });
    } catch (error) {
      findings.push({ check: 'disk', ok: false, text: `${folder} cannot be used (${systemCodeOf(error)}).` });
    }
  return findings;
}

function lookAtAccounts({ accounts }: SettingsView): Finding[] {
  const findings = [{ check: 'accounts', ok: accounts.length > 0, text: count(accounts.length, 'account') }];
  for (const { label, hasSecret, host, port, security } of accounts) {
    if (!hasSecret) findings.push({ check: 'accounts', ok: false, text: `${label} has no password stored.` });
    findings.push(...inClear(label, [{ host, port, security }]));
  }
  return findings;
}

/** What is known of the last collection by whoever answers: nothing, when no window is open. */
async function lookAtCollecting(api: Api, { accounts }: SettingsView): Promise<Finding[]> {
  const labels = new Map<string, string>(accounts.map(({ id, label }) => [id, label]));
  return (await api.call('collect.status', {})).flatMap(({ accountId, lastAt, lastResult, hasFailed }) => {
    if (lastAt === null) return [];
    const text = `${labels.get(accountId) ?? accountId}, ${minute(lastAt)}: ${lastResult}`;
    return [{ check: 'collecting', ok: hasFailed !== true, text }];
  });
}

function lookAtServers({ servers, preferences }: SettingsView): Finding[] {
  const findings: Finding[] = [
    { check: 'servers', ok: servers.some(({ enabled }) => enabled), text: count(servers.length, 'outgoing server') },
  ];
  if (preferences.sendingPaused) findings.push({ check: 'servers', ok: false, text: 'All sending is paused.' });
  for (const { label, auth, hasSecret, endpoints, enabled } of servers) {
    if (!enabled) findings.push({ check: 'servers', ok: true, text: `${label} is switched off.` });
    if (auth.method !== 'none' && auth.user !== undefined && !hasSecret)
      findings.push({ check: 'servers', ok: false, text: `${label} has no password stored.` });
    findings.push(...inClear(label, endpoints));
  }
  return findings;
}

function inClear(label: string, endpoints: readonly { host: string; port: number; security: string }[]): Finding[] {
  return endpoints
    .filter(({ host, security }) => security === 'none' && !isLoopback(host))
    .map(({ host, port }) => ({
      check: 'security',
      ok: false,
      text: `${label}: ${host}:${port} is used without encryption.`,
    }));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** How the servers did lately, as far as it is remembered. */
async function lookAtConditions(api: Api, { servers }: SettingsView): Promise<Finding[]> {
  const conditions = await api.call('server.conditions', {});
  return servers.flatMap(({ id, label, enabled }) => {
    const condition = conditions.find(({ serverId }) => serverId === id);
    if (condition === undefined || condition.state === 'unknown' || !enabled) return [];
    return [{ check: 'servers', ok: condition.state === 'took-it', text: `${label}: ${condition.words}` }];
  });
}

function lookAtIdentities({ identities, servers }: SettingsView): Finding[] {
  const enabled = new Set<string>(servers.filter((server) => server.enabled).map(({ id }) => id));
  const without = identities.filter(({ route }) => {
    if (route.kind === 'any') return enabled.size === 0;
    return !(route.kind === 'only' ? [route.serverId] : route.serverIds).some((id) => enabled.has(id));
  });
  return [
    { check: 'identities', ok: identities.length > 0, text: count(identities.length, 'identity', 'identities') },
    ...without.map(({ address }) => ({
      check: 'identities',
      ok: false,
      text: `${address} has no outgoing server it may send by that is switched on.`,
    })),
  ];
}

async function lookAtOutbox(api: Api, { preferences }: SettingsView): Promise<Finding[]> {
  const items = await api.call('outbox.list', {});
  const stuck = items.filter(({ state }) => state === 'held' || state === 'failed');
  const waiting = items.length === 0 ? 'nothing waits' : `${count(items.length, 'message')} waiting`;
  return [
    { check: 'outbox', ok: !(preferences.sendingPaused && items.length > 0), text: waiting },
    ...stuck.map(({ subject, explanation }) => ({ check: 'outbox', ok: false, text: `“${subject}”: ${explanation}` })),
  ];
}

/** Rules that file into a folder that is gone, and what rules could not do. */
async function lookAtRules(api: Api, { rules }: SettingsView): Promise<Finding[]> {
  if (rules.length === 0) return [];
  const folders = new Set<string>((await api.call('folder.list', {})).map(({ folder }) => folder));
  const findings: Finding[] = [{ check: 'rules', ok: true, text: count(rules.length, 'rule') }];
  for (const { name, actions, isEnabled } of rules) {
    const gone = actions.flatMap((action) =>
      'folder' in action && !folders.has(action.folder) ? [action.folder] : [],
    );
    for (const folder of isEnabled ? new Set(gone) : [])
      findings.push({
        check: 'rules',
        ok: false,
        text: `“${name}” files into “${folder}”, which is not there: it is made when mail comes for it.`,
      });
  }
  const problems = await api.call('rule.problems', {});
  for (const { subject, text } of problems.slice(0, 5))
    findings.push({ check: 'rules', ok: false, text: `on “${subject}”: ${text}` });
  if (problems.length > 5) findings.push({ check: 'rules', ok: false, text: `and ${problems.length - 5} more` });
  return findings;
}

async function lookAtQuarantine(api: Api): Promise<Finding[]> {
  const held = await api.call('quarantine.list', {});
  return held.length === 0
    ? []
    : [
        {
          check: 'quarantine',
          ok: false,
          text: `${count(held.length, 'message')} held back: see postrider quarantine`,
        },
      ];
}

async function lookAtBackup(api: Api, now: number): Promise<Finding[]> {
  const { made, failure, nextAt } = await api.call('backup.status', {});
  const hasMail = (await api.call('folder.list', {})).some(({ total }) => total > 0);
  const [last] = made;
  const next = nextAt === null ? 'none is scheduled' : `the next one ${minute(nextAt)}`;
  const findings: Finding[] = [
    last === undefined
      ? { check: 'backup', ok: !hasMail, text: `none was made yet; ${next}` }
      : {
          check: 'backup',
          ok: now - Date.parse(last.createdAt) < oldBackupMs,
          text: `last ${minute(last.createdAt)}, ${count(last.messages, 'message')}, ${last.file}; ${next}`,
        },
  ];
  if (failure !== null)
    findings.push({ check: 'backup', ok: false, text: `failed ${minute(failure.at)}: ${failure.error.message}` });
  return findings;
}

async function lookAtImport(api: Api): Promise<Finding[]> {
  const unfinished = await api.call('import.unfinished', {});
  if (unfinished === null) return [];
  const { request, startedAt } = unfinished;
  const text = `one from ${request.path}, begun ${minute(startedAt)}, was broken off. Import it again to go on.`;
  return [{ check: 'import', ok: false, text }];
}

/** `2026-01-31 12:00` (UTC), as other verbs show times. */
function minute(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
