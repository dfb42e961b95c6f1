import { z } from 'zod';
import { JobId, OutboxId, UploadId } from '../ids.ts';
import { CheckedEndpoint, Job } from '../job.ts';
import { MessageSummary } from '../mail/message.ts';
import { Attempt, NetworkLocation, OutboxItem, ServerCondition } from '../mail/outbox.ts';
import { SettingsView } from '../mail/settings.ts';
import { Notice, StoreChange } from './shapes.ts';
import { WindowCommand } from './window-command.ts';

/** Everything the application tells by itself. */
export const events = {
  'store.changed': StoreChange,
  'job.changed': Job,
  'check.progress': z.object({ jobId: JobId, endpoint: CheckedEndpoint }),
  'settings.changed': SettingsView,
  /** Without attempts: `outbox.get` has them. */
  'outbox.changed': OutboxItem,
  'outbox.removed': z.object({ outboxId: OutboxId }),
  'outbox.attempting': z.object({ outboxId: OutboxId, attempt: Attempt }),
  'server.conditionChanged': ServerCondition,
  'network.changed': NetworkLocation,
  'mail.arrived': z.object({ count: z.number().int(), messages: z.array(MessageSummary) }),
  'notices.changed': z.array(Notice),
  /** The junk filter has learnt from messages that were moved: how many of each kind it knows. */
  'junk.learnt': z.object({ junk: z.number().int(), good: z.number().int() }),
  /** Asked by a second start: come to the front, perhaps with an address to write to, or a message file to read. */
  'window.raise': z.object({
    mailto: z.string().optional(),
    file: z.object({ uploadId: UploadId, fileName: z.string() }).optional(),
    /** Why the file cannot be read. */
    problem: z.string().optional(),
    /** Asked by a menu outside the page. */
    command: WindowCommand.optional(),
  }),
} as const;
