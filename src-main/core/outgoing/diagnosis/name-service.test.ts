import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { describe, expect, it } from 'vitest';
import { closeAll, closeLater } from '../testing/delivery-harness.ts';
import { isNameServiceAnswering, type NameQuestions } from './name-service.ts';

const fail = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
const yes = () => Promise.resolve([]);
const never = () => new Promise<never>(() => undefined);
const signal = new AbortController().signal;

function ask(questions: Partial<NameQuestions>, known: string[] = [], missing?: string): Promise<boolean> {
  const all = { lookup: fail('EAI_AGAIN'), root: fail('ETIMEOUT'), addresses: fail('ETIMEOUT'), ...questions };
  return isNameServiceAnswering({ known, ...(missing === undefined ? {} : { missing }), signal }, all);
}

describe('a name service', () => {
  it('answers when a known name is found, or the root', async () => {
    expect(await ask({ lookup: yes }, ['smtp.example'])).toBe(true);
    expect(await ask({ root: yes })).toBe(true);
    expect(await ask({ root: yes, lookup: never, addresses: never }, ['smtp.example'])).toBe(true);
  });

  it('answers, too, when it denies the name that is missed and no other can be asked for', async () => {
    expect(await ask({ addresses: fail('ENOTFOUND') }, [], 'gone.example')).toBe(true);
    expect(await ask({ root: fail('EREFUSED') }, ['smtp.example'])).toBe(true);
  });

  it('does not answer when names known to exist are denied like any other', async () => {
    const denying = { lookup: fail('ENOTFOUND'), root: fail('ENOTFOUND'), addresses: fail('ENOTFOUND') };
    expect(await ask(denying, ['smtp.example'], 'gone.example')).toBe(false);
  });

  it.each(['ETIMEOUT', 'ECONNREFUSED', 'ESERVFAIL'])('does not answer: %s', async (code) => {
    const dead = { lookup: fail('EAI_AGAIN'), root: fail(code), addresses: fail(code) };
    expect(await ask(dead, ['smtp.example'], 'gone.example')).toBe(false);
    expect(await ask(dead, [], 'gone.example')).toBe(false);
  });

  it('is not asked about addresses', async () => {
    expect(await ask({ lookup: yes }, ['192.0.2.1'])).toBe(false);
  });

  it('is not waited for when it is called off', async () => {
    const abort = new AbortController();
    const answer = isNameServiceAnswering(
      { known: ['a.example'], signal: abort.signal },
      { lookup: never, root: never, addresses: never },
    );
    abort.abort();
    expect(await answer).toBe(false);
  });
});

/** A name server that answers every question with a code and nothing else (RFC 1035 §4.1.1). */
async function nameServer(responseCode: number): Promise<Resolver> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const reply = Buffer.from(query);
    reply.writeUInt16BE(0x8180 | responseCode, 2);
    socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  closeLater(async () => {
    socket.close();
  });
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return resolver;
}

it.each([
  ['no error', 0, true],
  ['server failure', 2, false],
  ['no such name', 3, true],
  ['refused', 5, true],
])('a real name server that says “%s”', async (_name, responseCode, isAnswering) => {
  const resolver = await nameServer(responseCode);
  const answer = await isNameServiceAnswering(
    { known: [], missing: 'gone.example', signal },
    {
      lookup: fail('EAI_AGAIN'),
      root: () => resolver.resolveNs('.'),
      addresses: (name) => resolver.resolve4(name),
    },
  );
  await closeAll();
  expect(answer).toBe(isAnswering);
});
