import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Endpoint } from '#shared/mail/endpoint.ts';
import type { PracticeFaults } from '#shared/mail/setup.ts';
import type { Clock, Log, Resources } from '../ports.ts';
import type { PracticeService } from '../services.ts';
import { type KeptMaildrop, openMaildrop } from './kept-maildrop.ts';
import { createPop3Server, type Pop3Server } from './pop3-server.ts';
import type { PracticeRelay, RelayedMessage } from './smtp-relay.ts';

export interface PracticeRooms {
  readonly clock: Clock;
  readonly log: Log;
  readonly profileDir: string;
  readonly resources: Resources;
}

const host = '127.0.0.1';
const user = 'practice';
const password = 'practice';
const address = 'you@practice.postrider.test';

/** The first relay refuses the practice sender, so that cycling is seen at once. */
const startingFaults: PracticeFaults = { first: 'refuses-sender', second: 'none', maildrop: 'none' };

/** `practice.json`: which ports the servers had, so that the account and the servers set up keep their meaning. */
const Ports = z.object({
  maildrop: z.number().int(),
  first: z.number().int(),
  second: z.number().int(),
});
type Ports = z.infer<typeof Ports>;

interface Servers {
  readonly maildrop: KeptMaildrop;
  readonly pop3: Pop3Server;
  readonly first: PracticeRelay;
  readonly second: PracticeRelay;
}

type Received = ReturnType<PracticeService['received']>[number];

/** The practice servers of a profile: a maildrop with sample mail and two outgoing servers, on loopback, without encryption. */
export function createPractice({ clock, log, profileDir, resources }: PracticeRooms): PracticeService {
  const portsFile = join(profileDir, 'practice.json');
  const received: Received[] = [];
  let faults = startingFaults;
  let starting: Promise<Servers> | null = null;
  let isRunning = false;

  async function run(): Promise<Servers> {
    const ports = await rememberedPorts(portsFile);
    const maildrop = await openMaildrop(join(profileDir, 'practice'), resources.asset('sample-mail'));
    const pop3 = await onPort(ports?.maildrop, (port) =>
      createPop3Server({ maildrop, user, password, port, apop: true }),
    );
    await pop3.setFault(faults.maildrop);
    // Only now: the library is large, and few ever practise.
    const { createPracticeRelay } = await import('./smtp-relay.ts');
    const relay = (name: 'first' | 'second', label: string) =>
      onPort(ports?.[name], (port) =>
        createPracticeRelay({
          name: label,
          port,
          user,
          password,
          fault: faults[name],
          log,
          onMessage: (message) => take(label, message, maildrop),
        }),
      );
    const servers = {
      maildrop,
      pop3,
      first: await relay('first', 'Practice relay 1'),
      second: await relay('second', 'Practice relay 2'),
    };
    await keepPorts(portsFile, { maildrop: pop3.port, first: servers.first.port, second: servers.second.port });
    isRunning = true;
    return servers;
  }

  async function take(server: string, message: RelayedMessage, maildrop: KeptMaildrop): Promise<void> {
    const at = new Date(clock.now());
    received.push({
      server,
      from: message.reversePath,
      to: message.forwardPaths,
      subject: subjectOf(message.bytes),
      at: at.toISOString(),
    });
    await maildrop.add(withTrace(message, server, at));
  }

  return {
    async start() {
      starting ??= run();
      const attempt = starting;
      try {
        const { pop3, first, second } = await attempt;
        return {
          maildrop: endpoint(pop3.port),
          first: endpoint(first.port),
          second: endpoint(second.port),
          user,
          password,
          address,
        };
      } catch (error) {
        if (starting === attempt) starting = null;
        throw error;
      }
    },
    faults: () => faults,
    async setFaults(changed) {
      faults = { ...faults, ...changed };
      const servers = await starting;
      if (servers === null) return faults;
      await servers.pop3.setFault(faults.maildrop);
      await servers.first.setFault(faults.first);
      await servers.second.setFault(faults.second);
      return faults;
    },
    isRunning: () => isRunning,
    received: () => [...received],
    async close() {
      const servers = await starting?.catch(() => null);
      starting = null;
      isRunning = false;
      if (servers === null || servers === undefined) return;
      await Promise.all([servers.pop3.close(), servers.first.close(), servers.second.close()]);
    },
  };
}

function endpoint(port: number): Endpoint {
  return { host, port, security: 'none' };
}

async function rememberedPorts(path: string): Promise<Ports | null> {
  try {
    return Ports.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // Missing or damaged: other ports do as well.
    return null;
  }
}

async function keepPorts(path: string, ports: Ports): Promise<void> {
  await writeFile(`${path}.tmp`, JSON.stringify(ports), { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}

/** On the port it had before when that is free, else on any. */
async function onPort<T>(port: number | undefined, create: (port: number) => Promise<T>): Promise<T> {
  if (port === undefined) return create(0);
  try {
    return await create(port);
  } catch {
    return create(0);
  }
}

/** What a server that delivers adds on top: where it came from and for whom (RFC 5321 §4.4). */
function withTrace({ reversePath, forwardPaths, bytes }: RelayedMessage, server: string, at: Date): Uint8Array {
  const [forwardPath = address] = forwardPaths;
  const trace = [
    `Return-Path: <${reversePath}>`,
    `Delivered-To: ${forwardPath}`,
    `Received: by practice.postrider.test (${server}) with ESMTP; ${at.toUTCString().replace('GMT', '+0000')}`,
    '',
  ].join('\r\n');
  return new Uint8Array(Buffer.concat([Buffer.from(trace, 'utf8'), bytes]));
}

function subjectOf(bytes: Uint8Array): string {
  const header = Buffer.from(bytes).toString('utf8').split('\r\n\r\n', 1)[0] ?? '';
  const unfolded = header.replace(/\r\n[ \t]+/g, ' ');
  return /^subject:[ \t]*(.*)$/im.exec(unfolded)?.[1]?.trim() ?? '';
}
