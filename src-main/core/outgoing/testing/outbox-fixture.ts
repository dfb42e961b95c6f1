import { afterEach, beforeEach, expect } from 'vitest';
import { type HandClock, handClock, handNetwork, type OutboxHarness, openOutbox } from './outbox-harness.ts';
import { type Script, type ScriptedSmtp, startScriptedSmtp } from './scripted-smtp.ts';

/** What a test of the outbox has: made anew for each, closed after it. */
export interface OutboxFixture {
  clock: HandClock;
  network: ReturnType<typeof handNetwork>;
  /** Put another one here after opening it again on the same profile: this one is closed in the end. */
  box: OutboxHarness;
  /** A server for as long as the test lasts. */
  start(script?: Script): Promise<ScriptedSmtp>;
  /** For what a test opens besides. */
  closeLater(close: () => Promise<void>): void;
}

/** A machine that is busy with many files takes its time to open a store. */
const hookMs = 30_000;

/**
 * Gives every test of the file an outbox with a clock and a network moved by hand, and after it checks that nothing failed
 * inside. `each` is called with what was made before every test.
 */
export function outboxForEachTest(each: (made: OutboxFixture) => void): void {
  const closers: (() => Promise<void>)[] = [];
  let made: OutboxFixture;
  beforeEach(async () => {
    const clock = handClock();
    const network = handNetwork();
    made = {
      clock,
      network,
      box: await openOutbox({ clock, network }),
      async start(script = {}) {
        const server = await startScriptedSmtp(script);
        closers.push(() => server.close());
        return server;
      },
      closeLater: (close) => void closers.push(close),
    };
    each(made);
  }, hookMs);
  afterEach(async () => {
    expect(made.box.faults).toEqual([]);
    await made.box.shut();
    await made.box.remove();
    for (const close of closers.splice(0)) await close();
  }, hookMs);
}
