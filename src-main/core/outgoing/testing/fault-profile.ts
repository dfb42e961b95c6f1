import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FolderPath } from '#shared/ids.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { type CoreOnAProfile, openCore } from '../../testing/core-on-a-profile.ts';

/** A relay of a fault campaign, as `server.add` takes it, and the label it goes by. */
export interface FaultRelay {
  readonly label: string;
  readonly endpoints: readonly {
    port: number;
    security: 'none' | 'tls' | 'starttls';
    pinnedCertificateSha256?: string;
  }[];
  readonly maxRecipients?: number;
}

/** A message of a fault campaign. The number stands in the subject, the Message-ID and every mailbox. */
export interface FaultMessage {
  readonly number: number;
  readonly sender: string;
  readonly recipients: readonly string[];
}

/** A whole core on a profile with relays, each sender with its own order of them; messages come in as files. */
export interface FaultProfile {
  /** Adds the relays and an identity that prefers them in this order. */
  addRoute(sender: string, relays: readonly FaultRelay[]): Promise<void>;
  /** Durable in the Outbox when it resolves; nothing is sent by that. */
  queue(messages: readonly FaultMessage[]): Promise<void>;
  /** `outbox flush --now`: memory and due times are ignored. */
  flushNow(): Promise<void>;
  /** What the Outbox shows, by the message's number. */
  waiting(): Promise<Map<number, OutboxItem>>;
  /** The same for messages already sent: from the ledger. */
  itemOf(number: number): Promise<OutboxItem>;
  count(path: FolderPath): Promise<number>;
  /** The app is closed and started again, its schedule running. */
  restart(): Promise<void>;
  dispose(): Promise<void>;
}

export const numberOf = (mailboxOrSubject: string): number => Number(/\d+/.exec(mailboxOrSubject)?.[0]);

export async function openFaultProfile(): Promise<FaultProfile> {
  let app: CoreOnAProfile = await openCore();
  const drafts = await mkdtemp(join(tmpdir(), 'postrider-faults-'));
  const outboxIds = new Map<number, OutboxItem['outboxId']>();

  async function queueOne(message: FaultMessage): Promise<void> {
    const { number, sender, recipients } = message;
    const path = join(drafts, `${number}.eml`);
    const head = [
      `From: ${sender}`,
      `To: ${recipients.join(', ')}`,
      `Subject: number ${number}`,
      `Message-ID: <${number}@faults.example>`,
      'Date: Sat, 21 Nov 2026 20:00:00 +0000',
    ];
    await writeFile(path, `${head.join('\r\n')}\r\n\r\n${'A line of text, for the length.\r\n'.repeat(12)}`);
    const item = await app.api.call('outbox.submitFile', { path, options: {} });
    outboxIds.set(number, item.outboxId);
    await rm(path);
  }

  return {
    async addRoute(sender, relays) {
      const serverIds = [];
      for (const { label, endpoints, maxRecipients } of relays) {
        const added = await app.api.call('server.add', {
          label,
          kind: 'relay',
          endpoints: endpoints.map((endpoint) => ({ host: '127.0.0.1', ...endpoint })),
          auth: { method: 'none' },
          enabled: true,
          timeouts: { finalDotMs: 600 },
          ...(maxRecipients === undefined ? {} : { maxRecipients }),
        });
        serverIds.push(added.id);
      }
      await app.api.call('identity.add', {
        displayName: 'Faults',
        address: sender,
        route: { kind: 'prefer', serverIds },
      });
    },
    async queue(messages) {
      await Promise.all(messages.map(queueOne));
    },
    async flushNow() {
      const { jobId } = await app.api.call('outbox.flush', { now: true });
      const { state } = await app.finished(jobId);
      if (state.kind !== 'succeeded') throw new Error(`The flush ${state.kind}.`);
    },
    async waiting() {
      const items = await app.api.call('outbox.list', {});
      return new Map(items.map((item) => [numberOf(item.subject), item]));
    },
    async itemOf(number) {
      const outboxId = outboxIds.get(number);
      if (outboxId === undefined) throw new Error(`Message ${number} was never queued.`);
      return app.api.call('outbox.get', { outboxId });
    },
    async count(path) {
      const { total } = await app.api.call('message.list', { folder: path, limit: 1 });
      return total;
    },
    async restart() {
      app = await app.reopen();
      await app.core.start();
    },
    async dispose() {
      await app.dispose();
      await rm(drafts, { recursive: true, force: true });
    },
  };
}
