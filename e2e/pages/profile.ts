import { expect, type RunningApp } from '../app.ts';

/** Runs a command that must succeed and reads its JSON. */
export async function commandJson(app: RunningApp, args: string[], input?: unknown): Promise<unknown> {
  const stdin = input === undefined ? undefined : typeof input === 'string' ? input : JSON.stringify(input);
  const { code, stdout, stderr } = await app.command(['--json', ...args], stdin);
  expect(code, `postrider ${args.join(' ')}: ${stdout}${stderr}`).toBe(0);
  return stdout.trim() === '' ? null : JSON.parse(stdout);
}

/** Adds an account, a server or an identity by the command; answers its id. */
export async function add(app: RunningApp, what: 'account' | 'server' | 'identity', input: object): Promise<string> {
  const added = await commandJson(app, [what, 'add'], input);
  if (typeof added !== 'object' || added === null || !('id' in added) || typeof added.id !== 'string')
    throw new Error(`No id came back for the ${what}.`);
  return added.id;
}

/** An incoming account on loopback, as `postrider account add` takes it. */
export function accountOn(port: number, more: object = {}): object {
  return {
    label: 'Home',
    host: '127.0.0.1',
    port,
    security: 'none',
    user: 'anna',
    secret: 'secret',
    auth: 'auto',
    retention: { kind: 'leave' },
    checkEveryMinutes: 0,
    ...more,
  };
}

/** An outgoing server on loopback, as `postrider server add` takes it. */
export function serverOn(label: string, port: number, more: object = {}): object {
  return {
    label,
    kind: 'relay',
    endpoints: [{ host: '127.0.0.1', port, security: 'none' }],
    auth: { method: 'none' },
    ...more,
  };
}

/** An identity that may use any server. */
export function identityOf(address: string, more: object = {}): object {
  return { displayName: 'Anna Ö.', address, route: { kind: 'any' }, ...more };
}

/** How many messages a folder holds, as the command says. */
export async function countIn(app: RunningApp, folder: string): Promise<number> {
  const folders = await commandJson(app, ['folders']);
  if (!Array.isArray(folders)) throw new Error('The folders are no list.');
  const found: unknown = folders.find(
    (one: unknown) => typeof one === 'object' && one !== null && 'folder' in one && one.folder === folder,
  );
  if (typeof found !== 'object' || found === null || !('total' in found) || typeof found.total !== 'number') return 0;
  return found.total;
}

/** A plain message as a server holds it. */
export function plainMail(subject: string, body = 'A few words.\r\n', from = 'Friend <friend@away.test>'): Buffer {
  const id = `${subject.replaceAll(/[^A-Za-z0-9]+/g, '-')}@away.test`;
  return Buffer.from(
    `From: ${from}\r\nTo: Anna <anna@home.test>\r\nSubject: ${subject}\r\n` +
      `Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${id}>\r\n\r\n${body}`,
  );
}
