import { mkdir } from 'node:fs/promises';
import { type Api, createClient } from '#shared/rpc/client.ts';
import { createTransportPair } from '#shared/rpc/transport.ts';
import { type AppCore, createAppCore } from '../src-main/core/app-core.ts';
import { nodeSpawn } from '../src-main/host-node/child-process.ts';
import { openFileSecrets } from '../src-main/host-node/file-secrets.ts';
import { noDesktop } from '../src-main/host-node/no-desktop.ts';
import { createResources } from '../src-main/host-node/resources.ts';
import { systemClock } from '../src-main/host-node/system-clock.ts';
import { widenThreadPool } from '../src-main/host-node/thread-pool.ts';

// As the command does before it uses the disk.
widenThreadPool();

/** The core as the command runs it, on this profile, with a client. Messages of the log go to standard error. */
export async function benchCore(profileDir: string): Promise<{ core: AppCore; api: Api }> {
  await mkdir(profileDir, { recursive: true, mode: 0o700 });
  const core = await createAppCore({
    profileDir,
    secrets: await openFileSecrets(profileDir),
    clock: systemClock,
    log: { info: () => undefined, warn: console.error, error: console.error },
    network: {
      interfaces: () => ({}),
      describe: async () => ({
        gatewayAddress: '192.0.2.1',
        gatewayMac: '02:00:00:00:00:01',
        dnsSuffix: null,
        interfaceKind: 'wired',
        wifiName: null,
        isOnline: true,
      }),
    },
    spawn: nodeSpawn,
    resources: createResources(),
    desktop: noDesktop,
  });
  const [near, far] = createTransportPair();
  core.attach(far);
  return { core, api: createClient(near) };
}
