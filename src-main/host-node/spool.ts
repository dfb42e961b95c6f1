import { randomUUID } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { toDiskError } from '#shared/disk-error.ts';
import { domainOf } from '#shared/mail/address.ts';
import { folder } from '#shared/mail/folder.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Api } from '#shared/rpc/client.ts';
import { syncFolder, writeDurably } from '../core/durable.ts';
import { hasCode, makeFolder } from './private-file.ts';
import {
  envelopeLine,
  fieldValue,
  hasField,
  hasHeader,
  resolveEnvelope,
  type SpoolEnvelope,
  senderIn,
} from './spool-envelope.ts';

// `sendmail` never waits for whoever has the profile: it writes here (a Maildir, durable before it says so), and the
// owner takes it up. A file is claimed by moving it from `new` to `cur` before it is queued, so that a crash in between
// shows, and the message is looked for before it is queued once more.

const Envelope = z.object({
  recipients: z.array(z.string()),
  readHeader: z.boolean(),
  reversePath: z.string().optional(),
  fullName: z.string().optional(),
});
const envelopeField = 'X-Postrider-Envelope: ';

/** Puts a message into the spool of a profile, durably, and answers its name there. Throws EDISKFULL, EPERMISSION, EIO. */
export async function writeToSpool(profileDir: string, message: Buffer, envelope: SpoolEnvelope): Promise<string> {
  const name = `${Date.now()}.${randomUUID()}`;
  const spool = join(profileDir, 'spool');
  try {
    for (const part of ['tmp', 'new', 'cur']) await makeFolder(join(spool, part));
    const head = `${envelopeField}${Buffer.from(JSON.stringify(envelope)).toString('base64')}\r\n`;
    await writeDurably(
      join(spool, 'tmp', name),
      Buffer.concat([Buffer.from(head), withIdentification(message, envelope)]),
    );
    await rename(join(spool, 'tmp', name), join(spool, 'new', name));
    await syncFolders(spool).catch((error: unknown) => takeBack(join(spool, 'new', name), error));
    return name;
  } catch (error) {
    await rm(join(spool, 'tmp', name), { force: true }).catch(() => undefined);
    if (hasCode(error, 'ENOTDIR', 'EEXIST'))
      throw new MailError(
        'EPERMISSION',
        'The message was not queued: a file is in the way where the profile should be.',
      );
    // Whoever hands it over tries again later: that its folder cannot be made is no fault of the message.
    if (hasCode(error, 'ENOENT'))
      throw new MailError(
        'EIO',
        'The message was not queued: the disk has no spool folder. Check the disk, and try again.',
        {
          cause: error,
        },
      );
    throw toDiskError(error, 'queue the message');
  }
}

/**
 * The message lies in the spool, and the folder could not be synced. A caller that is told of a failure hands it over
 * again: so it is removed first. Where that is not possible, or somebody took it up already, it will be sent, and counts
 * as queued.
 */
async function takeBack(path: string, reason: unknown): Promise<void> {
  const isGone = await unlink(path).then(
    () => true,
    () => false,
  );
  if (isGone) throw reason;
}

/** With a Message-ID and a Date from the start: by the first it is recognised after a crash. */
function withIdentification(message: Buffer, { reversePath }: SpoolEnvelope): Buffer {
  const added: string[] = [];
  if (!hasField(message, 'message-id')) {
    const domain = domainOf(reversePath || senderIn(message)).replace(/[^a-z0-9.-]/g, '');
    added.push(`Message-ID: <${randomUUID()}@${domain === '' ? 'localhost.localdomain' : domain}>\r\n`);
  }
  if (!hasField(message, 'date')) added.push(`Date: ${new Date().toUTCString().replace('GMT', '+0000')}\r\n`);
  // An mbox's From_ line, which some callers leave in front, is dropped.
  const from = envelopeLine.exec(message.toString('latin1', 0, 1000))?.[0].length ?? 0;
  const rest = message.subarray(from);
  // Mere text (`echo done | sendmail root`): without an empty line above it, it would be read as part of the header.
  if (!hasHeader(message) && !/^\r?\n/.test(rest.toString('latin1', 0, 2))) added.push('\r\n');
  return Buffer.concat([Buffer.from(added.join('')), rest]);
}

/**
 * Queues one message of the spool; null when somebody else took it. Throws EINVALID (it cannot be sent as it is; it
 * stays claimed, the caller decides) and what reaching the application may meet.
 */
export async function takeUp(api: Api, profileDir: string, name: string): Promise<OutboxItem | null> {
  const spool = join(profileDir, 'spool');
  try {
    await rename(join(spool, 'new', name), join(spool, 'cur', name));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw toDiskError(error, 'queue the message');
  }
  // Durable before it is queued: it must not come back as new.
  await syncFolders(spool);
  return queueClaimed(api, spool, name);
}

async function queueClaimed(api: Api, spool: string, name: string): Promise<OutboxItem> {
  const { message, envelope } = await readSpooled(join(spool, 'cur', name));
  const resolved = resolveEnvelope(message, envelope, await homeAddress(api));
  const path = join(spool, 'tmp', name);
  try {
    // A process that died here left its own behind.
    await rm(path, { force: true });
    await writeDurably(path, resolved.bytes);
    const { reversePath, forwardPaths } = resolved;
    const item = await api.call('outbox.submitFile', { path, reversePath, forwardPaths, wait: false });
    await dropFromSpool(spool, name);
    return item;
  } finally {
    await rm(path, { force: true });
  }
}

/** A file somebody else put into the spool has no envelope: it goes to whom its header names. */
async function readSpooled(path: string): Promise<{ message: Buffer; envelope: SpoolEnvelope }> {
  const bytes = await readFile(path);
  const end = bytes.indexOf('\r\n');
  const head = bytes.toString('latin1', 0, Math.max(0, end));
  const envelope = head.startsWith(envelopeField) ? parseEnvelope(head.slice(envelopeField.length)) : undefined;
  if (envelope === undefined) return { message: bytes, envelope: { recipients: [], readHeader: true } };
  return { message: bytes.subarray(end + 2), envelope };
}

function parseEnvelope(base64: string): SpoolEnvelope | undefined {
  try {
    return Envelope.parse(JSON.parse(Buffer.from(base64, 'base64').toString('utf8')));
  } catch {
    return undefined;
  }
}

/** The address that stands for the local user: the first identity's. */
async function homeAddress(api: Api): Promise<string | undefined> {
  const identities = await api.call('identity.list', {});
  return identities.map(({ address }) => address).find((address) => !address.startsWith('*@'));
}

export async function dropFromSpool(spool: string, name: string): Promise<void> {
  await rm(join(spool, 'cur', name), { force: true });
}

/**
 * Takes up everything in the spool, for whoever owns the profile: what a crash left claimed (unless it is queued or sent
 * already), then what is new. What cannot be sent as it is goes to the drafts, so that the user finds it. Answers how
 * many were queued.
 */
export async function takeUpSpool(api: Api, profileDir: string): Promise<number> {
  return (await takeUpClaimed(api, profileDir)) + (await takeUpNew(api, profileDir));
}

/** Only while nobody else can be queueing what they claimed: it would be queued twice. */
async function takeUpClaimed(api: Api, profileDir: string): Promise<number> {
  const spool = join(profileDir, 'spool');
  let queued = 0;
  for (const name of await namesIn(join(spool, 'cur'))) {
    const { message } = await readSpooled(join(spool, 'cur', name));
    if (await isKnown(api, fieldValue(message, 'message-id') ?? '')) await dropFromSpool(spool, name);
    else if ((await orToDrafts(api, spool, name, () => queueClaimed(api, spool, name))) !== null) queued++;
  }
  return queued;
}

async function takeUpNew(api: Api, profileDir: string): Promise<number> {
  const spool = join(profileDir, 'spool');
  let queued = 0;
  for (const name of await namesIn(join(spool, 'new')))
    if ((await orToDrafts(api, spool, name, () => takeUp(api, profileDir, name))) !== null) queued++;
  return queued;
}

async function orToDrafts(
  api: Api,
  spool: string,
  name: string,
  work: () => Promise<OutboxItem | null>,
): Promise<OutboxItem | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MailError) || (error.code !== 'EINVALID' && error.code !== 'ETOOLARGE')) throw error;
    await fileAsDraft(api, spool, name);
    return null;
  }
}

async function fileAsDraft(api: Api, spool: string, name: string): Promise<void> {
  const { message } = await readSpooled(join(spool, 'cur', name));
  const path = join(spool, 'tmp', `${name}.eml`);
  try {
    await rm(path, { force: true });
    await writeDurably(path, message);
    await imported(api, path);
    await dropFromSpool(spool, name);
  } finally {
    await rm(path, { force: true });
  }
}

async function imported(api: Api, path: string): Promise<void> {
  const ended = Promise.withResolvers<void>();
  let jobId: string | undefined;
  const early = new Set<string>();
  const stop = api.on('job.changed', ({ jobId: id, state }) => {
    if (state.kind === 'running' || state.kind === 'queued') return;
    if (state.kind === 'failed' && (jobId === undefined || id === jobId)) ended.reject(MailError.fromData(state.error));
    early.add(id);
    if (id === jobId) ended.resolve();
  });
  try {
    ({ jobId } = await api.call('import.start', { path, folder: folder.drafts }));
    if (early.has(jobId)) ended.resolve();
    await ended.promise;
  } finally {
    stop();
  }
}

/** Whether a message of this Message-ID waits in the Outbox or was sent. Asked only after a crash. */
async function isKnown(api: Api, messageId: string): Promise<boolean> {
  return messageId !== '' && (await api.call('outbox.knows', { messageId })).isKnown;
}

/**
 * Takes up the spool now and whenever something is put there, for an application that runs: the control socket is the
 * usual way in, this is for a `sendmail` that could not use it. Resolves when what a crash left claimed is taken up;
 * before that the control socket must not be open, since whoever comes that way claims for himself.
 */
export async function serveSpool(
  api: Api,
  profileDir: string,
  onError: (error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  for (const part of ['tmp', 'new', 'cur'])
    await mkdir(join(profileDir, 'spool', part), { recursive: true, mode: 0o700 });
  await takeUpClaimed(api, profileDir).catch(onError);
  let work: Promise<unknown> = takeUpNew(api, profileDir).catch(onError);
  const watcher: FSWatcher = watch(join(profileDir, 'spool', 'new'), { persistent: false }, () => {
    work = work.then(() => takeUpNew(api, profileDir)).catch(onError);
  });
  watcher.on('error', onError);
  return {
    async close() {
      watcher.close();
      await work;
    },
  };
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw toDiskError(error, 'read the spool');
  }
}

async function syncFolders(spool: string): Promise<void> {
  for (const part of ['new', 'cur']) await syncFolder(join(spool, part));
}
