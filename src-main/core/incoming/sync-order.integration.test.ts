import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPop3Server } from '../practice/pop3-server.ts';
import { createMaildrop, message } from './testing/maildrops.ts';
import { makeProfile } from './testing/real-store.ts';

const hasStrace = spawnSync('strace', ['-V']).status === 0;

/** One system call that ended well, in the order in which they ended. */
interface Call {
  readonly name: string;
  readonly text: string;
}

// A kill proves what a process had done, not what the disk had: the order of the calls themselves is looked at.
test.skipIf(!hasStrace)(
  'each file is synced, named, its folder synced and its unique-id recorded before DELE',
  async () => {
    const { profileDir, remove } = await makeProfile();
    const folder = await mkdtemp(join(tmpdir(), 'postrider-strace-'));
    const maildrop = createMaildrop(['a', 'b', 'c', 'd', 'e'].map((uniqueId) => message(uniqueId)));
    const server = await createPop3Server({ maildrop, user: 'anna', password: 'secret' });
    try {
      const trace = join(folder, 'trace');
      const options = JSON.stringify({ port: server.port, profileDir, retention: { kind: 'delete' } });
      const calls = 'trace=fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat,write,writev,sendto,sendmsg';
      const child = spawn(
        'strace',
        ['-f', '-y', '-s', '200', '-e', calls, '-o', trace]
          .concat(process.execPath)
          .concat(join(import.meta.dirname, 'testing/collect-child.ts'), options),
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
      expect((await once(child, 'exit'))[0]).toBe(0);
      expect(maildrop.lying).toEqual([]);
      judge(whole(await readFile(trace, 'utf8')), join(profileDir, 'Mail'), profileDir);
    } finally {
      await server.close();
      await remove();
      await rm(folder, { recursive: true, force: true });
    }
  },
);

function judge(calls: readonly Call[], mail: string, profileDir: string): void {
  const isSync = ({ name }: Call) => /^(fsync|fdatasync|syncfs)$/.test(name);
  const index = (test: (call: Call) => boolean, from = 0) => {
    const at = calls.slice(from).findIndex(test);
    return at < 0 ? -1 : at + from;
  };
  const firstDele = index(({ name, text }) => /^(write|writev|sendto|sendmsg)$/.test(name) && /DELE \d/.test(text));
  expect(firstDele, 'DELE was sent').toBeGreaterThan(0);
  const named = calls.flatMap(({ name, text }, at) => {
    const found = /^(rename|link)/.test(name)
      ? /"([^"]*\/tmp\/[^"]+)".*"([^"]*\/(?:new|cur)\/[^"]+)"/.exec(text)
      : null;
    return found !== null && found[2]?.startsWith(mail) === true ? [{ at, from: found[1] ?? '', to: found[2] }] : [];
  });
  expect(named, 'every message got its name').toHaveLength(5);
  for (const { at, from, to } of named) {
    const synced = index((call) => isSync(call) && (call.name === 'syncfs' || call.text.includes(`<${from}>`)));
    expect(synced, `the bytes of ${to} were synced first`).toBeGreaterThanOrEqual(0);
    expect(synced).toBeLessThan(at);
    const parent = to.slice(0, to.lastIndexOf('/'));
    const folderSynced = index((call) => isSync(call) && call.text.includes(`<${parent}>`), at);
    expect(folderSynced, 'the folder was synced after').toBeGreaterThan(at);
    const recorded = index(
      (call) => isSync(call) && call.text.includes(join(profileDir, 'ledger.sqlite')),
      folderSynced,
    );
    expect(recorded, 'the unique-id was recorded after').toBeGreaterThan(folderSynced);
    expect(recorded, 'and all that before DELE was sent').toBeLessThan(firstDele);
  }
}

/** Joins what strace tells in two lines because another thread came between; a call counts when it ended. */
function whole(trace: string): Call[] {
  const begun = new Map<string, string>();
  const calls: Call[] = [];
  for (const line of trace.split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(rest)?.[1];
    if (unfinished !== undefined) {
      begun.set(thread, unfinished);
      // What is written may be heard before the call has ended.
      if (/^(write|send)/.test(unfinished)) calls.push({ name: nameOf(unfinished), text: unfinished });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1];
    const text = resumed === undefined ? rest : `${begun.get(thread) ?? ''}${resumed}`;
    if (/= -1 /.test(text) || text === '') continue;
    if (resumed === undefined || !/^(write|send)/.test(text)) calls.push({ name: nameOf(text), text });
  }
  return calls;
}

function nameOf(text: string): string {
  return /^\w+/.exec(text)?.[0] ?? '';
}
