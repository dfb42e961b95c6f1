import { z } from 'zod';

export const TagName = z.string().trim().min(1).max(64);

export const tagColours = ['grey', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'violet', 'pink'] as const;
export const TagColour = z.enum(tagColours);
export type TagColour = z.infer<typeof TagColour>;

/** A tag as the user set it up; the first nine have the keys 1 to 9. Which messages carry it the ledger knows. */
export const Tag = z.object({ name: TagName, colour: TagColour });
export type Tag = z.infer<typeof Tag>;
