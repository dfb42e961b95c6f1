import type { ImportReport } from '#shared/job.ts';
import { type Tag, type TagColour, TagName } from '#shared/mail/tag.ts';

const mostTags = 500;

/**
 * The user's tags with those that came by an import, in the colour nearest to the other program's. One that is set up
 * here already stays as it is; one without a colour is no tag that somebody set up. Null: nothing new.
 */
export function withImportedTags(present: readonly Tag[], imported: ImportReport['tags']): Tag[] | null {
  const names = new Set(present.map(({ name }) => name.toLowerCase()));
  const added: Tag[] = [];
  for (const { name, colour } of imported) {
    const tag = TagName.safeParse(name);
    if (colour === null || !tag.success || names.has(tag.data.toLowerCase())) continue;
    names.add(tag.data.toLowerCase());
    added.push({ name: tag.data, colour: nearestColour(colour) });
  }
  return added.length === 0 ? null : [...present, ...added].slice(0, mostTags);
}

/** Up to which hue, in degrees, each colour goes. */
const hues: readonly [upTo: number, colour: TagColour][] = [
  [15, 'red'],
  [42, 'orange'],
  [70, 'yellow'],
  [160, 'green'],
  [198, 'teal'],
  [255, 'blue'],
  [290, 'violet'],
  [340, 'pink'],
  [360, 'red'],
];

/** `#RRGGBB` by its hue; what has hardly any is grey. */
export function nearestColour(hex: string): TagColour {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (range < 0.15) return 'grey';
  const sector =
    most === red ? (green - blue) / range : most === green ? 2 + (blue - red) / range : 4 + (red - green) / range;
  const hue = (sector * 60 + 360) % 360;
  return hues.find(([upTo]) => hue < upTo)?.[1] ?? 'grey';
}
