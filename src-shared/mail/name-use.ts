import { z } from 'zod';

/** Something in the settings that names a folder or a tag, by the name the user gave it. */
export const NameUse = z.object({ kind: z.enum(['rule', 'account', 'search']), name: z.string() });
export type NameUse = z.infer<typeof NameUse>;
