import type { Contact } from '#shared/mail/settings.ts';

/** The name, or the address of whom no name is known. */
export function nameOf({ displayName, mailbox }: Contact): string {
  return displayName === '' ? mailbox : displayName;
}
