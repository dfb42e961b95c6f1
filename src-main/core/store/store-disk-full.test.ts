import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AccountId } from '#shared/ids.ts';
import type { Store } from './store-api.ts';
import { type Home, inbox, mail, makeHome, request } from './testing/store-fixture.ts';

let home: Home | undefined;
let mounted: string | undefined;
let store: Store | undefined;

afterEach(async () => {
  await store?.close().catch(() => undefined);
  if (mounted !== undefined) spawnSync('umount', ['-l', mounted]);
  home?.remove();
  mounted = undefined;
  store = undefined;
});

/** A file system of a few megabytes of its own. */
function mountSmall(path: string, size: string): boolean {
  mkdirSync(path, { recursive: true });
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]).status === 0;
  if (isMounted) mounted = path;
  return isMounted;
}

const canMount = process.getuid?.() === 0 && process.platform === 'linux';
const body = 'x'.repeat(70).concat('\r\n').repeat(1400);

describe.skipIf(!canMount)('a full disk (needs root to mount a small file system)', () => {
  it('refuses with EDISKFULL, leaves nothing half-written, and goes on when there is room', async () => {
    home = makeHome();
    expect(mountSmall(home.mailFolder, '2m')).toBe(true);
    store = await home.open();
    const kept: string[] = [];
    const filed = async (name: string): Promise<unknown> => {
      const asked = [0, 1, 2].map((at) => request(`${name}.${at}`, mail(`${name}.${at}`, body)));
      await store?.file(asked);
      kept.push(...asked.map(({ messageKey }) => messageKey));
      return 'filed';
    };
    let refusal: unknown;
    for (let at = 0; at < 20 && refusal === undefined; at++)
      await filed(`m${at}`).catch((error: unknown) => {
        refusal = error;
      });
    expect(refusal).toMatchObject({ code: 'EDISKFULL' });
    expect(kept.length).toBeGreaterThan(3);
    const names = readdirSync(join(home.mailFolder, 'new'));
    expect(names.sort()).toEqual(kept.toSorted());
    for (const name of names) expect(statSync(join(home.mailFolder, 'new', name)).size).toBeGreaterThan(100_000);
    expect(readdirSync(join(home.mailFolder, 'tmp'))).toEqual([]);
    const keys = await store.listKeys(inbox);
    await store.destroy(keys.slice(0, 6));
    await expect(filed('after')).resolves.toBe('filed');
    expect((await store.checkIndex()).problems).toEqual([]);
  });

  it('a full profile disk refuses too; what was written is found again and not doubled', async () => {
    home = makeHome();
    expect(mountSmall(home.profileDir, '3m')).toBe(true);
    store = await home.open();
    const ballast = join(home.profileDir, 'ballast');
    for (let size = 3_000_000; size > 1000; size = Math.floor(size * 0.6))
      try {
        writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
      } catch {
        // Full, as wanted: fill what is left in smaller pieces.
      }
    const entry = { octets: 1, listedOctets: 1, sha256: '', collectedAt: 1, isConfirmed: false };
    const accountId = AccountId.parse('a');
    const asked = () =>
      Array.from({ length: 60 }, (_, at) =>
        request(`m${at}`, mail(`m${at}`), {
          collected: { accountId, entry: { ...entry, uniqueId: `u${at}${'x'.repeat(900)}` } },
        }),
      );
    await expect(store.file(asked())).rejects.toMatchObject({ code: 'EDISKFULL' });
    rmSync(ballast);
    const outcomes = await store.file(asked());
    expect(outcomes).toHaveLength(60);
    expect(await store.knownUniqueIds(accountId)).toHaveLength(60);
    expect(await store.checkIndex()).toEqual({ messages: 60, problems: [] });
  });
});
