import { cp, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutboxId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { builtMessage, openOutbox } from '../core/outgoing/testing/outbox-harness.ts';
import { systemClockForTests } from '../core/outgoing/testing/plain-clock.ts';
import { type ScriptedSmtp, startScriptedSmtp } from '../core/outgoing/testing/scripted-smtp.ts';
import { makeCommand } from './testing/command.ts';
import { hasStrace } from './testing/has-strace.ts';

// Taking a message back and discarding it, killed (-9) as each of its renames, removals and syncs begins: the message is
// always somewhere, and once the command said that it is not sent, it is not.

const isTraceable = await hasStrace();
if (!isTraceable) console.warn('Kills inside cancel and discard are left out: strace is not here.');

const points: readonly (readonly [call: string, nth: number])[] = [
  ['rename', 1],
  ['unlink', 1],
  ['unlink', 2],
  ...[1, 2, 3, 4, 5].map((nth) => ['fsync', nth] as const),
];
const cases = ['cancel', 'discard'].flatMap((how) => points.map(([call, nth]) => [how, call, nth] as const));

describe.skipIf(!isTraceable)('a message taken back or discarded by a command that is killed', () => {
  let server: ScriptedSmtp;
  let template = '';
  let outboxId: OutboxId;
  let confirmed = 0;

  beforeAll(async () => {
    server = await startScriptedSmtp();
    const box = await openOutbox({ clock: systemClockForTests });
    await box.addRelay(server.port);
    await box.addIdentity('a@a.example');
    const queued = { identityId: null, undoMs: 0, waitForFlush: true, isComposed: true };
    ({ outboxId } = await box.outbox.enqueue(builtMessage(undefined, { subject: 'precious' }), queued));
    await box.shut();
    template = box.profileDir;
  });
  afterAll(async () => {
    await server.close();
    await rm(template, { recursive: true, force: true });
  });

  /** What the profile holds once it was opened again and had the chance to send. */
  async function judge(profileDir: string): Promise<{ copies: number; isSent: boolean; isQueued: boolean }> {
    const before = server.accepted.length;
    const box = await openOutbox({ profileDir, clock: systemClockForTests });
    const isQueued = (await box.store.activeOutbox()).length > 0;
    expect(isQueued && (await box.store.listKeys(folder.trash)).length > 0, 'in Trash, and yet to be sent').toBe(false);
    await box.outbox.startSchedule();
    await box.flush(true);
    const places = [folder.outbox, folder.drafts, folder.trash, folder.sent];
    const keys = await Promise.all(places.map((place) => box.store.listKeys(place)));
    await box.shut();
    return { copies: keys.flat().length, isSent: server.accepted.length > before, isQueued };
  }

  it.each(cases)(
    '%s, at %s number %i',
    async (how, call, nth) => {
      const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${nth}`];
      const command = await makeCommand(['strace', '-f', '-qq', '-o', '/dev/null', ...inject]);
      try {
        await cp(template, command.profileDir, { recursive: true });
        const line = how === 'cancel' ? ['outbox', 'cancel', outboxId] : ['outbox', 'resolve', outboxId, '--discard'];
        const { stdout } = await command.run(line);
        const isConfirmed = stdout.length > 0;
        if (isConfirmed) confirmed += 1;
        const { copies, isSent, isQueued } = await judge(command.profileDir);
        expect(copies, 'it is somewhere').toBeGreaterThan(0);
        expect(isSent, 'it is sent when it was still queued, and only then').toBe(isQueued);
        if (isConfirmed) expect(isSent, 'what was confirmed holds').toBe(false);
      } finally {
        await command.remove();
      }
    },
    60_000,
  );

  it('was killed before and after it had said so', () => {
    expect(confirmed).toBeLessThan(cases.length);
  });
});
