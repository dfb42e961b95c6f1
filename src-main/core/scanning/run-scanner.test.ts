import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ScannerSettings } from '#shared/mail/quarantine.ts';
import { systemClock } from '../../host-node/system-clock.ts';
import type { Clock } from '../ports.ts';
import { runScanner, type Scanned } from './run-scanner.ts';
import { cleanMessage, infectedMessage } from './sample-messages.ts';
import { likeClamscan, openScripts, type Scripts } from './testing/scripts.ts';

let scripts: Scripts;
beforeEach(async () => {
  scripts = await openScripts();
});
afterEach(() => scripts.dispose());

/** A folder may be called so; nothing in its name means anything. */
const copies = 'copies $& of $$ mail';

const message = Buffer.from('Subject: x\r\n\r\nbody\r\n');
/** Its limit is over as soon as it is set. */
const impatient: Clock = { now: () => systemClock.now(), after: (_, run) => systemClock.after(50, run) };

function run(
  settings: object,
  more: { bytes?: Uint8Array; clock?: Clock; signal?: AbortSignal } = {},
): Promise<Scanned> {
  return runScanner({
    bytes: more.bytes ?? message,
    settings: ScannerSettings.parse(settings),
    copies: join(scripts.folder, copies),
    clock: more.clock ?? systemClock,
    signal: more.signal ?? new AbortController().signal,
  });
}

test('the exit code judges, on standard input and on a copy; the words are the scanner’s', async () => {
  const command = await scripts.add('scan', likeClamscan);
  for (const args of [['-'], ['{file}']]) {
    expect(await run({ command, arguments: args }, { bytes: cleanMessage() })).toMatchObject({
      verdict: 'clean',
      exitCode: 0,
    });
    const infected = await run({ command, arguments: args }, { bytes: infectedMessage() });
    expect(infected).toMatchObject({ verdict: 'rejected', exitCode: 1 });
    expect(infected.words).toBe(`${args[0] === '-' ? 'stdin' : 'message'}: Eicar-Test-Signature FOUND`);
  }
  expect(await run({ command, arguments: ['-'] }, { bytes: Buffer.from('TROUBLE') })).toMatchObject({
    verdict: 'not-judged',
    exitCode: 2,
    words: expect.stringMatching(/code 2.*Can't access database/),
  });
  expect(await run({ command, arguments: ['-'], cleanCodes: [7], rejectedCodes: [0] })).toMatchObject({
    verdict: 'rejected',
  });
  expect(await readdir(join(scripts.folder, copies))).toEqual([]);
});

test('it is run as it stands: no shell reads the arguments, no password of ours is handed on', async () => {
  vi.stubEnv('POSTRIDER_SECRET', 'hunter2');
  const command = await scripts.add('tell', 'for word in "$@"; do echo "[$word]"; done; env; cat');
  const { words } = await run({ command, arguments: ['$(touch gone)', '; exit 1', 'a b', '{file}x'] });
  expect(words).toMatch(/^\[\$\(touch gone\)\]\n\[; exit 1\]\n\[a b\]\n\[messagex\]\n/);
  expect(words).not.toContain('hunter2');
  expect(words).toContain('PATH=');
  vi.unstubAllEnvs();
});

test('it sees a copy that nobody else may read, and may do to it what it likes', async () => {
  const seen = join(scripts.folder, 'seen');
  const command = await scripts.add(
    'destroy',
    `stat -c %a "$1" > '${seen}'; stat -c %a "$(dirname "$1")" >> '${seen}'; rm "$1"`,
  );
  const bytes = new Uint8Array(message);
  expect(await run({ command, arguments: ['{file}'] }, { bytes })).toMatchObject({ verdict: 'clean' });
  expect(await readFile(seen, 'utf8')).toBe('600\n700\n');
  expect(Buffer.from(bytes).equals(message)).toBe(true);
});

test.each([
  ['missing', { command: 'no-such-scanner-anywhere' }, /no program “no-such-scanner-anywhere”/, true],
  ['no program', { command: import.meta.filename }, /may not be run/, true],
  ['a folder', { command: '/tmp' }, /may not be run/, true],
])('a command that is %s judges nothing', async (_, settings, words, isStanding) => {
  expect(await run(settings)).toMatchObject({
    verdict: 'not-judged',
    exitCode: null,
    isStanding,
    words: expect.stringMatching(words),
  });
});

test('past its time it is killed with what it started', async () => {
  const pid = join(scripts.folder, 'pid');
  const command = await scripts.add('sleep', `sleep 1000 & echo $! > '${pid}'; wait`);
  const slow = run({ command }, { clock: { ...impatient, after: (_, done) => systemClock.after(400, done) } });
  expect(await slow).toMatchObject({
    verdict: 'not-judged',
    words: expect.stringMatching(/no answer within 60 seconds/),
  });
  const child = Number(await readFile(pid, 'utf8'));
  await expect.poll(() => stateOf(child)).toMatch(/gone|Z/);
});

async function stateOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ')[2] ?? '';
  } catch {
    return 'gone';
  }
}

test('one that crashes, floods, ends before it has read, or leaves a child behind does no harm', async () => {
  const crash = await scripts.add('crash', 'kill -SEGV $$');
  expect(await run({ command: crash })).toMatchObject({
    verdict: 'not-judged',
    words: expect.stringMatching(/broke off \(SIGSEGV\)/),
  });
  const flood = await scripts.add('flood', 'head -c 50000000 /dev/zero | tr "\\0" "x"; exit 1');
  const flooded = await run({ command: flood });
  expect(flooded).toMatchObject({ verdict: 'rejected' });
  expect(flooded.words).toHaveLength(2000);
  const deaf = await scripts.add('deaf', 'exit 0');
  expect(await run({ command: deaf }, { bytes: Buffer.alloc(30_000_000, 'x') })).toMatchObject({ verdict: 'clean' });
  const leaves = await scripts.add('leaves', 'sleep 3 & echo found; exit 1');
  expect(await run({ command: leaves })).toMatchObject({ verdict: 'rejected', words: 'found' });
  const ugly = await scripts.add('ugly', `printf 'a\\033[31mb\\r\\n\\342\\200\\256c\\377'`);
  expect((await run({ command: ugly })).words).toBe('a [31mb\n c\ufffd');
});

test('when Postrider ends, so does the command', async () => {
  const begun = join(scripts.folder, 'begun');
  const command = await scripts.add('wait', `echo x > '${begun}'; exec sleep 1000`);
  const stop = new AbortController();
  const running = run({ command, arguments: ['{file}'] }, { signal: stop.signal });
  await expect
    .poll(() =>
      stat(begun).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  stop.abort(new Error('closing'));
  await expect(running).rejects.toThrow('closing');
  expect(await readdir(join(scripts.folder, copies))).toEqual([]);
});

test('a disk that takes no copy is told as such', async () => {
  await writeFile(join(scripts.folder, copies), '');
  await expect(run({ command: 'true', arguments: ['{file}'] })).rejects.toThrow();
});
