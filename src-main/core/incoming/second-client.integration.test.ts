import Pop3Command from 'node-pop3';
import { afterEach, expect, test } from 'vitest';
import { createPop3Server } from '../practice/pop3-server.ts';
import { openPop3Session } from './pop3-session.ts';
import { isDovecotInstalled, startDovecot } from './testing/dovecot.ts';
import { createMaildrop, message, realClock } from './testing/maildrops.ts';

// An independent client beside ours. It decodes as UTF-8 and leaves dots stuffed, so the messages are plain ones.

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const texts = Array.from(
  { length: 12 },
  (_, index) => `Subject: plain ${index}\r\n\r\n${`line of number ${index}\r\n`.repeat(1 + index * 40)}`,
);

async function practicePort(): Promise<number> {
  const maildrop = createMaildrop(texts.map((text, index) => message(`u${index}`, text)));
  const server = await createPop3Server({ maildrop, user: 'anna', password: 'secret' });
  ends.push(() => server.close());
  return server.port;
}

async function dovecotPort(): Promise<number> {
  const dovecot = await startDovecot();
  ends.push(() => dovecot.stop());
  for (const text of texts) await dovecot.deliver('anna', new Uint8Array(Buffer.from(text)));
  return dovecot.port;
}

interface Heard {
  readonly listed: string[];
  readonly uniqueIds: string[];
  readonly messages: string[];
}

async function byOurs(port: number): Promise<Heard> {
  const session = await openPop3Session({
    endpoint: { host: '127.0.0.1', port, security: 'none' },
    credentials: { user: 'anna', secret: 'secret', auth: 'user-pass' },
    clock: realClock,
    signal: new AbortController().signal,
  });
  const listed = await session.list();
  const uniqueIds = await session.uidl();
  const messages = await Promise.all(listed.map((entry) => session.retrieve(entry)));
  await session.quit();
  return {
    listed: listed.map(({ messageNumber, octets }) => `${messageNumber} ${octets}`),
    uniqueIds: [...(uniqueIds ?? [])].map(([messageNumber, uniqueId]) => `${messageNumber} ${uniqueId}`),
    messages: messages.map((bytes) => Buffer.from(bytes).toString('latin1')),
  };
}

async function byTheOther(port: number): Promise<Heard> {
  const client = new Pop3Command({ host: '127.0.0.1', port, user: 'anna', password: 'secret' });
  const listed = (await client.LIST()).map(asLine);
  const uniqueIds = (await client.UIDL()).map(asLine);
  const messages: string[] = [];
  for (const line of listed) messages.push(await client.RETR(Number(line.split(' ')[0])));
  await client.QUIT();
  return { listed, uniqueIds, messages };
}

function asLine(words: string | string[]): string {
  return typeof words === 'string' ? words : words.join(' ');
}

const servers = [
  ['the practice server', practicePort],
  ...(isDovecotInstalled ? ([['Dovecot', dovecotPort]] as const) : []),
] as const;

test.each(servers)('both clients hear the same from %s', async (_name, start) => {
  const port = await start();
  const ours = await byOurs(port);
  const other = await byTheOther(port);
  expect(ours.messages).toEqual(texts);
  expect(other.listed).toEqual(ours.listed);
  expect(other.uniqueIds).toEqual(ours.uniqueIds);
  // The other client leaves the last line end to the terminator.
  expect(other.messages.map((text) => text.trimEnd())).toEqual(texts.map((text) => text.trimEnd()));
});
