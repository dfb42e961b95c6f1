import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DialledSocket, dial, type Where } from './dial.ts';

// Used before the core is loaded, so it loads next to nothing, not even what checks the settings.

/** Connections that are made while the program still loads: a far server is as long in greeting as that takes. */
export interface Dialled {
  /** A connection with this server, each once; null when there is none, or it has ended. */
  take(where: Where): DialledSocket | null;
  /** Ends those nobody took. */
  close(): void;
}

/**
 * Connects to the servers of these accounts (their ids), as `settings.json` names them, and asks them at most what they
 * offer. What is amiss with the settings, or on the way, is left to who comes for the connection: then there is none.
 */
export function dialAhead(profileDir: string, accountIds: readonly string[] | 'all'): Dialled {
  const open = new Map<string, DialledSocket[]>();
  for (const account of distinct(accountsIn(profileDir, accountIds))) {
    const name = nameOf(account);
    open.set(name, [...(open.get(name) ?? []), dial(account, { asks: true })]);
  }
  return {
    take(where) {
      const dialled = open.get(nameOf(where))?.shift();
      const { socket } = dialled ?? {};
      if (socket === undefined || dialled === undefined) return null;
      return socket.destroyed || socket.readableEnded || !socket.writable ? null : dialled;
    },
    close() {
      for (const { socket } of [...open.values()].flat()) socket.destroy();
      open.clear();
    },
  };
}

type Account = Where & { readonly user: string };

function accountsIn(profileDir: string, accountIds: readonly string[] | 'all'): Account[] {
  try {
    const settings: unknown = JSON.parse(readFileSync(join(profileDir, 'settings.json'), 'utf8'));
    const accounts: unknown = Reflect.get(Object(settings), 'accounts');
    if (!Array.isArray(accounts)) return [];
    return accounts.flatMap((account: unknown) => {
      const { id, host, port, security, user }: Record<string, unknown> = { ...Object(account) };
      const isWanted = accountIds === 'all' || accountIds.some((wanted) => wanted === id);
      if (!isWanted || typeof user !== 'string' || typeof host !== 'string' || host === '') return [];
      if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) return [];
      return security === 'tls' || security === 'starttls' || security === 'none'
        ? [{ host, port, security, user }]
        : [];
    });
  } catch {
    return [];
  }
}

/** A maildrop has one session at a time. */
function distinct(accounts: readonly Account[]): Account[] {
  return [...new Map(accounts.map((account) => [`${nameOf(account)} ${account.user}`, account])).values()];
}

function nameOf({ host, port, security }: Where): string {
  return `${security} ${host} ${port}`;
}
