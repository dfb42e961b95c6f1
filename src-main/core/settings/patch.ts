import type { z } from 'zod';
import { MailError } from '#shared/mail-error.ts';
import { wordsOf } from './words.ts';

/** Fields of which a patch may give only a part. */
const mergedWithin = new Set(['auth', 'proxy']);

/** What a view carries and a patch may therefore bring back; it changes nothing. */
const ignored = new Set(['id', 'hasSecret']);

/**
 * Lays a patch over what is stored and checks the whole against the input schema. Fields given replace those stored,
 * `null` removes one, within `auth` and `proxy` the same holds for each part. Throws EINVALID with the schema's words.
 */
export function applyPatch<T extends z.ZodObject>(
  schema: T,
  stored: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): z.output<T> {
  for (const field of Object.keys(patch)) {
    if (!ignored.has(field) && !Object.hasOwn(schema.shape, field))
      throw new MailError('EINVALID', `There is no field “${field}” to set.`);
  }
  const parsed = schema.safeParse(merge(stored, patch, mergedWithin));
  if (!parsed.success) throw new MailError('EINVALID', `That cannot be set: ${wordsOf(parsed.error)}`);
  return parsed.data;
}

function merge(
  stored: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
  within: ReadonlySet<string>,
): Record<string, unknown> {
  const merged = new Map(Object.entries(stored));
  for (const [field, value] of Object.entries(patch)) {
    const before = merged.get(field);
    if (value === null) merged.delete(field);
    else if (within.has(field) && isRecord(before) && isRecord(value))
      merged.set(field, merge(before, value, new Set()));
    else merged.set(field, value);
  }
  return Object.fromEntries(merged);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
