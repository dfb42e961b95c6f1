import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Dovecot, startDovecot } from '../src-main/core/incoming/testing/dovecot.ts';
import { command, mpop, postrider, removeLeftovers } from './collectors.ts';
import { type Contender, race, table } from './measure.ts';
import { realisticMessage } from './realistic-mail.ts';

const run = promisify(execFile);

/** A search that has to wait until all words are in the index; each of the messages holds one of these. */
async function findable(profileDir: string): Promise<number> {
  const args = ['--profile', profileDir, '--json', 'search', 'reader', '--limit', '1'];
  return (await run(process.execPath, [command, ...args])).stdout.length;
}

/** The row “the same, until every word can be found”: the collecting, then whatever makes the words found. */
function untilFound(dovecot: Dovecot, count: number): Contender[] {
  const ours = postrider(dovecot, count);
  const theirs = mpop(dovecot, count);
  const muIndex = async (): Promise<void> => {
    const home = join(theirs.home(), 'mu');
    await run('/usr/bin/mu', ['init', `--muhome=${home}`, `--maildir=${theirs.home()}/mail`]);
    await run('/usr/bin/mu', ['index', `--muhome=${home}`, '--quiet']);
  };
  const contenders: Contender[] = [
    {
      name: 'postrider: collect, then a search of all words',
      prepare: ours.prepare,
      async run() {
        const { did } = await ours.run();
        if ((await findable(ours.home())) === 0) throw new Error('Nothing was found.');
        return { did: `${did} and found` };
      },
    },
  ];
  if (!existsSync('/usr/bin/mpop') || !existsSync('/usr/bin/mu')) return contenders;
  contenders.push({
    name: 'mpop, then mu index',
    prepare: theirs.prepare,
    async run() {
      const { did } = await theirs.run();
      await muIndex();
      return { did: `${did} and indexed` };
    },
  });
  return contenders;
}

/** The rows “collect 10,000 messages (0.8 GB) from Dovecot” and “until every word can be found”. */
export async function benchCollect(options: {
  rounds: number;
  count: number;
  isUntilFound?: boolean;
}): Promise<string> {
  const { rounds, count, isUntilFound = false } = options;
  const dovecot = await startDovecot();
  try {
    let octets = 0;
    for (let index = 0; index < count; index += 1) {
      const bytes = realisticMessage(index);
      octets += bytes.length;
      await dovecot.deliver('anna', bytes, `${1_600_000_000 + index}.bench${index}.host`);
    }
    const collectors = [postrider(dovecot, count), ...(existsSync('/usr/bin/mpop') ? [mpop(dovecot, count)] : [])];
    // The server reads its own index the first time: that round counts for nobody.
    await race(collectors.slice(-1), 1);
    const timings = await race(isUntilFound ? untilFound(dovecot, count) : collectors, rounds);
    const what = `${count} messages (${(octets / 1e9).toFixed(2)} GB) from Dovecot`;
    return table(isUntilFound ? `Collect ${what} until every word can be found` : `Collect ${what}`, timings);
  } finally {
    await dovecot.stop();
    await removeLeftovers();
  }
}
