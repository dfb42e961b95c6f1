import { z } from 'zod';
import type { Secret } from '#shared/mail/endpoint.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import type { Settings } from '#shared/mail/settings.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Log, Secrets } from '../ports.ts';

/** What an input says about a secret: undefined leaves it, null removes it. */
export type SecretChange = Secret | null | undefined;

/** Reads `secret` out of a patch, where `null` means remove. */
export function secretChangeIn(
  patch: Readonly<Record<string, unknown>> | undefined,
  checked: Secret | undefined,
): SecretChange {
  if (patch === undefined || !Object.hasOwn(patch, 'secret')) return undefined;
  return patch.secret === null ? null : checked;
}

const Parts = z.record(z.string(), z.unknown());

/** The `auth` of a server patch; `auth: null` takes the secret away too. */
export function authPatchIn(patch: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  if (!Object.hasOwn(patch, 'auth')) return undefined;
  if (patch.auth === null) return { secret: null };
  const parsed = Parts.safeParse(patch.auth);
  return parsed.success ? parsed.data : undefined;
}

/**
 * Changes secrets, then saves; when saving fails they are put back, so that an old server is not met with a new
 * password. An empty string counts as none.
 */
export async function withSecrets(
  secrets: Secrets,
  changes: Readonly<Record<string, SecretChange>>,
  save: () => Promise<void>,
): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const [name, change] of Object.entries(changes)) {
      if (change === undefined) continue;
      const before = await readOrNull(secrets, name);
      await put(secrets, name, change);
      if (before !== null) undo.push(() => put(secrets, name, before.secret));
    }
    await save();
  } catch (error) {
    for (const restore of undo.reverse()) await restore();
    throw error;
  }
}

async function put(secrets: Secrets, name: string, secret: SecretChange): Promise<void> {
  if (secret === undefined || secret === null || secret === '') await secrets.remove(name);
  else await secrets.set(name, secret);
}

/** Null: one is stored but cannot be read here, so it cannot be put back either. */
async function readOrNull(secrets: Secrets, name: string): Promise<{ secret: Secret | undefined } | null> {
  try {
    return { secret: await secrets.get(name) };
  } catch (error) {
    if (error instanceof MailError && error.code === 'ENEEDS_PASSWORD') return null;
    throw error;
  }
}

export const proxySecretName = (id: string): string => `proxy:${id}`;

/** A server as it may be written to disk or shown: the proxy's password is left out. */
export function withoutProxyPassword<T extends Pick<OutgoingServer, 'proxy'>>(server: T): T {
  if (server.proxy === undefined) return server;
  const { password: _, ...proxy } = server.proxy;
  return { ...server, proxy };
}

/** Fills in the proxy passwords, which live with the other secrets, so that whoever connects finds them in place. */
export async function withProxyPasswords(settings: Settings, secrets: Secrets, log: Log): Promise<Settings> {
  const servers = await Promise.all(
    settings.servers.map(async (server) => {
      if (server.proxy?.user === undefined) return server;
      try {
        const password = await secrets.get(proxySecretName(server.id));
        return typeof password === 'string' ? { ...server, proxy: { ...server.proxy, password } } : server;
      } catch {
        log.warn('The password of a proxy cannot be read here.', { server: server.label });
        return server;
      }
    }),
  );
  return { ...settings, servers };
}
