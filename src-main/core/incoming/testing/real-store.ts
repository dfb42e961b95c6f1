import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../host-node/system-clock.ts';
import { openStore } from '../../store/open-store.ts';
import type { Store } from '../../store/store-api.ts';
import { testResources } from '../../testing/workers.ts';

const quietLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The store as the application has it: its worker, its ledger, a Maildir. */
export function openRealStore(profileDir: string): Promise<Store> {
  return openStore({
    profileDir,
    mailFolder: join(profileDir, 'Mail'),
    workerUrl: testResources.worker('store-worker'),
    log: quietLog,
    clock: systemClock,
  });
}

export async function makeProfile(): Promise<{ profileDir: string; remove: () => Promise<void> }> {
  const profileDir = await mkdtemp(join(tmpdir(), 'postrider-incoming-'));
  return { profileDir, remove: () => rm(profileDir, { recursive: true, force: true }) };
}

/** The files a person sees in the Maildir's top folder (the Inbox), read without the store. */
export async function filesOfInbox(profileDir: string): Promise<{ name: string; bytes: Uint8Array }[]> {
  const found: { name: string; bytes: Uint8Array }[] = [];
  for (const part of ['new', 'cur']) {
    const folder = join(profileDir, 'Mail', part);
    for (const name of await readdir(folder).catch(() => []))
      found.push({ name, bytes: new Uint8Array(await readFile(join(folder, name))) });
  }
  return found;
}
