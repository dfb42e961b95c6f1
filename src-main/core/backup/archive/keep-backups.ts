import type { BackupKind, BackupMade } from '#shared/mail/backup.ts';

/** An incremental schedule begins anew with a full one after so many: a chain is only as good as each of its files. */
const longestChain = 10;

/** A name that sorts by time and says what it is: `postrider-2026-11-21-203955-full.zip`. */
export function backupName(kind: BackupKind, moment: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  const time = `${two(moment.getHours())}${two(moment.getMinutes())}${two(moment.getSeconds())}`;
  return `postrider-${day}-${time}-${kind}.zip`;
}

export interface Link extends Pick<BackupMade, 'file' | 'kind' | 'sha256'> {
  /** The SHA-256 of the one it needs; null for a full one. */
  readonly base: string | null;
}

/** The backup the next one goes on from; null when it should be a full one. `links` are newest first. Pure. */
export function nextBase(links: readonly Link[]): Link | null {
  const [newest] = links;
  if (newest === undefined) return null;
  const chain = chainOf(newest, links);
  return chain === null || chain.length > longestChain ? null : newest;
}

/** Those that may go: all but the newest `keep` and what these need. Pure. */
export function superfluous(links: readonly Link[], keep: number): Link[] {
  const needed = new Set<string>();
  for (const link of links.slice(0, keep)) for (const part of chainOf(link, links) ?? [link]) needed.add(part.sha256);
  return links.filter(({ sha256 }) => !needed.has(sha256));
}

/** The one and all it needs; null when one of them is not there. */
function chainOf(link: Link, links: readonly Link[]): Link[] | null {
  const chain = [link];
  for (let last = link; last.base !== null; ) {
    const base = links.find(({ sha256 }) => sha256 === last.base);
    if (base === undefined || chain.includes(base)) return null;
    chain.push(base);
    last = base;
  }
  return chain;
}
