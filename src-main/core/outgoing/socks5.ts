import { isIP, type Socket } from 'node:net';
import { domainToASCII } from 'node:url';
import type { z } from 'zod';
import { endpointName } from '#shared/mail/endpoint.ts';
import type { SocksProxy } from '#shared/mail/outgoing-server.ts';
import type { MailErrorCode } from '#shared/mail-error.ts';
import { noReply, socketFailure, stopped } from './stage-failure.ts';

export type Socks5Proxy = z.infer<typeof SocksProxy>;

const version = 5;
const signInVersion = 1;
const methods = { none: 0, password: 2, noneAcceptable: 0xff } as const;
const addressTypes = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** RFC 1928 §6, each with what it means for the mail. */
const replies: Record<number, readonly [MailErrorCode, (proxy: string, host: string) => string]> = {
  1: ['EUNREACHABLE', (proxy) => `${proxy} could not make the connection and does not say why.`],
  2: ['EUNREACHABLE', (proxy, host) => `${proxy} is not allowed to connect to ${host}.`],
  3: ['EUNREACHABLE', (proxy, host) => `${proxy} cannot reach the network of ${host}.`],
  4: ['EUNREACHABLE', (proxy, host) => `${proxy} cannot reach ${host}, or does not know that name.`],
  5: ['EREFUSED', (proxy, host) => `${host} refused the connection that ${lowerThe(proxy)} made to it.`],
  6: ['ETIMEOUT', (proxy, host) => `${host} did not answer ${lowerThe(proxy)} in time.`],
  7: ['EPROTOCOL', (proxy) => `${proxy} does not make connections for others.`],
  8: ['EPROTOCOL', (proxy, host) => `${proxy} does not understand the address ${host}.`],
};

/** How a proxy is named in sentences. */
export function proxyName(proxy: Pick<Socks5Proxy, 'host' | 'port'>): string {
  return `The proxy ${endpointName(proxy)}`;
}

/**
 * Asks a SOCKS5 proxy, over a fresh connection to it, for a connection to an endpoint (RFC 1928, RFC 1929). The host goes to
 * the proxy by name: looking it up here would tell this network about it, and might not work. Afterwards the socket is the
 * endpoint's, paused. Throws `StageFailure` at `connect`; the socket is closed then.
 */
export async function connectThroughProxy(
  socket: Socket,
  proxy: Socks5Proxy,
  target: { readonly host: string; readonly port: number },
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const reader = createReader(socket, proxyName(proxy), options);
  try {
    await agreeOnMethod(socket, reader, proxy);
    socket.write(requestFor(target));
    await readAnswer(reader, target.host);
    reader.end();
  } catch (error) {
    reader.end();
    socket.destroy();
    throw error;
  }
}

async function agreeOnMethod(socket: Socket, reader: Reader, proxy: Socks5Proxy): Promise<void> {
  const offered = proxy.user === undefined ? [methods.none] : [methods.none, methods.password];
  socket.write(Buffer.from([version, offered.length, ...offered]));
  const [spoken, method = methods.noneAcceptable] = await reader.take(2);
  if (spoken !== version) throw noReply('connect', 'EPROTOCOL', `${reader.name} does not speak SOCKS5.`);
  if (method === methods.none) return;
  if (method === methods.password && proxy.user !== undefined) {
    socket.write(signInFor(proxy.user, proxy.password ?? '', reader.name));
    const [, status] = await reader.take(2);
    if (status === 0) return;
    throw noReply('connect', 'EAUTH', `${reader.name} did not accept its user name and password.`);
  }
  const wanted =
    proxy.user === undefined
      ? 'asks for a user name and password; put them into the settings of this server'
      : 'asks for another way of signing in than user name and password';
  throw noReply('connect', 'EAUTH_SETUP', `${reader.name} ${wanted}.`);
}

/** RFC 1929 §2. */
function signInFor(user: string, password: string, name: string): Buffer {
  const [userOctets, passwordOctets] = [Buffer.from(user), Buffer.from(password)];
  if (userOctets.length > 255 || passwordOctets.length > 255) {
    throw noReply('connect', 'EAUTH_SETUP', `The user name or password for ${lowerThe(name)} is too long.`);
  }
  return Buffer.concat([
    Buffer.from([signInVersion, userOctets.length]),
    userOctets,
    Buffer.from([passwordOctets.length]),
    passwordOctets,
  ]);
}

/** RFC 1928 §4: CONNECT. */
function requestFor({ host, port }: { host: string; port: number }): Buffer {
  const portOctets = Buffer.alloc(2);
  portOctets.writeUInt16BE(port);
  return Buffer.concat([Buffer.from([version, 1, 0]), addressOctets(host), portOctets]);
}

function addressOctets(host: string): Buffer {
  switch (isIP(host)) {
    case 4:
      return Buffer.from([addressTypes.ipv4, ...host.split('.').map(Number)]);
    case 6:
      return Buffer.from([addressTypes.ipv6, ...ipv6Octets(host)]);
    default: {
      const name = Buffer.from(domainToASCII(host) || host);
      if (name.length > 255) throw noReply('connect', 'EUNKNOWNHOST', `The name ${host} is too long.`);
      return Buffer.concat([Buffer.from([addressTypes.name, name.length]), name]);
    }
  }
}

/** The URL parser writes every notation of an address in one: hex groups, with at most one `::`. */
function ipv6Octets(address: string): number[] {
  const plain = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [left = [], right = []] = plain.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const missing = plain.includes('::') ? 8 - left.length - right.length : 0;
  const groups = [...left, ...new Array<string>(missing).fill('0'), ...right].map((group) =>
    Number.parseInt(group, 16),
  );
  return groups.flatMap((group) => [group >> 8, group & 0xff]);
}

async function readAnswer(reader: Reader, host: string): Promise<void> {
  const [spoken, code = 1] = await reader.take(2);
  if (spoken !== version) throw noReply('connect', 'EPROTOCOL', `${reader.name} does not speak SOCKS5.`);
  if (code !== 0) {
    const known = replies[code];
    if (known !== undefined) throw noReply('connect', known[0], known[1](reader.name, host));
    throw noReply('connect', 'EUNREACHABLE', `${reader.name} did not make the connection (its code is ${code}).`);
  }
  const [, type] = await reader.take(2);
  // Where the proxy connects from is of no interest, but has to be read past.
  if (type === addressTypes.name) await reader.take(((await reader.take(1))[0] ?? 0) + 2);
  else if (type === addressTypes.ipv4) await reader.take(4 + 2);
  else if (type === addressTypes.ipv6) await reader.take(16 + 2);
  else throw noReply('connect', 'EPROTOCOL', `${reader.name} does not speak SOCKS5.`);
}

interface Reader {
  readonly name: string;
  /** The next octets, when they are all there. */
  take(count: number): Promise<Buffer>;
  /** Stops reading; what came too much goes back into the socket, since the endpoint may have greeted already. */
  end(): void;
}

function createReader(
  socket: Socket,
  name: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Reader {
  let received = Buffer.alloc(0);
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    wake();
  };
  const onData = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    wake();
  };
  const onError = (error: Error): void => fail(socketFailure('connect', error, name));
  const onClose = (): void => fail(noReply('connect', 'ECLOSED', `${name} closed the connection.`));
  const onAbort = (): void => fail(stopped('connect', signal));
  const timer = setTimeout(() => fail(noReply('connect', 'ETIMEOUT', `${name} did not answer in time.`)), timeoutMs);
  socket.on('data', onData).on('error', onError).once('end', onClose).once('close', onClose);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  socket.resume();
  return {
    name,
    async take(count) {
      while (received.length < count) {
        if (failure !== undefined) throw failure;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      const taken = received.subarray(0, count);
      received = received.subarray(count);
      return taken;
    },
    end() {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.pause();
      socket.off('data', onData).off('end', onClose).off('close', onClose);
      // A reset from here on is heard by whoever uses the socket next; until then it must not be an unheard error.
      socket.on('error', () => undefined).off('error', onError);
      if (received.length > 0) socket.unshift(received);
    },
  };
}

/** The name in the middle of a sentence. */
function lowerThe(name: string): string {
  return name.replace(/^The /, 'the ');
}
