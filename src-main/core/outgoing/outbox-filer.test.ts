import { expect, test } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import type { FileOutcome, FileRequest } from '../store/store-api.ts';
import { createOutboxFiler } from './outbox-filer.ts';

const keyOf = (index: number): MessageKey => MessageKey.parse(`${String(index).padStart(32, '0')}-0123456789abcdef`);

function request(index: number, octets = 10): FileRequest {
  return {
    folder: folder.outbox,
    messageKey: keyOf(index),
    bytes: new Uint8Array(octets).fill(index),
    flags: ['seen'],
  };
}

/** A store that takes calls one by one, when the test says so, and empties the buffers it is given, as the real one does. */
function createSlowStore(isBad: (message: FileRequest) => boolean = () => false) {
  const calls: FileRequest[][] = [];
  const filed: { messageKey: MessageKey; octets: number }[] = [];
  const open: (() => void)[] = [];
  return {
    calls,
    filed,
    goOn: () => open.shift()?.(),
    async file(messages: FileRequest[]): Promise<FileOutcome[]> {
      calls.push(messages);
      const held = messages.map(({ messageKey, bytes }) => {
        const moved = structuredClone(bytes, { transfer: [bytes.buffer] });
        return { messageKey, octets: moved.length };
      });
      await new Promise<void>((resolve) => open.push(resolve));
      if (messages.some(isBad)) throw new MailError('EDISKFULL', 'No room.');
      filed.push(...held);
      return messages.map(({ messageKey }) => ({ messageKey, outcome: 'filed' }));
    },
  };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('the first message goes at once, those that come meanwhile go together', async () => {
  const store = createSlowStore();
  const filer = createOutboxFiler(store);
  const all = Promise.all([1, 2, 3, 4].map((index) => filer.file(request(index))));
  expect(store.calls.map((call) => call.length)).toEqual([1]);
  store.goOn();
  await settled();
  expect(store.calls.map((call) => call.length)).toEqual([1, 3]);
  store.goOn();
  await all;
  expect(store.filed).toEqual([1, 2, 3, 4].map((index) => ({ messageKey: keyOf(index), octets: 10 })));
});

test('a message is told as queued only when its own call has ended', async () => {
  const store = createSlowStore();
  const filer = createOutboxFiler(store);
  const told: number[] = [];
  for (const index of [1, 2]) void filer.file(request(index)).then(() => told.push(index));
  await settled();
  expect(told).toEqual([]);
  store.goOn();
  await settled();
  expect(told).toEqual([1]);
  store.goOn();
  await settled();
  expect(told).toEqual([1, 2]);
});

test('one that cannot be filed fails alone', async () => {
  const store = createSlowStore((message) => message.messageKey === keyOf(3));
  const filer = createOutboxFiler(store);
  const outcomes = Promise.allSettled([1, 2, 3, 4].map((index) => filer.file(request(index))));
  for (let call = 1; call <= 5; call += 1) {
    expect(store.calls).toHaveLength(call);
    store.goOn();
    await settled();
  }
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(store.filed.map(({ octets }) => octets)).toEqual([10, 10, 10]);
  // After a failure the next ones are filed as before.
  const later = filer.file(request(5));
  store.goOn();
  await later;
});

test('a large one is not held up by the others', async () => {
  const store = createSlowStore();
  const filer = createOutboxFiler(store);
  const small = filer.file(request(1));
  const large = filer.file(request(2, 1024 * 1024));
  expect(store.calls.map((call) => call.length)).toEqual([1, 1]);
  store.goOn();
  store.goOn();
  await Promise.all([small, large]);
});
