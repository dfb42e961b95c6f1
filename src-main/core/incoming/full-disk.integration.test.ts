import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPop3Server } from '../practice/pop3-server.ts';
import { collectMaildrop } from './collect-maildrop.ts';
import { accountAt, createMaildrop, realClock, sha256 } from './testing/maildrops.ts';
import { filesOfInbox, makeProfile, openRealStore } from './testing/real-store.ts';

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

test.skipIf(!canMount)(
  'a full disk: what was deleted on the server is whole on the disk, the rest is still there',
  async () => {
    const { profileDir, remove } = await makeProfile();
    const mailFolder = join(profileDir, 'Mail');
    mkdirSync(mailFolder);
    // Of 30 MB the first batch, a small one, fits in any case; all of it does not.
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=26m', 'tmpfs', mailFolder]).status).toBe(0);
    const body = `${'x'.repeat(98)}\r\n`.repeat(1000);
    const all = Array.from({ length: 300 }, (_, index) => ({
      uniqueId: `m${index}`,
      bytes: new Uint8Array(Buffer.from(`Subject: ${index}\r\n\r\n${body}`)),
    }));
    const maildrop = createMaildrop(all);
    const server = await createPop3Server({ maildrop, user: 'anna', password: 'secret' });
    const store = await openRealStore(profileDir);
    try {
      const result = await collectMaildrop({
        account: accountAt(server.port, { retention: { kind: 'delete' } }),
        credentials: { user: 'anna', secret: 'secret', auth: 'auto' },
        store,
        clock: realClock,
        signal: new AbortController().signal,
      });
      expect(result.error).toMatchObject({ code: 'EDISKFULL' });
      const kept = new Set((await filesOfInbox(profileDir)).map(({ bytes }) => sha256(bytes)));
      expect(result.deleted).toBeGreaterThan(0);
      expect(maildrop.removed).toHaveLength(result.deleted);
      for (const { uniqueId, bytes } of all)
        if (maildrop.removed.includes(uniqueId)) expect(kept.has(sha256(bytes))).toBe(true);
      expect(maildrop.lying).toHaveLength(300 - result.deleted);
      expect(server.sessions.at(-1)?.hasQuit).toBe(true);
    } finally {
      await store.close();
      await server.close();
      spawnSync('umount', ['-l', mailFolder]);
      await remove();
    }
  },
);
