import type { Clock } from '../ports.ts';
import type { Pop3Session } from './pop3-session.ts';

/**
 * Ends a session in order that has nothing to carry out: whether the server answers QUIT, and how, changes nothing. One
 * that does not answer keeps nobody longer than `patienceMs`. Never throws; the connection is closed when it resolves.
 */
export async function leaveServer(
  session: Pick<Pop3Session, 'quit' | 'close'>,
  clock: Clock,
  patienceMs: number,
): Promise<void> {
  let cancel = (): void => undefined;
  const patience = new Promise<void>((resolve) => {
    cancel = clock.after(patienceMs, resolve);
  });
  await Promise.race([session.quit().catch(() => undefined), patience]);
  cancel();
  session.close();
}
