import { z } from 'zod';

/** RFC 5322 §3.4: `mailbox` is the addr-spec (`local-part@domain`), `displayName` the phrase before it, or ''. */
export const Address = z.object({ displayName: z.string(), mailbox: z.string() });
export type Address = z.infer<typeof Address>;

const controlCharacters = /[\0-\x1f\x7f]/;

/** Text that may become a header field's value: cannot hold CR, LF or other controls, so no field can be injected. */
export const HeaderText = z
  .string()
  .max(10_000)
  .refine((text) => !controlCharacters.test(text.replaceAll('\t', ' ')), 'Line breaks are not allowed here.');
export type HeaderText = z.infer<typeof HeaderText>;

/** An addr-spec a person may write to: something, one `@` outside quotes, a domain; no spaces or control characters. */
export const MailboxText = z
  .string()
  .trim()
  .max(320)
  .regex(
    /^(?:[^\s\p{Cc}@"<>(),;:\\[\]]+|"[^"\p{Cc}]+")@(?:[^\s\p{Cc}@"<>(),;:\\[\]]+|\[[0-9A-Fa-f.:IPv]+\])$/u,
    'This is not a complete address (name@example.com).',
  );

export const AddressInput = z.object({ displayName: HeaderText, mailbox: MailboxText });
export type AddressInput = z.infer<typeof AddressInput>;

/** The part after the last `@`, lower case; '' when there is none. */
export function domainOf(mailbox: string): string {
  const at = mailbox.lastIndexOf('@');
  return at < 0 ? '' : mailbox.slice(at + 1).toLowerCase();
}

/** `Name <local@domain>`, the name quoted where RFC 5322 asks for it; the bare mailbox when there is no name. */
export function formatAddress(address: Address): string {
  const name = address.displayName.trim();
  if (name === '') return address.mailbox;
  const needsQuotes = /[()<>[\]:;@\\,."]/.test(name);
  const phrase = needsQuotes ? `"${name.replace(/[\\"]/g, '\\$&')}"` : name;
  return `${phrase} <${address.mailbox}>`;
}
