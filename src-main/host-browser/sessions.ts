import { createHash, randomBytes } from 'node:crypto';

/** How long a launch token may wait to be exchanged. */
export const launchTokenLifeMs = 30_000;
const maxSessions = 64;
const maxPagesPerSession = 64;

export interface Exchanged {
  readonly cookie: string;
  readonly pageToken: string;
}

/** Who may come in: launch tokens, and the sessions they were exchanged for. In memory only, so a restart ends them all. */
export interface Sessions {
  /** A token for a launch page, good once and for 30 seconds. */
  issueLaunchToken(): string;
  /** Exchanges it; null when it is unknown, used or late. A window of the same browser that comes with its cookie keeps it. */
  exchange(launchToken: string, cookie: string | undefined): Exchanged | null;
  /** Whether cookie and page token are of one session. Neither is enough alone. */
  admits(cookie: string | undefined, pageToken: string | undefined): boolean;
}

export function createSessions(now: () => number): Sessions {
  // Secrets are looked up by their hash: how long a look-up takes tells nothing about them.
  const launchTokens = new Map<string, number>();
  const sessions = new Map<string, Set<string>>();

  function forgetLate(): void {
    for (const [hash, issuedAt] of launchTokens) {
      if (now() - issuedAt > launchTokenLifeMs) launchTokens.delete(hash);
    }
  }

  function sessionOf(cookie: string | undefined): { cookie: string; pages: Set<string> } {
    const pages = cookie === undefined ? undefined : sessions.get(hashOf(cookie));
    if (cookie !== undefined && pages !== undefined) return { cookie, pages };
    const made = { cookie: newToken(), pages: new Set<string>() };
    sessions.set(hashOf(made.cookie), made.pages);
    dropOldest(sessions, maxSessions);
    return made;
  }

  return {
    issueLaunchToken() {
      forgetLate();
      const token = newToken();
      launchTokens.set(hashOf(token), now());
      return token;
    },
    exchange(launchToken, cookie) {
      forgetLate();
      if (!launchTokens.delete(hashOf(launchToken))) return null;
      const session = sessionOf(cookie);
      const pageToken = newToken();
      session.pages.add(hashOf(pageToken));
      dropOldest(session.pages, maxPagesPerSession);
      return { cookie: session.cookie, pageToken };
    },
    admits(cookie, pageToken) {
      if (cookie === undefined || pageToken === undefined) return false;
      const pages = sessions.get(hashOf(cookie));
      return pages?.has(hashOf(pageToken)) ?? false;
    },
  };
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

function dropOldest(entries: Map<string, unknown> | Set<string>, limit: number): void {
  for (const key of entries.keys()) {
    if (entries.size <= limit) return;
    entries.delete(key);
  }
}
