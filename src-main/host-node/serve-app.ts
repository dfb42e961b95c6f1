import { type Api, createClient } from '#shared/rpc/client.ts';
import { createTransportPair } from '#shared/rpc/transport.ts';
import { openControlSocket } from './control-socket.ts';
import type { NodeCore } from './node-core.ts';
import { serveSpool } from './spool.ts';

/** An app that runs, beyond its screens. */
export interface ServedApp {
  /** The application as its own host calls it. */
  readonly api: Api;
  close(): Promise<void>;
}

/** When the screens are there and the first mail is in. */
const loadTheRestAfterMs = 60_000;

/**
 * Makes a core an app that runs: commands and second starts reach it by the control socket, `sendmail` by the spool,
 * and the schedules of collecting and sending begin.
 */
export async function serveApp(
  { core, log }: Pick<NodeCore, 'core' | 'log'>,
  profileDir: string,
  onRaise: (address: string | undefined) => void,
): Promise<ServedApp> {
  const [near, far] = createTransportPair();
  core.attach(far);
  const api = createClient(near);
  const onSpoolError = (error: unknown): void => log.error('The spool could not be taken up.', error);
  const spool = await serveSpool(api, profileDir, onSpoolError).catch(onSpoolError);
  const control = await openControlSocket({ profileDir, onClient: (transport) => core.attach(transport), onRaise });
  await core.start();
  const loading = setTimeout(() => {
    core
      .loadTheRest()
      .catch((error: unknown) => log.error('Parts of the program could not be loaded. Start Postrider again.', error));
  }, loadTheRestAfterMs);
  loading.unref();
  return {
    api,
    async close() {
      clearTimeout(loading);
      // Nobody new comes in while the rest comes to its end.
      await control.close();
      await spool?.close();
      api.close();
    },
  };
}
