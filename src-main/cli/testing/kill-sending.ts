import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createClient } from '#shared/rpc/client.ts';
import { createTransportPair } from '#shared/rpc/transport.ts';
import { type ScriptedSmtp, startScriptedSmtp } from '../../core/outgoing/testing/scripted-smtp.ts';
import { noDesktop } from '../../host-node/no-desktop.ts';
import { openNodeCore } from '../../host-node/node-core.ts';
import { type Command, makeCommand } from './command.ts';
import type { KillOptions } from './kill-collecting.ts';
import { seeded } from './seeded.ts';

/** What became of queued mail after a row of killed passes and one that was let be. */
export interface SendingReport {
  readonly kills: number;
  readonly messages: number;
  /** Neither taken by the server nor waiting for a decision. */
  readonly lost: number;
  /** Taken by the server more than once. */
  readonly doubled: number;
  /** Held as uncertain, for the user to decide. */
  readonly uncertain: number;
  /** Neither in Sent nor waiting in the Outbox, or in both. */
  readonly misplaced: number;
}

const messagesABatch = 60;

/** Runs `postrider outbox flush --now` over a full outbox and kills it (-9) at a random moment, until it was killed so often. */
export async function killWhileSending({ kills, seed, onProgress }: KillOptions): Promise<SendingReport> {
  const random = seeded(seed);
  let total: SendingReport = { kills: 0, messages: 0, lost: 0, doubled: 0, uncertain: 0, misplaced: 0 };
  while (total.kills < kills) {
    const part = await killOnOneOutbox(kills - total.kills, random, (done) => onProgress?.(total.kills + done));
    total = {
      kills: total.kills + part.kills,
      messages: total.messages + part.messages,
      lost: total.lost + part.lost,
      doubled: total.doubled + part.doubled,
      uncertain: total.uncertain + part.uncertain,
      misplaced: total.misplaced + part.misplaced,
    };
  }
  return total;
}

async function killOnOneOutbox(
  kills: number,
  random: () => number,
  onProgress: (kills: number) => void,
): Promise<SendingReport> {
  const server = await startScriptedSmtp({ offers: ['PIPELINING'], greeting: '421 4.3.2 Not now' });
  const postrider = await makeCommand();
  try {
    await fillOutbox(postrider, server.port);
    server.script = { offers: ['PIPELINING'] };
    let done = 0;
    while (done < kills && server.messages.length < messagesABatch) {
      const wanted = server.messages.length + Math.floor(random() * 4);
      const delayMs = random() < 0.4 ? 0 : Math.floor(random() * 20);
      const child = postrider.start(['outbox', 'flush', '--now', '--json']);
      const greeted = server.connections + 1;
      const killed = server
        .until(() => server.connections >= greeted && server.messages.length >= wanted)
        .then(() => setTimeout(() => child.kill('SIGKILL'), delayMs));
      const { code } = await Promise.race([child.ended, killed.then(() => child.ended)]);
      if (code === null) onProgress(++done);
      else break;
    }
    await postrider.run(['outbox', 'flush', '--now', '--json']);
    return await audit(postrider, server, done);
  } finally {
    await server.close();
    await postrider.remove();
  }
}

const idOf = (number: number): string => `<${number}@example.org>`;

/** The server says 421 meanwhile: every message is queued and deferred. */
async function fillOutbox(postrider: Command, port: number): Promise<void> {
  const { profileDir } = postrider;
  const own = await openNodeCore({ profile: { profileDir, mailFolder: join(profileDir, 'Mail') }, desktop: noDesktop });
  try {
    const [near, far] = createTransportPair();
    own.core.attach(far);
    const api = createClient(near);
    const endpoints = [{ host: '127.0.0.1', port, security: 'none' as const }];
    await api.call('server.add', { label: 'Relay', kind: 'relay', endpoints, auth: { method: 'none' }, enabled: true });
    for (let number = 0; number < messagesABatch; number += 1) {
      const path = join(profileDir, '..', `${number}.eml`);
      const head = `From: alice@example.org\r\nTo: bob@example.net\r\nSubject: ${number}\r\nMessage-ID: ${idOf(number)}`;
      await writeFile(path, `${head}\r\nDate: Sat, 21 Nov 2026 20:00:00 +0000\r\n\r\nNumber ${number}.\r\n`);
      await api.call('outbox.submitFile', { path, wait: true, options: {} });
    }
    api.close();
  } finally {
    await own.close();
  }
}

const Item = z.object({ messageId: z.string(), state: z.string(), heldFor: z.string().optional() });

async function audit(postrider: Command, server: ScriptedSmtp, kills: number): Promise<SendingReport> {
  const taken = new Map<string, number>();
  for (const { bytes } of server.accepted) {
    const id = /^Message-ID: (<.*>)\r$/m.exec(bytes.toString('latin1'))?.[1] ?? '';
    taken.set(id, (taken.get(id) ?? 0) + 1);
  }
  const waiting = (await postrider.run(['outbox', 'list', '--json'])).lines().map((line) => Item.parse(line));
  const held = new Set(waiting.filter(({ heldFor }) => heldFor === 'uncertain').map(({ messageId }) => messageId));
  const sent = (await postrider.run(['list', 'Sent', '--json'])).lines().length;
  const all = Array.from({ length: messagesABatch }, (_, number) => idOf(number));
  return {
    kills,
    messages: messagesABatch,
    lost: all.filter((id) => !taken.has(id) && !held.has(id)).length,
    doubled: [...taken.values()].filter((count) => count > 1).length,
    uncertain: held.size,
    misplaced: Math.abs(messagesABatch - sent - waiting.length) + (waiting.length - held.size),
  };
}
