import { isIP } from 'node:net';

/** The loopback needs no network. */
export function isOnThisMachine(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    (isIP(host) === 4 && host.startsWith('127.')) ||
    host === '::1'
  );
}
