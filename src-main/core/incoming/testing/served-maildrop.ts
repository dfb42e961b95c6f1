import { onTestFinished } from 'vitest';
import { createPop3Server, type Pop3Server, type Pop3ServerOptions } from '../../practice/pop3-server.ts';
import type { Store } from '../../store/store-api.ts';
import type { TestMaildrop } from './maildrops.ts';
import { makeProfile, openRealStore } from './real-store.ts';

/** Anna's maildrop at a server of the practice kind, until the test is over. */
export async function serve(maildrop: TestMaildrop, options: Partial<Pop3ServerOptions> = {}): Promise<Pop3Server> {
  const server = await createPop3Server({ maildrop, user: 'anna', password: 'secret', ...options });
  onTestFinished(() => server.close());
  return server;
}

/** An empty profile with its real store, until the test is over. */
export async function openProfile(): Promise<{ store: Store; profileDir: string }> {
  const { profileDir, remove } = await makeProfile();
  onTestFinished(remove);
  const store = await openRealStore(profileDir);
  onTestFinished(() => store.close());
  return { store, profileDir };
}
