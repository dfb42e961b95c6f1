import { z } from 'zod';
import { JobId, MessageKey } from '../ids.ts';

/** A method: what it takes and what it answers, both checked at both ends. */
export interface Method<P extends z.ZodType, R extends z.ZodType> {
  readonly params: P;
  readonly result: R;
}

export function method<P extends z.ZodType, R extends z.ZodType>(params: P, result: R): Method<P, R> {
  return { params, result };
}

export const nothing = z.object({});
export const done = z.object({});
export const job = z.object({ jobId: JobId });
export const keys = z.object({ messageKeys: z.array(MessageKey).min(1).max(100_000) });

/** Any of the fields given replace those stored; `null` removes an optional one. Checked whole, after merging, against the input schema. */
export const Patch = z.record(z.string(), z.unknown());
