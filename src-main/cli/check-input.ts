import type { z } from 'zod';
import { MailError } from '#shared/mail-error.ts';

/** Checks data a person gave before it goes anywhere, so that the words name their field. Throws EINVALID. */
export function checkInput<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const words = parsed.error.issues.slice(0, 3).map(({ path, message }) => {
    const field = path.map(String).join('.');
    if (field === '') return message;
    return message.endsWith('received undefined') ? `${field} is missing` : `${field}: ${message}`;
  });
  throw new MailError('EINVALID', `The ${what} cannot be used as given. ${words.join('; ')}`);
}

/** What `list` shows beside the fields themselves: copied from there, it is no mistake. */
const shownOnly = new Set(['id', 'hasSecret']);

/** Notes the fields the schema does not know, which are left out: a misspelt one must not pass in silence. */
export function noteUnknown(
  out: { note(text: string): void },
  schema: z.ZodObject,
  value: Readonly<Record<string, unknown>>,
  what: string,
): void {
  const names = Object.keys(value).filter((name) => !Object.hasOwn(schema.shape, name) && !shownOnly.has(name));
  if (names.length === 0) return;
  const quoted = names.map((name) => `“${name}”`).join(', ');
  out.note(`Left out: ${quoted}. The ${what} has no such field; “postrider --help” with the verb names them all.`);
}
