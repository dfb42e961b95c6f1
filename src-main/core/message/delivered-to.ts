import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { type HeaderField, readHeaderFields } from './header-fields.ts';
import { readAddresses } from './header-values.ts';

/** The fields the user named for shared maildrops: where their servers write whom they delivered to. In lower case. */
export function fieldsOfMultidrops(accounts: readonly Pick<IncomingAccount, 'multidrop'>[]): string[] {
  return [...new Set(accounts.flatMap(({ multidrop }) => multidrop?.fields ?? []).map((name) => name.toLowerCase()))];
}

/** Every mailbox in fields of these names, in the order of the names. */
export function mailboxesInFields(fields: readonly HeaderField[], names: readonly string[]): string[] {
  return names.flatMap((name) =>
    readAddresses(fields, name).flatMap(({ mailbox }) => (mailbox === '' ? [] : [mailbox])),
  );
}

/** The same of a message's bytes. */
export function mailboxesInHeader(bytes: Uint8Array, names: readonly string[]): string[] {
  const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return mailboxesInFields(readHeaderFields(buf, 0, buf.length).fields, names);
}
