import type { JobId, ServerId } from '#shared/ids.ts';
import type { KickReport } from '#shared/job.ts';
import { closeLater } from '../../testing/delivery-harness.ts';
import { type OutboxHarness, openOutbox } from '../../testing/outbox-harness.ts';
import { greetPolitely, startProvider, type Talk } from './scripted-provider.ts';

export const auth = { method: 'plain', user: 'me', secret: 'geheim-wort' };

/** A room of its own, closed after the test. */
export async function openRoom(options: Parameters<typeof openOutbox>[0] = {}): Promise<OutboxHarness> {
  const room = await openOutbox(options);
  closeLater(() => room.remove());
  closeLater(() => room.shut());
  return room;
}

export async function finished(room: OutboxHarness, jobId: JobId) {
  return (await room.jobs.finished(jobId)).state;
}

export async function kickOf(room: OutboxHarness, serverId: ServerId): Promise<KickReport> {
  const { jobId } = await room.handlers['server.kick']({ serverId });
  const state = await finished(room, jobId);
  if (state.kind !== 'succeeded' || state.summary.kind !== 'kick') throw new Error(`the job ${JSON.stringify(state)}`);
  return state.summary;
}

/** A provider that answers the command like this, and what the kick came to. */
export async function answered(
  room: OutboxHarness,
  kick: Record<string, unknown>,
  reply: string,
  more: Record<string, unknown> = { auth },
) {
  const provider = await startProvider(async (talk) => {
    await greetPolitely(talk);
    talk.say(reply);
    await talk.hear();
  });
  const serverId = await room.addRelay(provider.port, { label: 'Provider', kick, ...more });
  return { provider, serverId, report: await kickOf(room, serverId) };
}

/** Hears one line and says nothing. */
export async function listen(talk: Talk): Promise<void> {
  await talk.hear();
}

export const etrn = { kind: 'etrn', host: 'mine.example' };
export const atrn = { kind: 'atrn', domains: ['mine.example', 'bücher.example'] };
