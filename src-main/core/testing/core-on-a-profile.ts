import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobId } from '#shared/ids.ts';
import type { Job } from '#shared/job.ts';
import type { Secret } from '#shared/mail/endpoint.ts';
import { type Api, createClient } from '#shared/rpc/client.ts';
import { createTransportPair } from '#shared/rpc/transport.ts';
import { nodeSpawn } from '../../host-node/child-process.ts';
import { noDesktop } from '../../host-node/no-desktop.ts';
import { systemClock } from '../../host-node/system-clock.ts';
import { type AppCore, createAppCore } from '../app-core.ts';
import type { Clock, Desktop, Network, NetworkDescription, Secrets } from '../ports.ts';
import { testResources } from './workers.ts';

/** A whole core on a profile of its own, and a client of it: what a host would make, without the host. */
export interface CoreOnAProfile {
  readonly profileDir: string;
  readonly core: AppCore;
  readonly api: Api;
  /** Waits for a job's end and gives its last state; throws when it failed. */
  finished(jobId: JobId): Promise<Job>;
  /** Closes it and opens it again on the same profile. */
  reopen(): Promise<CoreOnAProfile>;
  dispose(): Promise<void>;
}

const atHome: NetworkDescription = {
  gatewayAddress: '192.0.2.1',
  gatewayMac: '02:00:00:00:00:01',
  dnsSuffix: 'home.test',
  interfaceKind: 'wired',
  wifiName: null,
  isOnline: true,
};

const quietLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Secrets for as long as the test lasts. */
function memorySecrets(): Secrets {
  const kept = new Map<string, Secret>();
  return {
    keptIn: 'the memory of this test',
    get: async (name) => kept.get(name),
    set: async (name, secret) => {
      kept.set(name, secret);
    },
    remove: async (name) => {
      kept.delete(name);
    },
    has: async (name) => kept.has(name),
  };
}

export async function openCore(
  options: { clock?: Clock; describe?: () => NetworkDescription; desktop?: Desktop } = {},
): Promise<CoreOnAProfile> {
  const profileDir = await mkdtemp(join(tmpdir(), 'postrider-core-'));
  const secrets = memorySecrets();
  const network: Network = {
    interfaces: () => ({}),
    describe: async () => options.describe?.() ?? atHome,
  };
  const open = async (): Promise<CoreOnAProfile> => {
    const core = await createAppCore({
      profileDir,
      secrets,
      clock: options.clock ?? systemClock,
      log: quietLog,
      network,
      spawn: nodeSpawn,
      resources: testResources,
      desktop: options.desktop ?? noDesktop,
    });
    const [near, far] = createTransportPair();
    core.attach(far);
    const api = createClient(near);
    return {
      profileDir,
      core,
      api,
      finished: (jobId) => waitForJob(api, jobId),
      async reopen() {
        await core.close();
        return open();
      },
      async dispose() {
        await core.close();
        await rm(profileDir, { recursive: true, force: true });
      },
    };
  };
  return open();
}

function waitForJob(api: Api, jobId: JobId): Promise<Job> {
  return new Promise((resolve, reject) => {
    const settle = (job: Job): void => {
      if (job.jobId !== jobId || job.state.kind === 'queued' || job.state.kind === 'running') return;
      stop();
      resolve(job);
    };
    const stop = api.on('job.changed', settle);
    // It may have ended before anybody listened.
    api.call('job.list', {}).then((jobs) => {
      for (const job of jobs) settle(job);
    }, reject);
  });
}
