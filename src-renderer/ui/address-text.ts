import type { Address } from '#shared/mail/address.ts';
import { MailboxText } from '#shared/mail/address.ts';

/**
 * Reads what a person types or pastes into an address field: addresses parted by commas, semicolons or line breaks,
 * with or without a name. What is not an address comes back as one all the same, so that nothing typed is lost.
 */
export function readAddresses(text: string): Address[] {
  return splitList(text).flatMap((entry) => readOne(entry) ?? []);
}

/** Whether mail can be sent to it as it stands. */
export function isSendable(address: Address): boolean {
  return MailboxText.safeParse(address.mailbox).success;
}

function readOne(entry: string): Address | null {
  const trimmed = entry.trim();
  if (trimmed === '') return null;
  const angled = /^(.*)<([^<>]*)>$/s.exec(trimmed);
  if (angled === null) return { displayName: '', mailbox: trimmed.replace(/^mailto:/i, '') };
  return { displayName: unquote(angled[1] ?? ''), mailbox: (angled[2] ?? '').trim() };
}

function unquote(phrase: string): string {
  const trimmed = phrase.trim();
  const quoted = /^"(.*)"$/s.exec(trimmed);
  return quoted === null ? trimmed : (quoted[1] ?? '').replace(/\\(.)/g, '$1');
}

/** Splits at separators that stand outside quotes and angle brackets. */
function splitList(text: string): string[] {
  const entries: string[] = [];
  let entry = '';
  let isQuoted = false;
  let isAngled = false;
  let isEscaped = false;
  for (const character of text) {
    if (isEscaped) isEscaped = false;
    else if (character === '\\' && isQuoted) isEscaped = true;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === '<' && !isQuoted) isAngled = true;
    else if (character === '>' && !isQuoted) isAngled = false;
    else if (!isQuoted && !isAngled && /[,;\r\n]/.test(character)) {
      entries.push(entry);
      entry = '';
      continue;
    }
    entry += character;
  }
  return [...entries, entry];
}
