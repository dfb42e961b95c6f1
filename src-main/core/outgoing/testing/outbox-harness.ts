import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerId } from '#shared/ids.ts';
import type { Secret } from '#shared/mail/endpoint.ts';
import { IdentityInput } from '#shared/mail/identity.ts';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import type { EventName, Payload } from '#shared/rpc/contract.ts';
import { createJobRunner } from '../../jobs/job-runner.ts';
import type { Clock, Log, Network, Secrets } from '../../ports.ts';
import type { BuiltMessage } from '../../services.ts';
import { createSettings } from '../../settings/settings.ts';
import { openStore } from '../../store/open-store.ts';
import { testResources } from '../../testing/workers.ts';
import { createOutgoing } from '../outgoing.ts';

/** A clock a test moves; waits started before the move end by it. */
export interface HandClock extends Clock {
  advance(ms: number): void;
}

export function handClock(start = Date.UTC(2026, 10, 21, 12)): HandClock {
  let now = start;
  const waits = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    after(delayMs, run) {
      const wait = { at: now + delayMs, run };
      waits.add(wait);
      return () => waits.delete(wait);
    },
    advance(ms) {
      now += ms;
      for (const wait of [...waits].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)) {
        if (waits.delete(wait)) wait.run();
      }
    },
  };
}

type Interfaces = ReturnType<Network['interfaces']>;

const wired: Interfaces = {
  eth0: [{ address: '192.168.7.2', family: 'IPv4', internal: false, mac: '02:00:00:00:00:01' }],
};
const loopbackOnly: Interfaces = { lo: [{ address: '127.0.0.1', family: 'IPv4', internal: true, mac: '' }] };

/** A network a test plugs in and out. */
export function handNetwork(): Network & { gatewayMac: string; isPlugged: boolean } {
  const network = {
    gatewayMac: '02:00:00:00:00:99',
    isPlugged: true,
    interfaces: () => (network.isPlugged ? wired : loopbackOnly),
    describe: async () => ({
      gatewayAddress: network.isPlugged ? '192.168.7.1' : null,
      gatewayMac: network.isPlugged ? network.gatewayMac : null,
      dnsSuffix: null,
      interfaceKind: null,
      wifiName: null,
      isOnline: network.isPlugged,
    }),
  };
  return network;
}

/** The outgoing room over a real store and real settings in a folder of its own. */
export interface OutboxHarness extends Awaited<ReturnType<typeof openOutbox>> {}

export async function openOutbox(
  options: { profileDir?: string; clock?: Clock; network?: Network; secrets?: Map<string, Secret> } = {},
) {
  const profileDir = options.profileDir ?? (await mkdtemp(join(tmpdir(), 'postrider-outbox-')));
  const kept = options.secrets ?? new Map<string, Secret>();
  const secrets: Secrets = {
    get: async (name) => kept.get(name),
    set: async (name, secret) => void kept.set(name, secret),
    remove: async (name) => void kept.delete(name),
    has: async (name) => kept.has(name),
    keptIn: 'in memory',
  };
  const faults: unknown[] = [];
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error: (message, error) => faults.push([message, error]),
  };
  const clock = options.clock ?? handClock();
  const network = options.network ?? handNetwork();
  const events: { name: EventName; payload: unknown }[] = [];
  const watchers = new Set<() => void>();
  const emit = <E extends EventName>(name: E, payload: Payload<E>): void => {
    events.push({ name, payload });
    for (const look of [...watchers]) look();
  };
  const settings = await createSettings({ profileDir, secrets, log, clock, emit });
  const workerUrl = testResources.worker('store-worker');
  const store = await openStore({ profileDir, mailFolder: join(profileDir, 'Mail'), workerUrl, log, clock });
  const jobs = createJobRunner(clock, log);
  const tokenSourceFor = () => ({ get: async () => 'token' });
  const outgoing = createOutgoing({ clock, log, emit, store, settings, network, jobs, tokenSourceFor });
  return {
    ...outgoing,
    profileDir,
    clock,
    network,
    settings,
    store,
    events,
    faults,
    jobs,
    /** Resolves when the condition holds; looked at after every event told to the screens. */
    until(condition: () => boolean | Promise<boolean>): Promise<void> {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      let isLooking = false;
      const look = async (): Promise<void> => {
        if (isLooking) return;
        isLooking = true;
        const holds = await condition();
        isLooking = false;
        if (!holds) return;
        watchers.delete(wake);
        resolve();
      };
      const wake = (): void => {
        look().catch(reject);
      };
      watchers.add(wake);
      wake();
      return promise;
    },
    async addServer(input: Record<string, unknown>): Promise<ServerId> {
      return settings.addServer(ServerInput.parse(input));
    },
    async addRelay(port: number, more: Record<string, unknown> = {}): Promise<ServerId> {
      const endpoints = [{ host: '127.0.0.1', port, security: 'none' }];
      return settings.addServer(ServerInput.parse({ label: `at ${port}`, endpoints, ...more }));
    },
    addIdentity: (address: string, route: unknown = { kind: 'any' }) =>
      settings.addIdentity(IdentityInput.parse({ displayName: 'A', address, route })),
    async flush(now = false) {
      return outgoing.outbox.flush({ now, signal: new AbortController().signal });
    },
    async shut(): Promise<void> {
      await jobs.close();
      await outgoing.close();
      await store.close();
    },
    async remove(): Promise<void> {
      await rm(profileDir, { recursive: true, force: true });
    },
  };
}

let counter = 0;

/** A message as the message room builds it. */
export function builtMessage(
  to: string[] = ['b@b.example'],
  more: { from?: string; subject?: string; bcc?: string; body?: string } = {},
): BuiltMessage {
  counter += 1;
  const from = more.from ?? 'a@a.example';
  const messageId = `<m${counter}.${process.pid}@a.example>`;
  const lines = [
    `From: ${from}`,
    `To: ${to.join(', ')}`,
    ...(more.bcc === undefined ? [] : [`Bcc: ${more.bcc}`]),
    `Subject: ${more.subject ?? 'hello'}`,
    `Message-ID: ${messageId}`,
    'Date: Sat, 21 Nov 2026 12:00:00 +0000',
    '',
    more.body ?? 'text',
    '',
  ];
  return {
    bytes: Uint8Array.from(Buffer.from(lines.join('\r\n'))),
    messageId,
    subject: more.subject ?? 'hello',
    reversePath: from,
    from,
    forwardPaths: more.bcc === undefined ? to : [...to, more.bcc],
  };
}
