import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
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
 * Listens on `control.sock` of the profile (0600; on Windows a named pipe whose random name lies in the profile). Where the
 * path is too long for a socket, or the file system holds none (FAT, exFAT), in the user's runtime folder. The caller owns
 * the profile, so a socket file that is already there was left by a process that is gone.
 */
export async function openControlSocket(options: ControlServerOptions): Promise<ControlServer> {
  const open = new Set<Socket>();
  const server = await listen(options.profileDir, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    greet(framedSocket(socket), options);
  });
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
  for (const path of findSocketPaths(profileDir)) {
    const socket = await connect(path);
    if (socket !== null) return framedSocket(socket);
  }
  return null;
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
      else fail(cannotReach(error));
    });
  });
}

function cannotReach(cause: unknown): MailError {
  // Not the socket but the way to it, of a profile that is not this user's, or a socket that is not.
  const text = hasCode(cause, 'EACCES', 'EPERM')
    ? 'The profile folder cannot be opened. Check who owns it, and as whom you run this.'
    : 'The running Postrider could not be reached. Try again, or close it first.';
  return new MailError('EPERMISSION', text, { cause });
}

/** Where the command may find the app, the likeliest first. */
function findSocketPaths(profileDir: string): string[] {
  if (process.platform !== 'win32') {
    const [usual, elsewhere] = [unixSocketPath(profileDir), runtimeSocketPath(profileDir)];
    const isThere = isOwnFolder(dirname(elsewhere)) && existsSync(elsewhere);
    return [...new Set([usual, elsewhere])].filter((path) => path !== elsewhere || isThere);
  }
  try {
    return [pipePath(readFileSync(join(profileDir, pipeNameFile), 'utf8').trim())];
  } catch {
    return [];
  }
}

async function listen(profileDir: string, onSocket: (socket: Socket) => void): Promise<Server> {
  const path = await prepareSocketPath(profileDir);
  const server = createServer(onSocket);
  try {
    await listenPrivately(server, path);
    return server;
  } catch (error) {
    const elsewhere = runtimeSocketPath(profileDir);
    if (process.platform === 'win32' || path === elsewhere) throw error;
    // A file system may leave an empty file where it makes no socket.
    rmSync(path, { force: true });
    clearWay(elsewhere);
    const other = createServer(onSocket);
    await listenPrivately(other, elsewhere);
    return other;
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
  if (path === runtimeSocketPath(profileDir)) clearWay(path);
  else removeOldSocket(path);
  return path;
}

function clearWay(path: string): void {
  makeRuntimeFolder(dirname(path));
  removeOldSocket(path);
}

function removeOldSocket(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSocket()) {
    throw new MailError('EPERMISSION', 'The profile folder holds something else under the name control.sock.');
  }
  if (found !== undefined) unlinkSync(path);
}

function pipePath(name: string): string {
  return `\\\\.\\pipe\\postrider-${name}`;
}

/** `control.sock` in the profile, or, where that path is too long for a socket, one derived from it in the user's runtime folder. */
export function unixSocketPath(profileDir: string): string {
  const usual = join(resolve(profileDir), 'control.sock');
  return Buffer.byteLength(usual) <= longestSocketPath ? usual : runtimeSocketPath(profileDir);
}

function runtimeSocketPath(profileDir: string): string {
  const usual = join(resolve(profileDir), 'control.sock');
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
  if (!isOwnFolder(folder))
    throw new MailError('EPERMISSION', 'The folder for Postrider’s control socket belongs to somebody else.');
}

/** In /tmp somebody else may have made the folder first: neither listened in nor asked there. */
function isOwnFolder(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === userInfo().uid && (found.mode & 0o077) === 0;
}

function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((settle, fail) => {
    server.once('error', fail);
    // The file must never be open to others, not even between bind and chmod.
    const umask = process.platform === 'win32' ? undefined : process.umask(0o177);
    try {
      server.listen(path, () => {
        try {
          if (process.platform !== 'win32') chmodSync(path, 0o600);
          settle();
        } catch (error) {
          server.close();
          fail(error);
        }
      });
    } finally {
      if (umask !== undefined) process.umask(umask);
    }
    server.on('close', () => {
      if (process.platform !== 'win32') rmSync(path, { force: true });
    });
  });
}
