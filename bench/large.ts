import { existsSync } from 'node:fs';
import { largeProfile, mu, notmuch } from './large-profile.ts';
import { race, table } from './measure.ts';
import { benchOpen } from './open.ts';
import { indexers } from './rebuild.ts';
import { benchScroll } from './scroll.ts';
import { benchSearch } from './search.ts';

/** The rows of a profile of 100,000 messages: indexed from nothing (once each, since the peers take minutes), opened, searched. */
export async function benchLarge({
  rounds,
  count,
  kept,
}: {
  rounds: number;
  count: number;
  kept?: string;
}): Promise<string> {
  const profile = await largeProfile(count, kept);
  const { profileDir, messages, octets } = profile;
  const databases = [`${profileDir}/index.sqlite`, mu.home(profileDir), notmuch.home(profileDir)];
  try {
    const parts: string[] = [];
    // Kept from an earlier run, they are as good as new.
    if (!databases.every(existsSync)) {
      const timings = await race(indexers(profileDir), 1);
      parts.push(table(`Index ${messages} messages (${(octets / 1e9).toFixed(2)} GB) from nothing`, timings));
    }
    parts.push(await benchOpen(profileDir, rounds));
    parts.push(await benchScroll(profileDir));
    parts.push(await benchSearch(profileDir, count));
    return parts.join('\n');
  } finally {
    await profile.dispose();
  }
}
