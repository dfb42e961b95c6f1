import { expect, test, vi } from 'vitest';
import { AccountId } from '#shared/ids.ts';
import { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { MailError } from '#shared/mail-error.ts';
import { systemClock } from '../../host-node/system-clock.ts';
import { meetServersAhead } from './servers-ahead.ts';
import { handClock } from './testing/hand-clock.ts';
import { type ScriptedServer, scriptedServer } from './testing/scripted-server.ts';

const replies: Readonly<Record<string, string>> = {
  CAPA: '+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\nLOGIN-DELAY 60\r\n.\r\n',
  LIST: '+OK\r\n1 120\r\n.\r\n',
  UIDL: '+OK\r\n1 first\r\n.\r\n',
};
const server = () => scriptedServer('+OK hello\r\n', (line) => replies[line] ?? '+OK\r\n');
const begun = ['CAPA', 'USER anna', 'PASS secret', 'LIST', 'UIDL'];
const credentials = async ({ user }: IncomingAccount) => ({ user, secret: 'secret', auth: 'user-pass' }) as const;

function accountOn({ port }: ScriptedServer, user = 'anna'): IncomingAccount {
  return IncomingAccount.parse({
    id: AccountId.parse(crypto.randomUUID()),
    label: 'Mail',
    host: '127.0.0.1',
    port,
    security: 'none',
    user,
    auth: 'user-pass',
    retention: { kind: 'leave' },
  });
}

test('a session is begun once, its lists are asked for at once, and whoever takes it is given them', async () => {
  const pop3 = await server();
  const account = accountOn(pop3);
  const ahead = meetServersAhead([account, accountOn(pop3)], systemClock, credentials);
  const { signal } = new AbortController();
  await vi.waitFor(() => expect(pop3.heard).toEqual(begun));
  const learn = vi.fn();
  const session = await ahead.take(account, signal, learn);
  if (session === null) throw new Error('None was begun.');
  expect(await ahead.take(account, signal)).toBeNull();
  expect(learn).toHaveBeenCalledWith(expect.objectContaining({ loginDelaySeconds: 60 }));
  const listing = await session.listing();
  expect(listing.messages()).toEqual([{ messageNumber: 1, octets: 120 }]);
  expect(listing.uniqueIds()).toEqual(new Map([[1, 'first']]));
  expect(pop3.heard).toEqual(begun);
  // Whoever asks once more wants to know anew.
  await session.listing();
  await session.quit();
  expect(pop3.heard).toEqual([...begun, 'LIST', 'UIDL', 'QUIT']);
  await ahead.close();
  await pop3.close();
});

test('a session nobody came for is ended in order, with nothing marked', async () => {
  const pop3 = await server();
  const ahead = meetServersAhead([accountOn(pop3)], systemClock, credentials);
  await vi.waitFor(() => expect(pop3.heard).toEqual(begun));
  await ahead.close();
  await vi.waitFor(() => expect(pop3.heard).toEqual([...begun, 'QUIT']));
  await pop3.close();
});

test('a server that never greets keeps nobody', async () => {
  const silent = await scriptedServer('');
  const account = accountOn(silent);
  const ahead = meetServersAhead([account, accountOn(silent, 'ben')], systemClock, credentials);
  const stop = new AbortController();
  const session = ahead.take(account, stop.signal);
  stop.abort();
  await expect(session).rejects.toMatchObject({ code: 'ECANCELLED' });
  await ahead.close();
  await silent.close();
});

test('who comes late, or with other settings, connects anew, once the maildrop was let go of', async () => {
  const pop3 = await server();
  const { clock, advance } = handClock();
  const [late, changed] = [accountOn(pop3), accountOn(pop3, 'ben')];
  const ahead = meetServersAhead([late, changed], clock, credentials);
  const { signal } = new AbortController();
  await vi.waitFor(() => expect(pop3.heard.filter((line) => line === 'UIDL')).toHaveLength(2));
  expect(await ahead.take({ ...changed }, signal)).toBeNull();
  expect(pop3.heard.filter((line) => line === 'QUIT')).toHaveLength(1);
  advance(11_000);
  expect(await ahead.take(late, signal)).toBeNull();
  expect(pop3.heard.filter((line) => line === 'QUIT')).toHaveLength(2);
  await ahead.close();
  await pop3.close();
});

test('what went wrong is told to who comes for it', async () => {
  const pop3 = await scriptedServer('-ERR [SYS/TEMP] later\r\n');
  const account = accountOn(pop3);
  const ahead = meetServersAhead([account], systemClock, credentials);
  await expect(ahead.take(account, new AbortController().signal)).rejects.toMatchObject({ server: '[SYS/TEMP] later' });
  await ahead.close();
  await pop3.close();
});

test('without a password nobody signs in, the connection is ended, and why is told', async () => {
  const pop3 = await server();
  const account = accountOn(pop3);
  const missing = new MailError('ENEEDS_PASSWORD', 'There is no password.');
  const ahead = meetServersAhead([account], systemClock, async () => Promise.reject(missing));
  await expect(ahead.take(account, new AbortController().signal)).rejects.toBe(missing);
  await ahead.close();
  await pop3.close();
  expect(pop3.heard.filter((line) => line !== 'CAPA')).toEqual([]);
});
