import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import { createSentFiler, type SentFiler } from './sent-filer.ts';

const key = (number: number): MessageKey => MessageKey.parse(`${String(number).padStart(32, '0')}-${'0'.repeat(16)}`);

let moves: MessageKey[][];
let isMoreComing: boolean;
let fault: Error | undefined;
let filer: SentFiler;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  moves = [];
  isMoreComing = true;
  fault = undefined;
  const move = async (keys: MessageKey[], to: string) => {
    expect(to).toBe(folder.sent);
    moves.push(keys);
    if (fault !== undefined) throw fault;
    return [];
  };
  filer = createSentFiler({ move }, () => isMoreComing);
});

afterEach(() => {
  vi.useRealTimers();
});

/** The first batch of many, after which the next one waits for company. */
async function begin(): Promise<void> {
  await filer.file(key(0));
  expect(moves.splice(0)).toEqual([[key(0)]]);
}

describe('what was sent', () => {
  it('is moved at once when it comes alone', begin);

  it('waits a moment after the batch before, and goes together with what comes meanwhile', async () => {
    await begin();
    const filed = [filer.file(key(1)), filer.file(key(2))];
    await vi.advanceTimersByTimeAsync(99);
    filed.push(filer.file(key(3)));
    expect(moves).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(filed);
    expect(moves).toEqual([[key(1), key(2), key(3)]]);
  });

  it('does not wait for others when it is the last', async () => {
    await begin();
    const before = filer.file(key(1));
    await vi.advanceTimersByTimeAsync(10);
    isMoreComing = false;
    await Promise.all([before, filer.file(key(2))]);
    expect(moves).toEqual([[key(1), key(2)]]);
    await filer.file(key(3));
    expect(moves).toEqual([[key(1), key(2)], [key(3)]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not mind that a file is gone, and tells what else fails only those it met', async () => {
    fault = new MailError('ENOTFOUND', 'Gone.');
    await begin();
    isMoreComing = false;
    fault = new MailError('EIO', 'The disk fails.');
    await expect(filer.file(key(1))).rejects.toThrow('The disk fails.');
    fault = undefined;
    await filer.file(key(2));
    expect(moves).toEqual([[key(1)], [key(2)]]);
  });
});
