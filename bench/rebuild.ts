import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mu, notmuch, postrider } from './large-profile.ts';
import { type Contender, race, table } from './measure.ts';
import { realisticMessage } from './realistic-mail.ts';

/** Each makes its index of the same Mail folder from nothing; ours as a command, its start included. */
export function indexers(profileDir: string): Contender[] {
  const all: (Contender & { readonly path?: string })[] = [
    {
      name: 'postrider index rebuild',
      run: async () => ({ did: (await postrider(profileDir, ['index', 'rebuild'])).trim() }),
    },
    {
      name: 'mu init, mu index',
      path: mu.path,
      async run() {
        await mu.index(profileDir);
        return { did: '' };
      },
    },
    {
      name: 'notmuch new',
      path: notmuch.path,
      async run() {
        await notmuch.index(profileDir);
        return { did: '' };
      },
    },
  ];
  return all.filter(({ path }) => path === undefined || existsSync(path));
}

/** The row “`index rebuild`: faster than `mu index`”: messages as people have them, 10,000 being 0.8 GB. */
export async function benchRebuild({ rounds, count }: { rounds: number; count: number }): Promise<string> {
  const profileDir = await mkdtemp(join(tmpdir(), 'postrider-bench-rebuild-'));
  const mailFolder = join(profileDir, 'Mail');
  try {
    for (const sub of ['tmp', 'new', 'cur']) await mkdir(join(mailFolder, sub), { recursive: true, mode: 0o700 });
    let octets = 0;
    for (let index = 0; index < count; index += 1) {
      const bytes = realisticMessage(index);
      octets += bytes.length;
      await writeFile(join(mailFolder, 'cur', `${1_600_000_000 + index}.bench${index}.host:2,S`), bytes);
    }
    // The files are read once before, so that all find them in the system's memory.
    const timings = await race(indexers(profileDir), rounds);
    return table(`Index ${count} messages (${(octets / 1e9).toFixed(2)} GB) from nothing`, timings);
  } finally {
    await rm(profileDir, { recursive: true, force: true });
  }
}
