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
