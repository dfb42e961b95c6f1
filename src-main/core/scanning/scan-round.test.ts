import { expect, test } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { type QuarantineRecord, ScannerSettings } from '#shared/mail/quarantine.ts';
import { runRound } from './scan-round.ts';

const record = (at: number): QuarantineRecord => ({
  messageKey: MessageKey.parse(`key-${at}`),
  folder: folder.inbox,
  state: 'waiting',
  words: '',
  filedAt: 0,
  judgedAt: null,
  retryAt: null,
  releasedAt: null,
  releasedBy: null,
  tries: 0,
});

test('what is judged while the ledger is busy shares the next commit', async () => {
  const commits: number[] = [];
  const judged = Promise.withResolvers<void>();
  const end = await runRound(
    Array.from({ length: 60 }, (_, at) => record(at)),
    {
      store: {
        read: async () => new Uint8Array(),
        // Deleted meanwhile: only the mark is to be settled.
        summary: async () => null,
        move: async () => [],
        // The first commit takes until all have been judged.
        async settleQuarantine({ forget }) {
          commits.push(forget.length);
          await judged.promise;
        },
      },
      clock: { now: () => 0, after: () => () => undefined },
      settings: ScannerSettings.parse({ isEnabled: true, command: '/bin/true', atOnce: 4 }),
      signal: new AbortController().signal,
      scan: async () => ({ verdict: 'clean', exitCode: 0, words: '', durationMs: 0, isStanding: false }),
      wantsArrivals: () => false,
      knownProblem: null,
      onProgress: (done, total) => {
        if (done === total) judged.resolve();
      },
    },
  );
  expect(end).toEqual({ rejected: 0, filed: 0, problem: null });
  expect(commits).toHaveLength(2);
  expect(commits.reduce((sum, one) => sum + one, 0)).toBe(60);
});
