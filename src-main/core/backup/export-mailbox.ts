import { toDiskError } from '#shared/disk-error.ts';
import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { ExportReport } from '#shared/job.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import { MailError } from '#shared/mail-error.ts';
import type { ExportFormat } from '#shared/rpc/contract.ts';
import type { JobContext } from '../jobs/job-runner.ts';
import { createWriter, type ExportWriter, kindOfTarget, type OutgoingCopy } from './export-writer.ts';
import type { MailStore } from './mail-store.ts';
import { isExactInMbox } from './mbox-format.ts';
import { checkTarget, stage } from './staging.ts';

/** So many messages are in memory at once. */
const readAhead = 4;

export interface ExportRequest {
  /** Undefined: the whole mailbox. */
  readonly folders: FolderPath[] | undefined;
  readonly format: ExportFormat;
  /** The file or directory to make; nothing may be there yet. */
  readonly out: string;
}

/**
 * Writes a copy of one folder, several, or all. It appears under its name only when it is whole: while it is written,
 * and after a crash, it is called `NAME.unfinished`; when it fails or is cancelled, it is removed.
 * Throws EINVALID when the name is taken, EDISKFULL, EPERMISSION, EIO.
 */
export async function exportMailbox(
  store: MailStore,
  { folders, format, out }: ExportRequest,
  { signal, report }: Pick<JobContext, 'signal' | 'report'>,
): Promise<ExportReport> {
  const isOneFolder = folders?.length === 1;
  const kind = kindOfTarget(format, isOneFolder);
  try {
    await checkTarget(out, kind, (await store.state()).mailFolder);
    const wanted = await keysOf(store, folders);
    const staging = await stage(out, kind);
    const writer = createWriter(format, { path: staging.path, isOneFolder });
    try {
      const result = await writeAll(store, writer, wanted, { format, signal, report });
      await writer.finish();
      signal.throwIfAborted();
      await staging.commit();
      return { kind: 'export', out, ...result };
    } catch (error) {
      await writer.abandon();
      await staging.discard();
      throw error;
    }
  } catch (error) {
    throw signal.aborted ? error : toDiskError(error, `export to ${out}`);
  }
}

interface FolderKeys {
  readonly folder: FolderPath;
  readonly keys: MessageKey[];
}

async function keysOf(store: MailStore, folders: FolderPath[] | undefined): Promise<FolderKeys[]> {
  const all = (await store.listFolders()).map(({ folder }) => folder);
  const missing = folders?.find((folder) => !all.includes(folder));
  if (missing !== undefined) throw new MailError('ENOTFOUND', `There is no folder “${missing}”.`);
  const wanted: FolderKeys[] = [];
  for (const folder of folders ?? all) wanted.push({ folder, keys: await store.listKeys(folder) });
  return wanted;
}

async function writeAll(
  store: MailStore,
  writer: ExportWriter,
  wanted: readonly FolderKeys[],
  { format, signal, report }: Pick<JobContext, 'signal' | 'report'> & { format: ExportFormat },
): Promise<Pick<ExportReport, 'exported' | 'octets' | 'inexact' | 'beginnings' | 'unreadable'>> {
  const total = wanted.reduce((sum, { keys }) => sum + keys.length, 0);
  const inexact: MessageKey[] = [];
  const beginnings: MessageKey[] = [];
  const unreadable: MessageKey[] = [];
  let exported = 0;
  let octets = 0;
  let done = 0;
  for (const { folder, keys } of wanted) {
    for await (const message of copiesOf(store, keys)) {
      signal.throwIfAborted();
      done++;
      if (message === null) continue;
      if (typeof message === 'string') {
        unreadable.push(message);
        continue;
      }
      await writer.add(folder, message);
      if (format === 'mbox' && !isExactInMbox(message.bytes)) inexact.push(message.messageKey);
      if (isBeginning(message.messageKey)) beginnings.push(message.messageKey);
      exported++;
      octets += message.bytes.length;
      report({ phase: folder, done, total, octets });
    }
  }
  return {
    exported,
    octets,
    inexact,
    ...(beginnings.length === 0 ? {} : { beginnings }),
    ...(unreadable.length === 0 ? {} : { unreadable }),
  };
}

/** Messages in order, the next few being read while one is written. */
async function* copiesOf(store: MailStore, keys: readonly MessageKey[]): AsyncGenerator<Copied> {
  const coming: Promise<Copied>[] = [];
  const begin = (at: number): void => {
    const key = keys[at];
    if (key === undefined) return;
    const copy = copyOf(store, key);
    // One that fails is met in its turn, or not at all when the export ends before.
    copy.catch(() => undefined);
    coming.push(copy);
  };
  for (let at = 0; at < readAhead; at++) begin(at);
  for (let at = 0; at < keys.length; at++) {
    const next = await coming.shift();
    begin(at + readAhead);
    yield next ?? null;
  }
}

/** Null: it was removed while the export ran. Its key: its file lies there and cannot be read; the others are not to pay for it. */
type Copied = OutgoingCopy | MessageKey | null;

async function copyOf(store: MailStore, messageKey: MessageKey): Promise<Copied> {
  try {
    const [bytes, summary] = await Promise.all([store.read(messageKey), store.summary(messageKey)]);
    return {
      messageKey,
      bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      from: summary?.from.mailbox ?? '',
      // Only file names are made of it: a beginning is not to be taken for the message.
      subject: `${summary?.subject ?? ''}${isBeginning(messageKey) ? ' (beginning only)' : ''}`,
      date: new Date(summary?.date ?? 0),
      flags: summary?.flags ?? [],
      tags: summary?.tags ?? [],
    };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    if (error.code === 'ENOTFOUND') return null;
    if (error.code === 'EPERMISSION' || error.code === 'EIO') return messageKey;
    throw error;
  }
}
