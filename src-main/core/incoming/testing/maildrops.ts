import { createHash } from 'node:crypto';
import { AccountId } from '#shared/ids.ts';
import { IncomingAccount } from '#shared/mail/incoming-account.ts';
import type { Clock } from '../../ports.ts';
import type { PracticeMaildrop, PracticeMessage } from '../../practice/pop3-server.ts';

export const realClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A maildrop in memory that keeps account of what was deleted from it. */
export interface TestMaildrop extends PracticeMaildrop {
  readonly lying: PracticeMessage[];
  readonly removed: string[];
}

export function createMaildrop(messages: readonly PracticeMessage[]): TestMaildrop {
  const lying = [...messages];
  const removed: string[] = [];
  return {
    lying,
    removed,
    messages: () => [...lying],
    remove(uniqueIds) {
      for (const uniqueId of uniqueIds) {
        removed.push(uniqueId);
        const at = lying.findIndex((message) => message.uniqueId === uniqueId);
        if (at >= 0) lying.splice(at, 1);
      }
    },
  };
}

export function message(
  uniqueId: string,
  text = `Subject: ${uniqueId}\r\n\r\nThis is ${uniqueId}.\r\n`,
): PracticeMessage {
  return { uniqueId, bytes: new Uint8Array(Buffer.from(text, 'latin1')) };
}

export function accountAt(port: number, patch: Record<string, unknown> = {}): IncomingAccount {
  return IncomingAccount.parse({
    id: AccountId.parse('test-account'),
    label: 'Test',
    host: '127.0.0.1',
    port,
    security: 'none',
    user: 'anna',
    ...patch,
  });
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
