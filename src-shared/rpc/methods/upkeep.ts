import { z } from 'zod';
import { FolderPath, JobId, MessageKey } from '../../ids.ts';
import { Job } from '../../job.ts';
import { BackupContents, BackupRow, BackupStatus, RestoreSettings } from '../../mail/backup.ts';
import { ImportRequest, MailPlace, MailSourceView, SourceCount, UnfinishedImport } from '../../mail/mail-source.ts';
import { done, job, method, nothing } from '../method.ts';
import { ExportFormat } from '../shapes.ts';

/** Import, export, backup, the index, jobs, and what only a host can do. */
export const upkeepMethods = {
  'export.start': method(
    z.object({ folders: z.array(FolderPath).optional(), format: ExportFormat, out: z.string().min(1) }),
    job,
  ),
  /** Mail of other programs, where they keep it on this computer. */
  'import.places': method(nothing, z.array(MailPlace)),
  /** What lies at a path; nothing is taken. Throws EMALFORMED when it is no mail, with what to do. */
  'import.look': method(z.object({ path: z.string().min(1) }), MailSourceView),
  /** Counts messages for about a second; ask again for those the answer leaves out. */
  'import.count': method(
    z.object({ path: z.string().min(1), ids: z.array(z.string()).min(1).max(10_000) }),
    z.array(SourceCount),
  ),
  /** Ends with an `ImportReport`. */
  'import.start': method(ImportRequest, job),
  /** The import that was broken off last, to go on with: `import.start` of its request doubles nothing. */
  'import.unfinished': method(nothing, UnfinishedImport.nullable()),
  'import.forget': method(nothing, done),
  'backup.status': method(nothing, BackupStatus),
  /**
   * Makes one file. Without `out`: a new one in the schedule's folder, of the schedule's kind. With a passphrase the
   * passwords go in, encrypted under it. Ends with a `BackupReport`, as the next two.
   */
  'backup.create': method(
    z.object({
      out: z.string().min(1).optional(),
      incrementalFrom: z.string().min(1).optional(),
      passphrase: z.string().min(1).max(1000).optional(),
    }),
    job,
  ),
  /** Reads the file, and those it needs, to the last octet. */
  'backup.verify': method(z.object({ file: z.string().min(1) }), job),
  'backup.inspect': method(z.object({ file: z.string().min(1) }), BackupContents),
  'backup.messages': method(
    z.object({
      file: z.string().min(1),
      folder: FolderPath,
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(10_000).default(100),
    }),
    z.object({ rows: z.array(BackupRow), total: z.number().int() }),
  ),
  /** Puts back what is missing here: everything, some folders, or some messages. What is here already stays as it is. */
  'backup.restore': method(
    z.object({
      file: z.string().min(1),
      folders: z.array(FolderPath).min(1).optional(),
      messageKeys: z.array(MessageKey).min(1).max(100_000).optional(),
      /** Of one folder, or of messages: the folder they go to instead of their own. */
      into: FolderPath.optional(),
      settings: RestoreSettings.default('if-empty'),
      /** Of a damaged one: what is intact comes back, and the report names what does not. Otherwise it is refused whole. */
      intact: z.boolean().optional(),
      passphrase: z.string().min(1).max(1000).optional(),
    }),
    job,
  ),
  'index.rebuild': method(nothing, job),
  'index.check': method(nothing, job),

  'job.list': method(nothing, z.array(Job)),
  'job.cancel': method(z.object({ jobId: JobId }), done),

  'host.chooseFolder': method(
    z.object({ title: z.string(), startIn: z.string().optional() }),
    z.object({ path: z.string().nullable() }),
  ),
  'host.chooseFile': method(
    z.object({ title: z.string(), startIn: z.string().optional() }),
    z.object({ path: z.string().nullable() }),
  ),
  /** Shows a folder or file of this profile, or one a job wrote, in the system's file manager. */
  'host.openPath': method(z.object({ path: z.string() }), done),
  /** http, https and mailto only. */
  'host.openExternal': method(z.object({ url: z.string().max(8192) }), done),
  'host.notify': method(z.object({ title: z.string().max(200), body: z.string().max(1000) }), done),
} as const;
