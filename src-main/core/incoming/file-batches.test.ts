import { expect, test } from 'vitest';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import type { Filing } from './collect-run.ts';
import { createFileBatches } from './file-batches.ts';

const mib = 1024 * 1024;

function filing(number: number, octets = 10): Filing {
  return {
    listed: { messageNumber: number, octets, uniqueId: `u${number}` },
    request: {
      folder: FolderPath.parse('Inbox'),
      messageKey: MessageKey.parse(`key-${number}`),
      bytes: new Uint8Array(octets),
      flags: [],
    },
    mayRemove: true,
  };
}

/** A store that commits when it is told to. */
function createDisk() {
  const begun: { numbers: number[]; done: PromiseWithResolvers<void> }[] = [];
  return {
    begun,
    commit(batch: readonly Filing[]): Promise<void> {
      const done = Promise.withResolvers<void>();
      begun.push({ numbers: batch.map(({ listed }) => listed.messageNumber), done });
      return done.promise;
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  await turn();
  return settled;
}

test('every message goes once and in order, the first ones soon, the last ones with the end', async () => {
  const disk = createDisk();
  const batches = createFileBatches(disk.commit);
  for (let number = 1; number <= 250; number += 1) await batches.add(filing(number));
  expect(disk.begun.map(({ numbers }) => numbers.length)).toEqual([20, 100, 100]);
  // Not more than three at once, also at the end.
  const end = batches.finish();
  await turn();
  expect(disk.begun).toHaveLength(3);
  disk.begun[0]?.done.resolve();
  await turn();
  expect(disk.begun.map(({ numbers }) => numbers.length)).toEqual([20, 100, 100, 30]);
  expect(disk.begun.flatMap(({ numbers }) => numbers)).toEqual(Array.from({ length: 250 }, (_, at) => at + 1));
  expect(await isSettled(end)).toBe(false);
  for (const { done } of disk.begun) done.resolve();
  await end;
});

test('a line that is slower than the disk gathers what comes while it is busy, and no more', async () => {
  const disk = createDisk();
  const batches = createFileBatches(disk.commit);
  const addMany = async (from: number, to: number) => {
    for (let number = from; number <= to; number += 1) await batches.add(filing(number));
  };
  await addMany(1, 60);
  disk.begun[0]?.done.resolve();
  await turn();
  await addMany(61, 61);
  expect(disk.begun.map(({ numbers }) => numbers.length)).toEqual([20, 41]);
  disk.begun[1]?.done.resolve();
  await batches.finish();
  expect(disk.begun).toHaveLength(2);
});

test('what is left is not begun after a failure', async () => {
  const disk = createDisk();
  const batches = createFileBatches(disk.commit);
  for (let number = 1; number <= 50; number += 1) await batches.add(filing(number));
  disk.begun[0]?.done.reject(new Error('The disk is full.'));
  await turn();
  await expect(batches.finish()).rejects.toThrow('The disk is full.');
  expect(disk.begun).toHaveLength(1);
});

test('while as many octets are under way as may be, the next wait; a very large message goes by itself', async () => {
  const disk = createDisk();
  const batches = createFileBatches(disk.commit);
  await batches.add(filing(1, 17 * mib));
  const second = batches.add(filing(2, 17 * mib));
  expect(await isSettled(second)).toBe(false);
  disk.begun[0]?.done.resolve();
  await second;
  expect(disk.begun).toHaveLength(2);
  disk.begun[1]?.done.resolve();
  await turn();
  await batches.add(filing(3, 16 * mib));
  await batches.add(filing(4, 16 * mib));
  expect(disk.begun).toHaveLength(4);
  const fifth = batches.add(filing(5, 16 * mib));
  expect(await isSettled(fifth)).toBe(false);
  disk.begun[2]?.done.resolve();
  await fifth;
  for (const { done } of disk.begun) done.resolve();
  await batches.finish();
});

test('after a failure nothing more is begun, what is under way is waited for, and the failure is told', async () => {
  const disk = createDisk();
  const batches = createFileBatches(disk.commit);
  await batches.add(filing(1, 16 * mib));
  await batches.add(filing(2, 16 * mib));
  const third = batches.add(filing(3, 16 * mib));
  third.catch(() => {});
  disk.begun[0]?.done.reject(new Error('The disk is full.'));
  await expect(third).rejects.toThrow('The disk is full.');
  const end = batches.finish();
  expect(await isSettled(end)).toBe(false);
  disk.begun[1]?.done.resolve();
  await expect(end).rejects.toThrow('The disk is full.');
  expect(disk.begun).toHaveLength(2);
});
