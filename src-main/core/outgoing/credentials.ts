import type { ServerId } from '#shared/ids.ts';
import type { Secret } from '#shared/mail/endpoint.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import type { TokenSource } from '../ports.ts';
import type { Rooms } from '../services.ts';
import { type Credentials, makeCredentials, needsSecret } from './sign-in.ts';

/** Secrets of the servers, asked for once until the settings change. */
export interface CredentialsService {
  /** Throws `StageFailure` at `auth` when they are missing. */
  forServer(server: OutgoingServer): Promise<Credentials>;
  /** Undefined: none, or none that can be read here. */
  secret(serverId: ServerId): Promise<Secret | undefined>;
  /** Those that need a secret which is not there. */
  lacking(servers: readonly OutgoingServer[]): Promise<Set<ServerId>>;
  /** The settings changed: ask again. */
  reset(): void;
}

export function createCredentials({
  settings,
  tokenSourceFor,
  log,
}: Pick<Rooms, 'settings' | 'tokenSourceFor' | 'log'>): CredentialsService {
  const secrets = new Map<ServerId, Promise<Secret | undefined>>();
  const tokens = new Map<ServerId, TokenSource>();

  function secret(serverId: ServerId): Promise<Secret | undefined> {
    const known = secrets.get(serverId);
    if (known !== undefined) return known;
    const asked = settings.serverSecret(serverId).catch((error: unknown) => {
      log.warn('The password of a server cannot be read.', { serverId, reason: String(error) });
      return undefined;
    });
    secrets.set(serverId, asked);
    return asked;
  }

  function tokenFor(server: OutgoingServer, oauth: Exclude<Secret, string>): TokenSource['get'] {
    const source =
      tokens.get(server.id) ??
      tokenSourceFor(oauth, async (renewed) => {
        await settings.setServer(server.id, { auth: { ...server.auth, secret: renewed } });
      });
    tokens.set(server.id, source);
    return (options) => source.get(options);
  }

  return {
    secret,
    async forServer(server) {
      const kept = needsSecret(server.auth) ? await secret(server.id) : undefined;
      return makeCredentials(server.auth, kept, (oauth) => tokenFor(server, oauth));
    },
    async lacking(servers) {
      const lacking = new Set<ServerId>();
      for (const server of servers) {
        if (!needsSecret(server.auth)) continue;
        const kept = await secret(server.id);
        if (kept === undefined || kept === '') lacking.add(server.id);
      }
      return lacking;
    },
    reset() {
      secrets.clear();
      tokens.clear();
    },
  };
}
