import { describe, expect, it } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import type { Draft, DraftContent } from '#shared/mail/message.ts';
import { createDraftKeeper, longestMs, quietMs, retryMs } from './draft-keeper.ts';

function content(text: string): DraftContent {
  return { identityId: null, to: [], cc: [], bcc: [], subject: '', text, html: null, attachments: [] };
}

/** A clock moved by hand and a disk that answers when told. */
function bench() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const saves: { draft: Draft; done: (key: string) => void; fail: (error: Error) => void }[] = [];
  const keeper = createDraftKeeper({
    messageKey: null,
    now: () => now,
    after: (delayMs, run) => {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    save: (draft) =>
      new Promise((resolve, reject) => {
        saves.push({ draft, done: (key) => resolve(MessageKey.parse(key)), fail: reject });
      }),
  });
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
  async function pass(ms: number): Promise<void> {
    now += ms;
    const due = timers.filter((timer) => timer.at <= now);
    timers = timers.filter((timer) => timer.at > now);
    for (const timer of due) timer.run();
    await settle();
  }
  return { keeper, saves, pass, settle };
}

describe('the draft keeper', () => {
  it('saves once the typing has stopped for a second', async () => {
    const { keeper, saves, pass } = bench();
    keeper.change(content('a'));
    await pass(quietMs - 1);
    keeper.change(content('ab'));
    await pass(quietMs - 1);
    expect(saves).toHaveLength(0);
    await pass(1);
    expect(saves.map(({ draft }) => draft.text)).toEqual(['ab']);
  });

  it('saves after five seconds of typing without a pause', async () => {
    const { keeper, saves, pass } = bench();
    for (let passed = 0; passed < longestMs; passed += 500) {
      keeper.change(content(`${passed}`));
      await pass(500);
    }
    expect(saves.length).toBeGreaterThan(0);
  });

  it('saves one at a time and hands each key to the next', async () => {
    const { keeper, saves, pass, settle } = bench();
    keeper.change(content('one'));
    await pass(quietMs);
    keeper.change(content('two'));
    await pass(quietMs);
    expect(saves).toHaveLength(1);
    saves[0]?.done('first');
    await settle();
    await pass(quietMs);
    expect(saves).toHaveLength(2);
    expect(saves[1]?.draft).toMatchObject({ text: 'two', messageKey: 'first' });
    saves[1]?.done('second');
    await settle();
    expect(keeper.status().kind).toBe('saved');
  });

  it('flush waits for the newest words, also those typed during a save', async () => {
    const { keeper, saves, pass, settle } = bench();
    keeper.change(content('one'));
    await pass(quietMs);
    keeper.change(content('two'));
    let key: string | null = null;
    void keeper.flush().then((answer) => {
      key = answer;
    });
    saves[0]?.done('first');
    await settle();
    expect(key).toBeNull();
    saves[1]?.done('second');
    await settle();
    expect(key).toBe('second');
  });

  it('keeps what could not be written, says so, and tries again', async () => {
    const { keeper, saves, pass, settle } = bench();
    keeper.change(content('precious'));
    await pass(quietMs);
    saves[0]?.fail(new Error('disk full'));
    await settle();
    expect(keeper.status().kind).toBe('failed');
    await pass(retryMs);
    expect(saves[1]?.draft.text).toBe('precious');
    saves[1]?.done('kept');
    await settle();
    expect(keeper.status().kind).toBe('saved');
  });

  it('a flush that fails says so instead of pretending', async () => {
    const { keeper, saves, settle } = bench();
    keeper.change(content('precious'));
    const flushed = keeper.flush().then(
      () => 'saved',
      () => 'failed',
    );
    saves[0]?.fail(new Error('disk full'));
    await settle();
    expect(await flushed).toBe('failed');
  });

  it('saves nothing when nothing was typed, and nothing after stop', async () => {
    const { keeper, saves, pass } = bench();
    expect(await keeper.flush()).toBeNull();
    keeper.change(content('sent already'));
    await keeper.stop();
    keeper.change(content('late'));
    await pass(quietMs * 10);
    expect(saves).toHaveLength(0);
  });
});
