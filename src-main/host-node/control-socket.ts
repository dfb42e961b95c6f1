import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { MailError } from '#shared/mail-error.ts';
import { Frame, protocolVersion } from '#shared/rpc/frame.ts';
import type { Transport } from '#shared/rpc/transport.ts';
import { framedSocket } from './framed-socket.ts';
import { hasCode, writePrivateFile } from './private-file.ts';

/** `sun_path` holds 108 octets on Linux and 104 on macOS, the ending zero included. */
const longestSocketPath = 103;
const pipeNameFile = 'control.pipe';

/** Between two starts of the program, beside the contract: "come to the front", perhaps to open something (`addressAmong`). */
const RaiseRequest = z.object({ kind: z.literal('raise'), address: z.string().max(65_536).optional() });
const RaiseAnswer = z.object({ kind: z.literal('raised') });

export interface ControlServer {
  close(): Promise<void>;
}

export interface ControlServerOptions {
  readonly profileDir: string;
  /** A command of the same version is there: serve it. */
  readonly onClient: (transport: Transport) => void;
  /** A second start asks to come to the front. */
  readonly onRaise: (address: string | undefined) => void;
}

/**
 * Listens on `control.sock` of the profile (0600; on Windows a named pipe whose random name lies in the profile). The
 * caller owns the profile, so a socket file that is already there was left by a process that is gone.
 */
export async function openControlSocket(options: ControlServerOptions): Promise<ControlServer> {
  const path = await prepareSocketPath(options.profileDir);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    greet(framedSocket(socket), options);
  });
  await listenPrivately(server, path);
  return {
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** The first frame decides: a greeting of this version is served, another version is told ours and hung up on. */
function greet(transport: Transport, options: ControlServerOptions): void {
  const stop = transport.onMessage((raw) => {
    stop();
    const raise = RaiseRequest.safeParse(raw);
    if (raise.success) {
      options.onRaise(raise.data.address);
      transport.send({ kind: 'raised' });
      transport.close();
      return;
    }
    const hello = Frame.safeParse(raw);
    if (hello.success && hello.data.kind === 'hello' && hello.data.version === protocolVersion) {
      options.onClient(transport);
      return;
    }
    transport.send({ kind: 'hello', version: protocolVersion });
    transport.close();
  });
}

/** A transport to the app that runs on this profile; null when none does. Give it to `createClient`, which compares versions. */
export async function connectControlSocket(profileDir: string): Promise<Transport | null> {
  const path = findSocketPath(profileDir);
  if (path === null) return null;
  const socket = await connect(path);
  return socket === null ? null : framedSocket(socket);
}

/** Asks the app that runs on this profile to come to the front. False: none answered within `timeoutMs`. */
export async function askToRaise(profileDir: string, address?: string, timeoutMs = 5000): Promise<boolean> {
  const transport = await connectControlSocket(profileDir);
  if (transport === null) return false;
  return new Promise((settle) => {
    const timer = setTimeout(() => {
      settle(false);
      transport.close();
    }, timeoutMs);
    transport.onMessage((raw) => {
      if (!RaiseAnswer.safeParse(raw).success) return;
      clearTimeout(timer);
      settle(true);
      transport.close();
    });
    transport.onClose(() => {
      clearTimeout(timer);
      settle(false);
    });
    transport.send({ kind: 'raise', ...(address === undefined ? {} : { address }) });
  });
}

function connect(path: string): Promise<Socket | null> {
  return new Promise((settle, fail) => {
    const socket = createConnection(path);
    socket.once('connect', () => settle(socket));
    socket.once('error', (error) => {
      // ECONNREFUSED: the file is there and its process is gone.
      if (hasCode(error, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR')) settle(null);
      else fail(new MailError('EPERMISSION', 'The running Postrider could not be reached.', { cause: error }));
    });
  });
}

/** Where the command finds the app; null when no name was ever kept. */
function findSocketPath(profileDir: string): string | null {
  if (process.platform !== 'win32') return unixSocketPath(profileDir);
  try {
    return pipePath(readFileSync(join(profileDir, pipeNameFile), 'utf8').trim());
  } catch {
    return null;
  }
}

async function prepareSocketPath(profileDir: string): Promise<string> {
  if (process.platform === 'win32') {
    // Any user may make a pipe of any name: a name nobody can guess, new each time, cannot be taken first.
    const name = randomBytes(16).toString('hex');
    await writePrivateFile(join(profileDir, pipeNameFile), name);
    return pipePath(name);
  }
  const path = unixSocketPath(profileDir);
  if (!path.startsWith(resolve(profileDir))) makeRuntimeFolder(join(path, '..'));
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSocket()) {
    throw new MailError('EPERMISSION', 'The profile folder holds something else under the name control.sock.');
  }
  if (found !== undefined) unlinkSync(path);
  return path;
}

function pipePath(name: string): string {
  return `\\\\.\\pipe\\postrider-${name}`;
}

/** `control.sock` in the profile, or, where that path is too long for a socket, one derived from it in the user's runtime folder. */
export function unixSocketPath(profileDir: string): string {
  const usual = join(resolve(profileDir), 'control.sock');
  if (Buffer.byteLength(usual) <= longestSocketPath) return usual;
  const name = createHash('sha256').update(usual).digest('hex').slice(0, 24);
  const { uid } = userInfo();
  const runtimeDir = process.env.XDG_RUNTIME_DIR;
  const folder = runtimeDir === undefined || runtimeDir === '' ? join(tmpdir(), `postrider-${uid}`) : runtimeDir;
  const path = join(folder, `postrider-${name}.sock`);
  if (Buffer.byteLength(path) <= longestSocketPath) return path;
  return join('/tmp', `postrider-${uid}`, `postrider-${name}.sock`);
}

function makeRuntimeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  // In /tmp somebody else may have made the folder first.
  if (uid !== userInfo().uid || (mode & 0o077) !== 0) {
    throw new MailError('EPERMISSION', 'The folder for Postrider’s control socket belongs to somebody else.');
  }
}

function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((settle, fail) => {
    server.once('error', fail);
    // The file must never be open to others, not even between bind and chmod.
    const umask = process.platform === 'win32' ? undefined : process.umask(0o177);
    try {
      server.listen(path, () => {
        if (process.platform !== 'win32') chmodSync(path, 0o600);
        settle();
      });
    } finally {
      if (umask !== undefined) process.umask(umask);
    }
    server.on('close', () => {
      if (process.platform !== 'win32') rmSync(path, { force: true });
    });
  });
}
