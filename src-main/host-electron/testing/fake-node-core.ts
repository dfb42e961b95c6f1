import type { Transport } from '#shared/rpc/transport.ts';
import type { Desktop, Secrets, Spawn } from '../../core/ports.ts';

/** What the host handed to the core, and what it asked of it. */
export interface Given {
  desktop: Desktop;
  secrets: Secrets;
  spawn: Spawn;
  attached: Transport[];
  raised: (string | undefined)[];
  asked: string[];
  isClosed: boolean;
}
/** The last one made. */
export const given: { current: Given | null } = { current: null };

/** In place of the core under Node: remembers what it was given and asked. */
export async function openNodeCore(options: { desktop: Desktop; openSecrets: () => Promise<Secrets>; spawn: Spawn }) {
  const made: Given = {
    desktop: options.desktop,
    secrets: await options.openSecrets(),
    spawn: options.spawn,
    attached: [],
    raised: [],
    asked: [],
    isClosed: false,
  };
  given.current = made;
  return {
    core: {
      // By the host's own client.
      attach: () => () => undefined,
      attachPage(transport: Transport) {
        made.attached.push(transport);
        return () => undefined;
      },
      handleBlob: async () => new Response(),
      start: async () => undefined,
      raise: (address?: string) => void made.raised.push(address),
      ask: (command: string) => void made.asked.push(command),
    },
    files: { rendererDir: '/nowhere', preload: '/preload.cjs', asset: (name: string) => name },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    close: async () => {
      made.isClosed = true;
    },
  };
}
