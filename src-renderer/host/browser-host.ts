import { MailError } from '#shared/mail-error.ts';
import {
  pageTokenHeader,
  pageTokenKey,
  pageTokenProtocolPrefix,
  SessionAnswer,
  sessionPath,
  socketPath,
  socketProtocol,
} from '#shared/rpc/browser-session.ts';
import type { Transport } from '#shared/rpc/transport.ts';
import { createBlobDoor } from './blob-door.ts';
import type { Host } from './host.ts';

/** Thrown when the page has no right to talk to the application: it has to be opened anew from Postrider. */
export class NoSessionError extends Error {
  override readonly name = 'NoSessionError';
}

/** The host when the page was served over loopback HTTP. */
export function createBrowserHost(): Host {
  let session: Promise<string> | null = null;

  /** The start token in the address is good once; what it was exchanged for is kept for reloads of this tab. */
  function token(): Promise<string> {
    session ??= exchangeOrRemember().catch((error: unknown) => {
      session = null;
      throw error;
    });
    return session;
  }

  let current = sessionStorage.getItem(pageTokenKey) ?? '';
  return {
    kind: 'browser',
    ...createBlobDoor(() => ({ [pageTokenHeader]: current })),
    async connect() {
      current = await token();
      return openSocket(current);
    },
  };
}

async function exchangeOrRemember(): Promise<string> {
  const launchToken = location.hash.slice(1);
  if (launchToken !== '') {
    // Out of the address bar and the history at once.
    history.replaceState(null, '', location.pathname + location.search);
    const response = await fetch(sessionPath, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token: launchToken }),
    });
    if (response.ok) {
      const { pageToken } = SessionAnswer.parse(await response.json());
      sessionStorage.setItem(pageTokenKey, pageToken);
      return pageToken;
    }
  }
  const kept = sessionStorage.getItem(pageTokenKey);
  if (kept === null) throw new NoSessionError('No session.');
  return kept;
}

function openSocket(token: string): Promise<Transport> {
  const address = new URL(socketPath, location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address, [socketProtocol, pageTokenProtocolPrefix + token]);
  return new Promise((settle, fail) => {
    socket.onopen = () => settle(createSocketTransport(socket));
    socket.onerror = () => {
      isRefused(token).then(
        (refused) => fail(refused ? new NoSessionError('Refused.') : closed()),
        () => fail(closed()),
      );
    };
  });
}

/** A socket does not say why it failed: whether the application is away or wants another token is asked by a plain request. */
async function isRefused(token: string): Promise<boolean> {
  const response = await fetch('/blob/', { headers: { [pageTokenHeader]: token }, cache: 'no-store' });
  return response.status === 401 || response.status === 403;
}

function closed(): MailError {
  return new MailError('ECLOSED', 'Postrider does not answer.');
}

function createSocketTransport(socket: WebSocket): Transport {
  const messageListeners = new Set<(frame: unknown) => void>();
  const closeListeners = new Set<() => void>();
  // Frames may arrive before anybody listens: they wait.
  let early: unknown[] = [];
  socket.onmessage = (event) => {
    const frame = readFrame(event.data);
    if (messageListeners.size === 0) early.push(frame);
    for (const listener of messageListeners) listener(frame);
  };
  socket.onclose = () => {
    for (const listener of closeListeners) listener();
  };
  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    onMessage(listener) {
      messageListeners.add(listener);
      const waiting = early;
      early = [];
      for (const frame of waiting) listener(frame);
      return () => messageListeners.delete(listener);
    },
    onClose(listener) {
      closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
    close: () => socket.close(),
  };
}

function readFrame(data: unknown): unknown {
  if (typeof data !== 'string') return null;
  try {
    return JSON.parse(data);
  } catch {
    // SyntaxError: not a frame; the client drops what it cannot read.
    return null;
  }
}
