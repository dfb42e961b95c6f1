import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { ServerId } from '#shared/ids.ts';
import { IdentityInput } from '#shared/mail/identity.ts';
import type { NetworkLocation } from '#shared/mail/outbox.ts';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import { type Isp, makeTwoIsps, type TwoIsps } from '../../../e2e/servers/two-isps.ts';
import { startDovecot } from '../../core/incoming/testing/dovecot.ts';
import { type Command, makeCommand } from './command.ts';
import { type RunningApp, startApp } from './running-app.ts';

/** What a message's report and the outbox have in common. */
const Report = z.object({
  state: z.string(),
  heldFor: z.string().optional(),
  refused: z.array(z.object({ text: z.string() })),
  attempts: z.array(
    z.object({ serverId: z.string(), stage: z.string(), outcome: z.string(), text: z.string().optional() }),
  ),
  skipped: z.array(z.object({ serverId: z.string(), reason: z.string() })),
});
type Report = z.infer<typeof Report>;

const Explanation = z.object({
  attempts: z.array(z.object({ serverId: z.string(), why: z.string() })),
  skipped: z.array(z.object({ serverId: z.string(), reason: z.string() })),
  location: z.object({ locationId: z.string(), isOnline: z.boolean() }),
});

/** What became of a message so far, the servers by the names of the test. */
export interface Sent {
  readonly subject: string;
  /** `held offline`, `sent`. */
  readonly state: string;
  /** `A accepted`, each attempt in its order. */
  readonly ways: readonly string[];
  /** `A cooling-down`. */
  readonly leftOut: readonly string[];
  readonly attempts: Report['attempts'];
  /** What was said of the recipients that were refused for good. */
  readonly refused: readonly string[];
}

export interface Explained {
  readonly locationId: string;
  readonly isOnline: boolean;
  /** `A: It took mail on this network before.` */
  readonly order: readonly string[];
  readonly leftOut: readonly string[];
}

export interface SendOptions {
  /** By `postrider send`, as a process inside the laptop; otherwise as the window does. */
  readonly byCommand?: boolean;
  /** For this message only: this server. */
  readonly server?: string;
  /** Only queued: it goes by itself. */
  readonly isQueued?: boolean;
}

const noticeMs = 10_000;

/** A laptop with the app running in it, between two providers of internet access. */
export class TravellingLaptop {
  readonly isps: TwoIsps;
  readonly postrider: Command;
  readonly app: RunningApp;
  /** What the app told of the network, in order. */
  readonly told: NetworkLocation[] = [];
  readonly #mailboxes: readonly string[];
  readonly #ids = new Map<string, string>();
  readonly #names = new Map<string, string>();
  #count = 0;

  constructor(isps: TwoIsps, postrider: Command, app: RunningApp, mailboxes: readonly string[]) {
    this.isps = isps;
    this.postrider = postrider;
    this.app = app;
    this.#mailboxes = mailboxes;
    app.api.on('network.changed', (location) => this.told.push(location));
  }

  /** Adds a server under a name of the test. */
  async addServer(name: string, server: Omit<z.input<typeof ServerInput>, 'label'>): Promise<void> {
    const { id } = await this.app.api.call('server.add', ServerInput.parse({ label: name, ...server }));
    this.#ids.set(name, id);
    this.#names.set(id, name);
  }

  /** Its route names these servers, in this order; without any, it may use all. */
  async addIdentity(address: string, ...names: string[]): Promise<void> {
    const serverIds = names.map((name) => this.idOf(name));
    const route = names.length === 0 ? { kind: 'any' } : { kind: 'prefer', serverIds };
    await this.app.api.call('identity.add', IdentityInput.parse({ displayName: '', address, route }));
  }

  idOf(name: string): ServerId {
    return ServerId.parse(this.#ids.get(name));
  }

  /** Pulls the cable and plugs it in there; the app has noticed both by itself when this ends. */
  async moveTo(isp: Isp): Promise<void> {
    await this.leave();
    await this.arriveAt(isp);
  }

  /** Pulls the cable; the app has noticed by itself when this ends. */
  leave(): Promise<void> {
    return this.#untilTold(false, () => this.isps.unplug());
  }

  /** Plugs the cable in; the app has noticed by itself when this ends. */
  arriveAt(isp: Isp): Promise<void> {
    return this.#untilTold(true, () => this.isps.plugIn(isp));
  }

  async #untilTold(isOnline: boolean, act: () => Promise<void>): Promise<void> {
    const since = this.told.length;
    await act();
    const isToldOf = (): boolean => this.told.slice(since).some((location) => location.isOnline === isOnline);
    await expect.poll(isToldOf, { timeout: noticeMs, interval: 20 }).toBe(true);
  }

  /** Sends a new message and waits for one pass over the servers. */
  async send(from: string, to: string, options: SendOptions = {}): Promise<Sent> {
    this.#count += 1;
    const subject = `message-${this.#count}.`;
    const path = join(this.postrider.profileDir, '..', `${this.#count}.eml`);
    await writeFile(path, `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\nNumber ${this.#count}.\r\n`);
    const serverIds = options.server === undefined ? undefined : [this.idOf(options.server)];
    if (options.byCommand === true) {
      const servers = (serverIds ?? []).flatMap((id) => ['--server', id]);
      const ended = await this.postrider.run(['send', path, '--json', ...servers]);
      return this.#sent(subject, ended.json());
    }
    const wait = options.isQueued !== true;
    const sending = { path, wait, options: { serverIds, immediately: true } };
    const item = await this.app.api.call('outbox.submitFile', sending).catch(async (error: unknown) => {
      throw new Error(`It was not even queued. The log of the app: ${await this.#log()}`, { cause: error });
    });
    return this.#sent(subject, item);
  }

  async outbox(): Promise<Sent[]> {
    const items = await this.app.api.call('outbox.list', {});
    return items.map((item) => this.#sent(item.subject, item));
  }

  /** `postrider route explain`. */
  async explain(from: string, to: string): Promise<Explained> {
    const ended = await this.postrider.run(['route', 'explain', '--from', from, '--to', to, '--json']);
    const { attempts, location, skipped } = Explanation.parse(ended.json());
    const order = attempts.map(({ serverId, why }) => `${this.#nameOf(serverId)}: ${why}`);
    return { ...location, order, leftOut: this.#reasons(skipped) };
  }

  /** `postrider probe`: the kind of its verdict. */
  async probe(host: string, ...args: string[]): Promise<string> {
    const ended = await this.postrider.run(['probe', host, '--json', ...args]);
    return z.object({ verdictKind: z.string() }).parse(ended.json()).verdictKind;
  }

  /** Under this subject: from which host each copy came that lies with the recipients' server. */
  async arrived(subject: string): Promise<string[]> {
    const all = await Promise.all(this.#mailboxes.map((mailbox) => this.isps.recipient.delivered(mailbox)));
    return all.flat().flatMap((bytes) => {
      const mail = bytes.toString();
      if (!mail.includes(`\nSubject: ${subject}`)) return [];
      return /\nReceived: from (\S+)/.exec(mail)?.[1] ?? 'nobody';
    });
  }

  #sent(subject: string, json: unknown): Sent {
    const { attempts, heldFor, refused, skipped, state } = Report.parse(json);
    return {
      subject,
      state: heldFor === undefined ? state : `${state} ${heldFor}`,
      ways: attempts.map(({ serverId, outcome }) => `${this.#nameOf(serverId)} ${outcome}`),
      leftOut: this.#reasons(skipped),
      attempts,
      refused: refused.map(({ text }) => text),
    };
  }

  #nameOf(id: string): string {
    return this.#names.get(id) ?? id;
  }

  #reasons(skipped: Report['skipped']): string[] {
    return skipped.map(({ serverId, reason }) => `${this.#nameOf(serverId)} ${reason}`);
  }

  #log(): Promise<string> {
    return readFile(join(this.postrider.profileDir, 'logs', 'postrider.log'), 'utf8').catch(() => '');
  }
}

/**
 * Makes everything, plugged in at A. `undo` takes what is to be done in the end, the last first: also when this throws, or
 * is not waited for any more.
 */
export async function makeTravellingLaptop(
  mailboxes: readonly string[],
  undo: (() => Promise<unknown>)[],
): Promise<TravellingLaptop> {
  const keep = <T>(making: Promise<T>, end: (made: T) => Promise<unknown>): Promise<T> => {
    undo.push(() => making.then(end, () => undefined));
    return making;
  };
  const folder = await keep(mkdtemp(join(tmpdir(), 'postrider-laptop-')), (made) => rm(made, { recursive: true }));
  await chmod(folder, 0o755);
  const saslSocket = join(folder, 'auth');
  const config = `service auth {\n  unix_listener ${saslSocket} {\n    mode = 0666\n  }\n}\n`;
  const [isps] = await Promise.all([
    keep(makeTwoIsps({ mailboxes, saslSocket }), (made) => made.close()),
    keep(startDovecot({ config }), (made) => made.stop()),
  ]);
  await isps.plugIn(isps.a);
  const postrider = await keep(makeCommand(isps.laptop.through), (made) => made.remove());
  await mkdir(postrider.profileDir);
  const app = await keep(startApp(postrider.profileDir, isps.laptop.through), (made) => made.close());
  return new TravellingLaptop(isps, postrider, app, mailboxes);
}
