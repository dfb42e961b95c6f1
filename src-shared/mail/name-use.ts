import { z } from 'zod';

/** Something in the settings that names a folder or a tag, by the name the user gave it. */
export const NameUse = z.object({ kind: z.enum(['rule', 'account', 'search']), name: z.string() });
export type NameUse = z.infer<typeof NameUse>;

const kinds = { rule: 'the rule', account: 'the account', search: 'the saved search' } as const;

/** In words, for the command and for notices: the first few, and how many more. */
export function listedUses(uses: readonly NameUse[], most = 6): string {
  const named = uses.slice(0, most).map(({ kind, name }) => `${kinds[kind]} “${name}”`);
  const more = uses.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
