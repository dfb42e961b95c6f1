import type { WebSocket } from 'ws';
import { tooSlowCloseCode } from '#shared/rpc/browser-session.ts';
import type { Transport } from '#shared/rpc/transport.ts';

/** What may wait for a page that does not read; past it the page is hung up on and asks anew for what it missed. */
const defaultMaxBacklogOctets = 64 * 2 ** 20;

/** A transport over a WebSocket: one text message a frame. */
export function socketTransport(socket: WebSocket, maxBacklogOctets: number = defaultMaxBacklogOctets): Transport {
  return {
    send(frame) {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > maxBacklogOctets) {
        socket.close(tooSlowCloseCode);
        // A close frame queues behind the backlog nobody reads.
        socket.terminate();
        return;
      }
      socket.send(JSON.stringify(frame));
    },
    onMessage(listener) {
      const onMessage = (data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean): void => {
        const frame = isBinary ? undefined : parseJson(String(data));
        if (frame === undefined) socket.close(1003);
        else listener(frame);
      };
      socket.on('message', onMessage);
      return () => socket.off('message', onMessage);
    },
    onClose(listener) {
      socket.once('close', listener);
      return () => socket.off('close', listener);
    },
    close: () => socket.close(1000),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
