import { expect, test, vi } from 'vitest';
import { AccountId } from '#shared/ids.ts';
import { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { systemClock } from '../../host-node/system-clock.ts';
import { openPop3Session } from './pop3-session.ts';
import { meetServersAhead } from './servers-ahead.ts';
import { handClock } from './testing/hand-clock.ts';
import { type ScriptedServer, scriptedServer } from './testing/scripted-server.ts';

const capa = '+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n';
const server = () => scriptedServer('+OK hello\r\n', (line) => (line === 'CAPA' ? capa : '+OK\r\n'));

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

test('a server is met once, asked only what it offers, and the session goes on in the same connection', async () => {
  const pop3 = await server();
  const account = accountOn(pop3);
  const ahead = meetServersAhead([account, accountOn(pop3)], systemClock);
  const signal = new AbortController().signal;
  await vi.waitFor(() => expect(pop3.heard).toEqual(['CAPA']));
  const met = ahead.take(account, signal);
  if (met === null) throw new Error('It was not met.');
  expect(ahead.take(account, signal)).toBeNull();
  const credentials = { user: 'anna', secret: 'secret', auth: 'user-pass' } as const;
  const session = await openPop3Session({ endpoint: account, credentials, clock: systemClock, signal, met });
  await session.quit();
  expect(pop3.heard).toEqual(['CAPA', 'USER anna', 'PASS secret', 'QUIT']);
  await ahead.close();
  await pop3.close();
});

test('a server nobody came for is left with QUIT, without having been told who asked', async () => {
  const pop3 = await server();
  const ahead = meetServersAhead([accountOn(pop3)], systemClock);
  await vi.waitFor(() => expect(pop3.heard).toEqual(['CAPA']));
  // The reply to CAPA may still be on its way: then the line is simply cut.
  await ahead.close();
  expect(['CAPA', 'CAPA QUIT']).toContain(pop3.heard.join(' '));
  await pop3.close();
});

test('a server that never greets keeps nobody', async () => {
  const silent = await scriptedServer('');
  const account = accountOn(silent);
  const ahead = meetServersAhead([account, accountOn(silent, 'ben')], systemClock);
  const stop = new AbortController();
  const met = ahead.take(account, stop.signal);
  stop.abort();
  await expect(met).rejects.toMatchObject({ code: 'ECANCELLED' });
  await ahead.close();
  await silent.close();
});

test('who comes late, or with other settings, connects anew', async () => {
  const pop3 = await server();
  const { clock, advance } = handClock();
  const [late, changed] = [accountOn(pop3), accountOn(pop3, 'ben')];
  const ahead = meetServersAhead([late, changed], clock);
  const signal = new AbortController().signal;
  expect(ahead.take({ ...changed }, signal)).toBeNull();
  advance(11_000);
  expect(ahead.take(late, signal)).toBeNull();
  await ahead.close();
  await pop3.close();
});

test('what went wrong is told to who comes for it', async () => {
  const pop3 = await scriptedServer('-ERR [SYS/TEMP] later\r\n');
  const account = accountOn(pop3);
  const ahead = meetServersAhead([account], systemClock);
  await expect(ahead.take(account, new AbortController().signal)).rejects.toMatchObject({ server: '[SYS/TEMP] later' });
  await ahead.close();
  await pop3.close();
});
