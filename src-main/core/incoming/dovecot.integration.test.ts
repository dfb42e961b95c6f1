import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectMaildrop } from './collect-maildrop.ts';
import { openPop3Session } from './pop3-session.ts';
import { type Dovecot, isDovecotInstalled, startDovecot } from './testing/dovecot.ts';
import { accountAt, realClock } from './testing/maildrops.ts';
import { createMemoryStore } from './testing/memory-store.ts';

describe.skipIf(!isDovecotInstalled)('against Dovecot', () => {
  let dovecot: Dovecot;
  beforeAll(async () => {
    dovecot = await startDovecot({ authMechanisms: 'plain login cram-md5 apop' });
  });
  afterAll(() => dovecot.stop());

  test('signs in and sees capabilities', async () => {
    await dovecot.deliver('anna', Buffer.from('Subject: x\n\nHello\n'));
    const session = await openPop3Session({
      endpoint: { host: '127.0.0.1', port: dovecot.port, security: 'none' },
      credentials: { user: 'anna', secret: 'secret', auth: 'auto' },
      clock: realClock,
      signal: new AbortController().signal,
    });
    expect(session.capabilities).toMatchObject({ pipelining: true, uidl: true, top: true });
    expect(await session.stat()).toMatchObject({ messages: 1 });
    await session.quit();
    const store = createMemoryStore();
    expect(
      await collectMaildrop({
        account: accountAt(dovecot.port),
        credentials: { user: 'anna', secret: 'secret', auth: 'auto' },
        store,
        clock: realClock,
        signal: new AbortController().signal,
      }),
    ).toMatchObject({ retrieved: 1 });
  });
});
