import { RuleId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { type Rule, RuleInput } from '#shared/mail/rule.ts';
import { readOutline } from '../../message/read-outline.ts';
import { factsOf, type MessageFacts } from '../facts.ts';

/** The facts of a message given as its lines, lying in the Inbox. */
export function factsFrom(lines: readonly string[], multidropFields: readonly string[] = []): MessageFacts {
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n`);
  const end = bytes.indexOf('\r\n\r\n');
  const outline = readOutline(bytes, { maxTextOctets: 100_000 });
  const header = bytes.subarray(0, end < 0 ? bytes.length : end + 2);
  return factsOf({ folder: folder.inbox, sizeOctets: bytes.length, header, outline }, multidropFields);
}

/** A rule as the settings hold it; what is not given is as the schema says. */
export function ruleFrom(id: string, input: unknown): Rule {
  const named = typeof input === 'object' && input !== null ? { name: id, ...input } : input;
  return { id: RuleId.parse(id), ...RuleInput.parse(named) };
}
