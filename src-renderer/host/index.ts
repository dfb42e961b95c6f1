import { createBrowserHost } from './browser-host.ts';
import { findElectronHost } from './electron-host.ts';
import type { Host } from './host.ts';

export { type Connection, createConnection } from './connection.ts';
export * from './host.ts';

/** The host this page runs in. */
export function findHost(): Host {
  return findElectronHost() ?? createBrowserHost();
}
