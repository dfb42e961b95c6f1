import type { z } from 'zod';
import { MailboxText } from '#shared/mail/address.ts';
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

/** Throws EINVALID for what is no address one can write to. */
export function checkAddress(address: string): void {
  if (MailboxText.safeParse(address).success) return;
  const shown = address.replace(/\p{Cc}+/gu, ' ').slice(0, 100);
  throw new MailError('EINVALID', `“${shown}” is not a complete address (name@example.com).`);
}

/** What `list` shows beside the fields themselves: copied from there, it is no mistake. */
const shownOnly = new Set(['id', 'hasSecret']);
/** Taken, and never shown again. */
const secrets = new Set(['secret', 'auth.secret', 'proxy.password']);

/**
 * Notes the fields that were given and are not among what was kept, by their paths (`auth.methd`, `endpoints.0.prot`): they
 * have no meaning there, and a misspelt one must not pass in silence. `kept`: what the schema made of them.
 */
export function noteUnknown(out: Out, given: unknown, kept: unknown, what: string): void {
  note(out, unknownIn(given, kept, ''), what);
}

/** The same of a patch, whose own fields were checked already, by what is stored now: within them. */
export function noteUnknownWithin(out: Out, patch: object, stored: object, what: string): void {
  const now = new Map<string, unknown>(Object.entries(stored));
  const names = Object.entries(patch).flatMap(([name, value]) => unknownIn(value, now.get(name), name));
  note(out, names, what);
}

interface Out {
  note(text: string): void;
}

function note(out: Out, names: readonly string[], what: string): void {
  if (names.length === 0) return;
  const quoted = names.map((name) => `“${name}”`).join(', ');
  out.note(`Left out: ${quoted}. The ${what} has no such field; “postrider --help” with the verb names them all.`);
}

function unknownIn(given: unknown, kept: unknown, path: string): string[] {
  if (typeof given !== 'object' || given === null || typeof kept !== 'object' || kept === null) return [];
  const known = new Map<string, unknown>(Object.entries(kept));
  return Object.entries(given).flatMap(([name, value]) => {
    const at = path === '' ? name : `${path}.${name}`;
    // Null removes what was there.
    if (shownOnly.has(name) || secrets.has(at) || value === null) return [];
    return known.has(name) ? unknownIn(value, known.get(name), at) : [at];
  });
}
