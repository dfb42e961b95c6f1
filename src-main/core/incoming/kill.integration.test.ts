import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { seeded } from '../../cli/testing/seeded.ts';
import { createPop3Server } from '../practice/pop3-server.ts';
import { generatedMail } from './testing/generated-mail.ts';
import { createMaildrop, sha256 } from './testing/maildrops.ts';
import { filesOfInbox, makeProfile } from './testing/real-store.ts';

/** The full number is for a night's run; a seeded sample stands in the suite, where cli/kill.integration.test.ts kills too. */
const runs = Number(process.env.POSTRIDER_KILL_RUNS ?? 10);
const messagesARun = 12;

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function startChild(port: number, profileDir: string, kind: string): ChildProcess {
  const script = join(import.meta.dirname, 'testing/collect-child.ts');
  const options = JSON.stringify({ port, profileDir, retention: { kind } });
  return spawn(process.execPath, [script, options], { stdio: ['ignore', 'pipe', 'inherit'] });
}

test.each([['delete'], ['leave']])(
  'kill -9 at any command of a session, retention %s: nothing lost, nothing doubled',
  async (kind) => {
    const random = seeded(kind.length);
    const mail = generatedMail(runs * messagesARun);
    const maildrop = createMaildrop([]);
    let child: ChildProcess | undefined;
    let killAt = 0;
    let heard = 0;
    let killAfterMs = 0;
    let killedAtOnce = 0;
    const server = await createPop3Server({
      maildrop,
      user: 'anna',
      password: 'secret',
      intercept: () => {
        heard += 1;
        // Some die on the word, some a moment later, while files are being written.
        if (heard === killAt && killAfterMs === 0) {
          killedAtOnce += 1;
          child?.kill('SIGKILL');
        } else if (heard === killAt) setTimeout(() => child?.kill('SIGKILL'), killAfterMs);
        return null;
      },
    });
    ends.push(() => server.close());
    const { profileDir, remove } = await makeProfile();
    ends.push(remove);

    const wanted: string[] = [];
    let killed = 0;
    for (let run = 0; run < runs; run += 1) {
      for (let index = 0; index < messagesARun; index += 1) {
        const bytes = mail[run * messagesARun + index];
        if (bytes === undefined) continue;
        maildrop.lying.push({ uniqueId: `${run}-${index}`, bytes });
        wanted.push(`${run}-${index}`);
      }
      heard = 0;
      // CAPA, USER, PASS, CAPA, LIST, UIDL; then RETR and perhaps DELE of each; then QUIT.
      const waiting = maildrop.lying.length;
      killAt = 1 + Math.floor(random() * (8 + (kind === 'delete' ? waiting + messagesARun : messagesARun)));
      killAfterMs = random() < 0.5 ? 0 : 1 + Math.floor(random() * 30);
      child = startChild(server.port, profileDir, kind);
      const [code, signal] = await once(child, 'exit');
      if (signal === 'SIGKILL') killed += 1;
      else expect(code).toBe(0);
    }
    killAt = -1;
    child = startChild(server.port, profileDir, kind);
    expect((await once(child, 'exit'))[0]).toBe(0);

    // Those that were to die a moment later may have been faster.
    expect(killedAtOnce).toBeGreaterThanOrEqual(runs / 5);
    expect(killed).toBeGreaterThanOrEqual(killedAtOnce);
    const files = await filesOfInbox(profileDir);
    const sent = mail.map((bytes) =>
      sha256(bytes.at(-1) === 10 && bytes.at(-2) === 13 ? bytes : Buffer.concat([bytes, Buffer.from('\r\n')])),
    );
    expect(files.map(({ bytes }) => sha256(bytes)).sort()).toEqual(sent.sort());
    expect(maildrop.lying).toHaveLength(kind === 'delete' ? 0 : wanted.length);
    expect([...maildrop.removed].sort()).toEqual(kind === 'delete' ? wanted.sort() : []);
  },
  60_000 + runs * 6_000,
);
