import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { hasCode, writePrivateFile } from '../host-node/private-file.ts';

/** The origin of a profile's page. Name and port are kept, since the page's own storage belongs to exactly both. */
const Origin = z.object({
  name: z.string().regex(/^[a-z0-9]{16}$/),
  port: z.number().int().min(1024).max(65_535),
});
export type Origin = z.infer<typeof Origin>;

const originFile = 'origin.json';

/** `NAME.localhost:PORT`, as the `Host` field says it. */
export function hostOf(origin: Origin): string {
  return `${origin.name}.localhost:${origin.port}`;
}

/** The profile's origin, kept from the first start; it moves only when its port is taken. `port` asks for a certain one. */
export async function chooseOrigin(profileDir: string, port?: number): Promise<Origin> {
  const kept = await readOrigin(profileDir);
  const name = kept?.name ?? randomBytes(8).toString('hex');
  const chosen = { name, port: await choosePort(port ?? kept?.port) };
  if (chosen.port !== kept?.port || kept === undefined) {
    await writePrivateFile(join(profileDir, originFile), JSON.stringify(chosen));
  }
  return chosen;
}

async function choosePort(wanted: number | undefined): Promise<number> {
  if (wanted !== undefined && (await tryPort(wanted)) && !(await answersOnIpv6(wanted))) return wanted;
  for (let round = 0; round < 20; round += 1) {
    const port = await tryPort(0);
    if (port && !(await answersOnIpv6(port))) return port;
  }
  throw new Error('No free port was found on this computer.');
}

/** The port that could be bound (`0`: any), or 0. */
function tryPort(port: number): Promise<number> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(0));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => settle(bound));
    });
  });
}

/**
 * Whether somebody listens on the same port of `::1`. A browser may try that first for a name under `.localhost`: who
 * sits there, another user of this machine perhaps, would be given the launch token.
 */
export function answersOnIpv6(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = createConnection({ host: '::1', port });
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
    socket.once('error', () => settle(false));
  });
}

async function readOrigin(profileDir: string): Promise<Origin | undefined> {
  try {
    return Origin.parse(JSON.parse(await readFile(join(profileDir, originFile), 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
