import { FolderPath } from '#shared/ids.ts';
import { fixedFolders } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import { syncFolder } from '../durable.ts';
import { checkIndex } from './check-index.ts';
import { type Engine, freshen } from './engine-doors.ts';
import * as read from './index-read.ts';
import { wipeIndex } from './index-schema.ts';
import * as ledger from './ledger.ts';
import { createMailRoot, mailRootExists } from './maildir.ts';
import { integer } from './sql.ts';
import type { EngineMethods } from './store-protocol.ts';

/** Makes the Mail folder what it must be, unless it went away, and takes up what changed in it. */
export async function openMailFolder({ parts, queue, folders, backlog }: Engine): Promise<void> {
  const { maildir, ledger: sql } = parts;
  const hadMail = ledger.getMeta(sql, 'hadMail') !== null;
  if (!hadMail && !mailRootExists(maildir.root)) await createMailRoot(maildir.root);
  await queue.look(read.hadBacklog(parts.index) ? 'full' : 'careful');
  if (queue.problem() !== null) return;
  backlog.leaveWord();
  for (const directory of maildir.listDirectories()) maildir.sweepTmp(directory);
  for (const name of fixedFolders) await folders.ensure(FolderPath.parse(name));
  maildir.writeMarker();
  await syncFolder(maildir.root);
  // A few files are read in at once; many are read behind the first screens.
  if (backlog.size() <= 500) await backlog.caughtUp();
  parts.words.wake();
}

type IndexMethod = 'state' | 'changesSince' | 'rescan' | 'rebuildIndex' | 'checkIndex' | 'close';

/** The index as a whole, and the end. */
export function indexMethods(engine: Engine): Pick<EngineMethods, IndexMethod> {
  const { parts, queue, backlog } = engine;
  const { index } = parts;
  const state = () => ({ storeId: read.indexMeta(index, 'storeId'), revision: read.revisionOf(index) });
  return {
    async state() {
      if (!queue.isBusy()) await queue.look('cheap').catch(() => undefined);
      return { ...state(), mailFolder: parts.maildir.root, mailFolderProblem: queue.problem() };
    },
    async changesSince(storeId, revision) {
      const changes = storeId === state().storeId ? read.changesSince(index, revision) : null;
      return changes === null ? { kind: 'reset', ...state() } : { kind: 'changes', changes };
    },
    async rescan() {
      const hadProblem = queue.problem() !== null;
      await queue.look('careful');
      await backlog.caughtUp();
      if (hadProblem && queue.problem() === null) await openMailFolder(engine);
    },
    rebuildIndex: (report, signal) => rebuildIndex(engine, report, signal),
    async checkIndex() {
      await freshen(engine, true);
      await parts.threads.settle();
      return checkIndex(parts);
    },
    async close() {
      backlog.stop();
      parts.words.stop();
      parts.threads.stop();
      await queue.idle();
      // Whoever waited for something that failed was told. What is missing now is made anew at the next start.
      const steps = [
        () => parts.group.idle(),
        () => void index.run("UPDATE meta SET value = '0' WHERE key = 'isOpen'"),
        () => index.close(),
        () => parts.ledger.close(),
      ];
      for (const step of steps) {
        try {
          await step();
        } catch (error) {
          parts.log.warn('The store could not be closed as usual. No mail is lost.', { reason: String(error) });
        }
      }
    },
  };
}

async function rebuildIndex(
  engine: Engine,
  report: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<{ messages: number }> {
  const { parts, queue, backlog } = engine;
  if (!mailRootExists(parts.maildir.root)) await queue.look('cheap');
  if (!mailRootExists(parts.maildir.root)) queue.assertMailFolder();
  await queue.run({
    apply: () => {
      wipeIndex(parts.index);
      parts.words.clear();
      backlog.clear();
    },
    result: () => undefined,
  });
  queue.acceptEmpty();
  await queue.look('full');
  const total = backlog.size();
  report(0, total);
  while (backlog.size() > 0) {
    if (signal.aborted) throw new MailError('ECANCELLED', 'Rebuilding was stopped. It goes on by itself.');
    const before = backlog.size();
    await Promise.race([backlog.caughtUp(), new Promise((resolve) => setTimeout(resolve, 200))]);
    report(total - backlog.size(), total);
    if (before === backlog.size() && !queue.isBusy()) break;
  }
  await parts.words.drain();
  await openMailFolder(engine);
  const row = parts.index.one('SELECT count(*) AS n FROM messages');
  return { messages: row === undefined ? 0 : integer(row, 'n') };
}
