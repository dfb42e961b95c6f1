import { z } from 'zod';
import type { Secret } from '#shared/mail/endpoint.ts';
import { Settings } from '#shared/mail/settings.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Secrets } from '../ports.ts';
import { proxySecretName, withoutProxyPassword } from './kept-secrets.ts';
import { currentVersion, migrate } from './migrations.ts';
import { defaultSettings } from './settings-file.ts';

/** Settings as they may stand in a backup: no password in them. */
export function settingsForBackup(settings: Settings): Settings {
  return { ...settings, servers: settings.servers.map(withoutProxyPassword) };
}

/** The names under which the secrets of these settings are kept. */
function secretNamesOf({ accounts, servers }: Settings): string[] {
  return [
    ...accounts.map(({ id }) => `account:${id}`),
    ...servers.flatMap(({ id }) => [`server:${id}`, proxySecretName(id)]),
  ];
}

/** Every secret of these settings; `unreadable` names those that are stored and cannot be read here. */
export async function readSecrets(
  settings: Settings,
  secrets: Secrets,
): Promise<{ values: Record<string, Secret>; unreadable: string[] }> {
  const values: Record<string, Secret> = {};
  const unreadable: string[] = [];
  for (const name of secretNamesOf(settings)) {
    try {
      const secret = await secrets.get(name);
      if (secret !== undefined) values[name] = secret;
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      unreadable.push(name);
    }
  }
  return { values, unreadable };
}

/**
 * What comes of settings and restored ones. `if-empty`: the restored ones where there are none, else no change. `add`:
 * what is missing here is added; what is here stays as it is, and so do the preferences. The same object: no change. Pure.
 */
export function mergeRestored(here: Settings, restored: Settings, how: 'if-empty' | 'add'): Settings {
  if (isEmpty(here)) return JSON.stringify(here) === JSON.stringify(restored) ? here : withoutCommand(restored);
  if (how === 'if-empty') return here;
  const accounts = missing(here.accounts, restored.accounts, ({ id }) => id);
  const servers = missing(here.servers, restored.servers, ({ id }) => id);
  const identities = missing(here.identities, restored.identities, ({ id }) => id);
  const contacts = missing(here.contacts, restored.contacts, ({ mailbox }) => mailbox.toLowerCase());
  const locations = missing(here.locations, restored.locations, ({ locationId }) => locationId);
  const rules = missing(here.rules, restored.rules, ({ id }) => id);
  const autoReplies = missing(here.autoReplies, restored.autoReplies, ({ identityId }) => identityId);
  const added = [accounts, servers, identities, contacts, locations, rules, autoReplies];
  if (added.every(({ length }) => length === 0)) return here;
  return {
    ...here,
    accounts: [...here.accounts, ...accounts],
    servers: [...here.servers, ...servers],
    identities: [...here.identities, ...identities],
    contacts: [...here.contacts, ...contacts],
    locations: [...here.locations, ...locations],
    rules: [...here.rules, ...rules],
    autoReplies: [...here.autoReplies, ...autoReplies],
  };
}

/** A file must not make this machine run a program: the scanner stays off until the user has looked at it. */
function withoutCommand(restored: Settings): Settings {
  return { ...restored, scanner: { ...restored.scanner, isEnabled: false } };
}

/** Nothing was set up by anybody: no list holds anything. */
function isEmpty(settings: Settings): boolean {
  return Object.values(settings).every((part) => !Array.isArray(part) || part.length === 0);
}

const Versioned = z.looseObject({ version: z.number().int().positive() });

/** Settings out of a backup, brought to the present version as a settings.json of that age is; null when they cannot be. */
export function parseRestored(json: unknown): Settings | null {
  const versioned = Versioned.safeParse(json);
  if (!versioned.success || versioned.data.version > currentVersion) return null;
  const migrated = migrate(versioned.data, versioned.data.version);
  const parsed = Settings.safeParse({ ...defaultSettings(), ...migrated });
  return migrated !== null && parsed.success ? parsed.data : null;
}

function missing<T>(here: readonly T[], restored: readonly T[], nameOf: (item: T) => string): T[] {
  const known = new Set(here.map(nameOf));
  return restored.filter((item) => !known.has(nameOf(item)));
}

/** Of the restored secrets, those these settings have a use for and lack; with the proxies' in place. */
export async function secretsToTake(
  settings: Settings,
  restored: Readonly<Record<string, Secret>>,
  secrets: Secrets,
): Promise<{ settings: Settings; secrets: Record<string, Secret> }> {
  const taken: Record<string, Secret> = {};
  for (const name of secretNamesOf(settings)) {
    const secret = Object.hasOwn(restored, name) ? restored[name] : undefined;
    if (secret !== undefined && !(await secrets.has(name))) taken[name] = secret;
  }
  const servers = settings.servers.map((server) => {
    const password = taken[proxySecretName(server.id)];
    if (server.proxy === undefined || typeof password !== 'string') return server;
    return { ...server, proxy: { ...server.proxy, password } };
  });
  return { settings: { ...settings, servers }, secrets: taken };
}
