import { posix } from 'node:path';
import { decodeSegment } from '../../store/maildir-names.ts';
import type { Place } from '../found-mail.ts';

/** Where a walk through directories stands: which folder the files here belong to. */
export interface Standing {
  readonly place: Place;
  /** Within an `X.mbox` directory of Apple Mail's: what lies deeper is its own order of files. */
  readonly isWithinMbox: boolean;
}

export const start: Standing = { place: [], isWithinMbox: false };

/**
 * One directory further in. Programs keep sub-folders each in their own way: `X.sbd` (Thunderbird), `.X.directory`
 * (KMail), `.Sent.2024` (Maildir++), `X.mbox` (Apple Mail); any other directory is a folder of its name.
 */
export function enter({ place, isWithinMbox }: Standing, name: string, isInMaildir = false): Standing {
  const apple = /^(.+)\.mbox$/i.exec(name)?.[1];
  if (apple !== undefined) return { place: [...place, apple], isWithinMbox: true };
  if (isWithinMbox) return { place, isWithinMbox };
  const nested = /^(.+)\.sbd$/i.exec(name)?.[1] ?? /^\.(.+)\.directory$/.exec(name)?.[1];
  if (nested !== undefined) return { place: [...place, nested], isWithinMbox };
  if (name.startsWith('.') && isInMaildir) return { place: [...place, ...maildirFolder(name)], isWithinMbox };
  return { place: [...place, name], isWithinMbox };
}

/** `.Archive.2024`; Evolution writes what cannot stand in a name as `_2E`. */
function maildirFolder(name: string): string[] {
  return name
    .slice(1)
    .split('.')
    .map((part) => decodeSegment(part).replace(/_([0-9A-F]{2})/g, (_, hex: string) => fromHex(hex)));
}

function fromHex(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

/** The folder of an mbox file: named like it, but for one that is only called `mbox`. */
export function placeOfMbox({ place, isWithinMbox }: Standing, name: string): Place {
  if (isWithinMbox || /^mbox(?:\.gz)?$/i.test(name)) return place;
  return [...place, withoutExtension(withoutExtension(name, ['.gz']), ['.mbox', '.mbx'])];
}

/** The folder of an entry of an archive, by the path in its name. `cur` and `new` are no folders. */
export function placeOfEntry(name: string, kind: 'mbox' | 'message'): Place {
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  const file = segments.pop() ?? '';
  let standing = start;
  for (const [at, segment] of segments.entries()) {
    const isLast = at === segments.length - 1;
    if (isLast && (segment === 'cur' || segment === 'new')) break;
    const isMaildir = segment.startsWith('.') && isLastBut(segments, at);
    standing = enter(standing, segment, isMaildir);
  }
  const place = kind === 'mbox' ? placeOfMbox(standing, file) : standing.place;
  // As Google packs it.
  return place[0] === 'Takeout' && place[1] === 'Mail' ? place.slice(2) : place;
}

function isLastBut(segments: readonly string[], at: number): boolean {
  const next = segments[at + 1];
  return at === segments.length - 2 && (next === 'cur' || next === 'new');
}

/** What a source is called where it has no folder of its own. */
export function nameOfSource(path: string): string {
  const name = posix.basename(path.replaceAll('\\', '/').replace(/\/+$/, ''));
  if (/^\.?(?:maildir|mail|mbox)$/i.test(name)) return 'Inbox';
  const inner = withoutExtension(name, ['.gz']);
  return withoutExtension(inner, ['.mbox', '.mbx', '.zip', '.tgz', '.tar', '.eml', '.emlx']);
}

function withoutExtension(name: string, extensions: readonly string[]): string {
  const found = extensions.find(
    (extension) => name.toLowerCase().endsWith(extension) && name.length > extension.length,
  );
  return found === undefined ? name : name.slice(0, -found.length);
}
