import { z } from 'zod';
import { bridgeName, type ElectronBridge } from '#shared/rpc/electron-bridge.ts';
import type { Transport } from '#shared/rpc/transport.ts';
import { createBlobDoor } from './blob-door.ts';
import type { Host } from './host.ts';

const Bridge = z.custom<ElectronBridge>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    'send' in value &&
    typeof value.send === 'function' &&
    'onFrame' in value &&
    typeof value.onFrame === 'function',
);

/** The host when the page runs in Electron; null elsewhere. */
export function findElectronHost(): Host | null {
  const parsed = Bridge.safeParse(Reflect.get(window, bridgeName));
  if (!parsed.success) return null;
  const bridge = parsed.data;
  const listeners = new Set<(frame: unknown) => void>();
  bridge.onFrame((frame: unknown) => {
    for (const listener of listeners) listener(frame);
  });
  return {
    kind: 'electron',
    ...createBlobDoor(() => ({})),
    // The window and the application live and die together: this transport never closes by itself.
    connect: () => Promise.resolve(createBridgeTransport(bridge, listeners)),
  };
}

function createBridgeTransport(bridge: ElectronBridge, listeners: Set<(frame: unknown) => void>): Transport {
  const closeListeners = new Set<() => void>();
  const own = new Set<(frame: unknown) => void>();
  return {
    send: (frame) => bridge.send(frame),
    onMessage(listener) {
      listeners.add(listener);
      own.add(listener);
      return () => listeners.delete(listener);
    },
    onClose(listener) {
      closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
    close() {
      for (const listener of own) listeners.delete(listener);
      for (const listener of closeListeners) listener();
    },
  };
}
