import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AccountId } from '#shared/ids.ts';
import { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { systemClock } from '../../host-node/system-clock.ts';
import { type Dialled, dialAhead } from './dial-ahead.ts';
import { meetServersAhead } from './servers-ahead.ts';
import { type ScriptedServer, scriptedServer } from './testing/scripted-server.ts';

let profileDir: string;
let connections: number;
let pop3: ScriptedServer;
const open: Dialled[] = [];

beforeEach(async () => {
  profileDir = mkdtempSync(join(tmpdir(), 'postrider-dial-'));
  connections = 0;
  pop3 = await serverThatGreets('+OK hello\r\n');
});

afterEach(async () => {
  for (const dialled of open.splice(0)) dialled.close();
  await pop3.close();
  rmSync(profileDir, { recursive: true, force: true });
});

function serverThatGreets(greeting: string): Promise<ScriptedServer> {
  const replies: Readonly<Record<string, string>> = {
    CAPA: '+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n',
    LIST: '+OK\r\n1 120\r\n.\r\n',
    UIDL: '+OK\r\n1 first\r\n.\r\n',
  };
  return scriptedServer(
    greeting,
    (line) => replies[line] ?? '+OK\r\n',
    () => {
      connections += 1;
    },
  );
}

function account(patch: Record<string, unknown> = {}): IncomingAccount {
  return IncomingAccount.parse({
    id: AccountId.parse(crypto.randomUUID()),
    label: 'Mail',
    host: '127.0.0.1',
    port: pop3.port,
    security: 'none',
    user: 'anna',
    auth: 'user-pass',
    ...patch,
  });
}

function dialThese(accounts: unknown, chosen: readonly string[] | 'all' = 'all'): Dialled {
  writeFileSync(join(profileDir, 'settings.json'), JSON.stringify({ accounts }));
  const dialled = dialAhead(profileDir, chosen);
  open.push(dialled);
  return dialled;
}

const credentials = async ({ user }: IncomingAccount) => ({ user, secret: 'secret', auth: 'user-pass' }) as const;

test('the connection made before is the one that is used, and its greeting is not lost', async () => {
  const anna = account();
  const dialled = dialThese([anna, { ...anna, id: 'the same maildrop' }]);
  // The greeting lies there before anybody asks for it, and perhaps what the server offers.
  await vi.waitFor(() => expect(pop3.heard).toEqual(['CAPA']));
  const ahead = meetServersAhead([anna], systemClock, credentials, dialled);
  const session = await ahead.take(anna, new AbortController().signal);
  expect((await session?.listing())?.messages()).toHaveLength(1);
  await session?.quit();
  expect(connections).toBe(1);
  expect(pop3.heard).toEqual(['CAPA', 'USER anna', 'PASS secret', 'LIST', 'UIDL', 'QUIT']);
});

test('what the server offers lies there with its greeting: it is asked once, and the answer is not lost', async () => {
  const anna = account();
  const taken = dialThese([anna]).take(anna);
  await vi.waitFor(() =>
    expect(taken?.socket.bytesRead).toBe('+OK hello\r\n+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n'.length),
  );
  const again: Dialled = { take: () => taken, close: () => undefined };
  const ahead = meetServersAhead([anna], systemClock, credentials, again);
  const session = await ahead.take(anna, new AbortController().signal);
  expect(session?.capabilities).toMatchObject({ isKnown: true, uidl: true, pipelining: true });
  await session?.quit();
  expect(pop3.heard.filter((line) => line === 'CAPA')).toHaveLength(1);
});

test.each([
  ['half a line', '+OK hel'],
  ['a refusal', '-ERR [SYS/TEMP] later\r\n'],
  ['more than a greeting', '+OK hello\r\n+OK what?\r\n'],
  ['a line without an end', `+OK ${'x'.repeat(5000)}\r\n`],
  ['another protocol', '220 mail ESMTP\r\n'],
])('to %s nothing is said', async (_name, greeting) => {
  const odd = await scriptedServer(greeting);
  const dialled = dialThese([account({ port: odd.port })]);
  const taken = dialled.take(account({ port: odd.port }));
  await vi.waitFor(() => expect(taken?.socket.bytesRead).toBe(greeting.length));
  await new Promise((resolve) => setImmediate(resolve));
  expect(taken?.plain?.takeAsked()).toBe(false);
  expect(odd.heard).toEqual([]);
  taken?.socket.destroy();
  await odd.close();
});

test('each of two people at one server has a connection, once', async () => {
  const [anna, ben] = [account(), account({ user: 'ben' })];
  const dialled = dialThese([anna, ben]);
  const [first, second] = [dialled.take(anna), dialled.take(ben)];
  expect(first).not.toBeNull();
  expect(second?.socket).not.toBe(first?.socket);
  expect(dialled.take(anna)).toBeNull();
  for (const taken of [first, second]) taken?.socket.destroy();
});

test('only who was chosen is dialled, and only where and as securely as is asked', () => {
  const [anna, ben] = [account(), account({ user: 'ben', security: 'tls' })];
  expect(dialThese([anna, ben], [ben.id]).take(anna)).toBeNull();
  const dialled = dialThese([anna, ben], [anna.id]);
  for (const other of [
    { ...anna, security: 'starttls' as const },
    { ...anna, port: 1 },
    { ...anna, host: 'localhost' },
  ])
    expect(dialled.take(other)).toBeNull();
  expect(dialled.take(anna)).not.toBeNull();
});

test('what hung up meanwhile is not used: another connection is made', async () => {
  const hungUp = Promise.withResolvers<void>();
  let calls = 0;
  const moody = createServer((socket) => {
    calls += 1;
    if (calls > 1) return void socket.pipe(connect(pop3.port, '127.0.0.1')).pipe(socket);
    socket.on('close', () => hungUp.resolve());
    socket.end('-ERR not now\r\n');
    socket.resume();
  });
  await once(moody.listen(0, '127.0.0.1'), 'listening');
  const address = moody.address();
  const anna = account({ port: typeof address === 'object' ? address?.port : 0 });
  const dialled = dialThese([anna]);
  await hungUp.promise;
  const ahead = meetServersAhead([anna], systemClock, credentials, dialled);
  const session = await ahead.take(anna, new AbortController().signal);
  await session?.quit();
  expect(calls).toBe(2);
  await new Promise((resolve) => moody.close(resolve));
});

test('nobody home: whoever comes is told as without it', async () => {
  const anna = account();
  await pop3.close();
  const dialled = dialThese([anna]);
  const ahead = meetServersAhead([anna], systemClock, credentials, dialled);
  await expect(ahead.take(anna, new AbortController().signal)).rejects.toMatchObject({ code: 'EREFUSED' });
  await ahead.close();
  pop3 = await serverThatGreets('+OK\r\n');
});

test.each([
  ['no list', { anna: 1 }],
  ['nothing', null],
  ['accounts that are none', [null, 7, 'x', {}, { host: '' }]],
  [
    'ports and securities that are none',
    [0, 1.5, 65536, '110'].map((port) => ({ host: '127.0.0.1', user: 'a', port, security: 'none' })),
  ],
])('settings amiss, %s: nobody is dialled, nothing is thrown', async (_name, accounts) => {
  dialThese(accounts);
  writeFileSync(join(profileDir, 'settings.json'), '{');
  open.push(dialAhead(profileDir, 'all'));
  rmSync(join(profileDir, 'settings.json'));
  open.push(dialAhead(profileDir, 'all'));
  mkdirSync(join(profileDir, 'settings.json'));
  open.push(dialAhead(profileDir, 'all'));
  expect(connections).toBe(0);
});
