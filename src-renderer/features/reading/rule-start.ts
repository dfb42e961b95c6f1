import type { ParsedMessage } from '#shared/mail/message.ts';
import type { RuleStart } from '../../navigation.ts';

/** What a rule for mail like this message begins with: its list, else its sender; null when it names neither. */
export function ruleStart({ listId, from }: Pick<ParsedMessage, 'listId' | 'from'>): RuleStart | null {
  const [sender] = from;
  const name = sender?.displayName.trim() || sender?.mailbox || listId;
  if (name === undefined || name === '') return null;
  if (listId !== undefined) return { name, field: 'list-id', value: listId };
  return sender === undefined || sender.mailbox === '' ? null : { name, field: 'from', value: sender.mailbox };
}
