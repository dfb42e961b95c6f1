import { afterEach, beforeEach, expect } from 'vitest';
import { type HandClock, handClock, handNetwork, type OutboxHarness, openOutbox } from './outbox-harness.ts';
import { type Script, type ScriptedSmtp, startScriptedSmtp } from './scripted-smtp.ts';

/** What a test of the outbox has: made anew for each, closed after it. */
export interface OutboxFixture {
  clock: HandClock;
  network: ReturnType<typeof handNetwork>;
  box: OutboxHarness;
  /** A server for as long as the test lasts. */
  start(script?: Script): Promise<ScriptedSmtp>;
  /** For what a test opens besides. */
  closeLater(close: () => Promise<void>): void;
}

/**
 * Gives every test of the file an outbox with a clock and a network moved by hand, and after it checks that nothing failed
 * inside. `each` is called with what was made before every test.
 */
export function outboxForEachTest(each: (made: OutboxFixture) => void): void {
  const closers: (() => Promise<void>)[] = [];
  let box: OutboxHarness;
  beforeEach(async () => {
    const clock = handClock();
    const network = handNetwork();
    box = await openOutbox({ clock, network });
    each({
      clock,
      network,
      box,
      async start(script = {}) {
        const server = await startScriptedSmtp(script);
        closers.push(() => server.close());
        return server;
      },
      closeLater: (close) => void closers.push(close),
    });
  });
  afterEach(async () => {
    expect(box.faults).toEqual([]);
    await box.shut();
    await box.remove();
    for (const close of closers.splice(0)) await close();
  });
}
