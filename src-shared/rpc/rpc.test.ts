import { expect, test, vi } from 'vitest';
import { MailError } from '../mail-error.ts';
import { createClient } from './client.ts';
import { type Handlers, methods } from './contract.ts';
import { protocolVersion } from './frame.ts';
import { mailMethods } from './methods/mail.ts';
import { sendingMethods } from './methods/sending.ts';
import { settingsMethods } from './methods/settings.ts';
import { upkeepMethods } from './methods/upkeep.ts';
import { createServer } from './server.ts';
import { createTransportPair } from './transport.ts';

test('no method stands in two parts of the contract, where one would hide the other', () => {
  const parts = [settingsMethods, mailMethods, sendingMethods, upkeepMethods].flatMap(Object.keys);
  expect(Object.keys(methods).sort()).toEqual(parts.sort());
});

/** Handlers of which only those given do anything; the others say so. */
function handlersWith(given: Partial<Handlers>): Handlers {
  const refuse = async (): Promise<never> => {
    throw new Error('not part of this test');
  };
  const all: Record<string, unknown> = Object.fromEntries(Object.keys(methods).map((name) => [name, refuse]));
  const made = { ...all, ...given };
  if (!isComplete(made)) throw new Error('a handler is missing');
  return made;
}

function isComplete(handlers: object): handlers is Handlers {
  return Object.keys(methods).every((name) => Object.hasOwn(handlers, name));
}

function connect(given: Partial<Handlers>) {
  const unexpected = vi.fn();
  const server = createServer(handlersWith(given), unexpected);
  const [near, far] = createTransportPair();
  server.attach(far);
  return { api: createClient(near), server, near, unexpected };
}

test('a call reaches its handler with defaults filled in and brings the result back', async () => {
  const list = vi.fn(async () => ({ rows: [], total: 3, unread: 1, revision: 7 }));
  const { api } = connect({ 'message.list': list });
  await expect(api.call('message.list', { folder: folderNamed('Inbox') })).resolves.toEqual({
    rows: [],
    total: 3,
    unread: 1,
    revision: 7,
  });
  expect(list).toHaveBeenCalledWith({ folder: 'Inbox', offset: 0, limit: 100 });
});

test('parameters of the wrong shape never reach the handler', async () => {
  const list = vi.fn(async () => ({ rows: [], total: 0, unread: 0, revision: 0 }));
  const { api } = connect({ 'message.list': list });
  await expect(api.call('message.list', { folder: folderNamed('Inbox'), limit: -1 })).rejects.toMatchObject({
    code: 'EINVALID',
  });
  expect(list).not.toHaveBeenCalled();
});

test.each(['constructor', '__proto__', 'toString', 'no.such'])('“%s” is not a method', async (name) => {
  const { near, unexpected } = connect({});
  const answer = new Promise((resolve) => {
    near.onMessage((frame) => {
      if (typeof frame === 'object' && frame !== null && 'kind' in frame && frame.kind === 'error') resolve(frame);
    });
  });
  near.send({ kind: 'request', id: 99, method: name, params: {} });
  await expect(answer).resolves.toMatchObject({ id: 99, error: { code: 'EINVALID' } });
  expect(unexpected).not.toHaveBeenCalled();
});

test('a MailError crosses as data; anything else as EINTERNAL without its words', async () => {
  const { api, unexpected } = connect({
    'folder.list': async () => {
      throw new MailError('EAUTH', 'The password was not accepted.', { replyCode: 535, server: '535 no' });
    },
    'job.list': async () => {
      throw new Error('secret /home/someone/path');
    },
  });
  await expect(api.call('folder.list', {})).rejects.toMatchObject({ code: 'EAUTH', replyCode: 535, server: '535 no' });
  const failure = api.call('job.list', {});
  await expect(failure).rejects.toMatchObject({ code: 'EINTERNAL' });
  await expect(failure).rejects.not.toThrow(/secret/);
  expect(unexpected).toHaveBeenCalledTimes(1);
});

test('a result that is not what the contract says does not get through', async () => {
  const { api } = connect({ 'folder.list': async () => JSON.parse('[{"folder":"Inbox","total":-1,"unread":0}]') });
  await expect(api.call('folder.list', {})).rejects.toMatchObject({ code: 'EINTERNAL' });
});

test('events are told to every client, and one of the wrong shape to none', async () => {
  const { api, server, near } = connect({ 'job.list': async () => [] });
  const heard = vi.fn();
  api.on('window.raise', heard);
  server.emit('window.raise', { mailto: 'mailto:a@b.c' });
  near.send({ kind: 'event', name: 'window.raise', payload: {} });
  await api.call('job.list', {});
  expect(heard.mock.calls).toEqual([[{ mailto: 'mailto:a@b.c' }]]);
});

test('calls that wait when the connection closes fail with ECLOSED', async () => {
  const { api, near } = connect({ 'folder.list': () => new Promise(() => undefined) });
  const call = api.call('folder.list', {});
  near.close();
  await expect(call).rejects.toMatchObject({ code: 'ECLOSED' });
  await expect(api.call('folder.list', {})).rejects.toMatchObject({ code: 'ECLOSED' });
});

test('a peer of another version is refused before anything is asked', async () => {
  const [near, far] = createTransportPair();
  const api = createClient(near);
  const call = api.call('folder.list', {});
  far.send({ kind: 'hello', version: protocolVersion + 1 });
  await expect(call).rejects.toMatchObject({ code: 'EVERSION' });
});

function folderNamed(name: string) {
  return methods['message.list'].params.shape.folder.parse(name);
}
