import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedMail } from '../../core/incoming/testing/generated-mail.ts';
import { createMaildrop, sha256 } from '../../core/incoming/testing/maildrops.ts';
import { createPop3Server } from '../../core/practice/pop3-server.ts';
import { type Command, makeCommand } from './command.ts';
import { seeded } from './seeded.ts';

/** What became of the mail after a row of killed collections and one that was let be. */
export interface CollectingReport {
  readonly kills: number;
  readonly messages: number;
  /** Delivered to the server, and now neither there nor here. */
  readonly lost: number;
  /** Here more often than they were delivered. */
  readonly doubled: number;
  /** Files whose bytes were never sent by the server. */
  readonly damaged: number;
  /** Deleted on the server more than once, or left though they should be gone. */
  readonly wrongOnServer: number;
}

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  readonly onProgress?: (kills: number) => void;
}

const messagesARun = 6;
/** A profile is looked through and begun anew after so many, so that listings stay short. */
const killsAProfile = 50;

/** Starts `postrider collect` again and again and kills it (-9) at a random moment of its session, until it was killed so often. */
export async function killWhileCollecting(
  { kills, seed, onProgress }: KillOptions,
  retention: 'delete' | 'leave',
): Promise<CollectingReport> {
  const random = seeded(seed);
  let total: CollectingReport = { kills: 0, messages: 0, lost: 0, doubled: 0, damaged: 0, wrongOnServer: 0 };
  while (total.kills < kills) {
    const part = await killOnOneProfile(Math.min(killsAProfile, kills - total.kills), random, retention, (done) =>
      onProgress?.(total.kills + done),
    );
    total = {
      kills: total.kills + part.kills,
      messages: total.messages + part.messages,
      lost: total.lost + part.lost,
      doubled: total.doubled + part.doubled,
      damaged: total.damaged + part.damaged,
      wrongOnServer: total.wrongOnServer + part.wrongOnServer,
    };
  }
  return total;
}

async function killOnOneProfile(
  kills: number,
  random: () => number,
  retention: 'delete' | 'leave',
  onProgress: (kills: number) => void,
): Promise<CollectingReport> {
  const maildrop = createMaildrop([]);
  const trap = { heard: 0, at: 0, spring: () => {} };
  const server = await createPop3Server({
    maildrop,
    user: 'anna',
    password: 'secret',
    intercept: () => {
      trap.heard += 1;
      if (trap.heard === trap.at) trap.spring();
      return null;
    },
  });
  const postrider = await makeCommand();
  try {
    await addAccount(postrider, server.port, retention);
    const sent = new Map<string, string>();
    let done = 0;
    for (let run = 0; done < kills; run += 1) {
      for (const bytes of generatedMail(messagesARun)) {
        const uniqueId = `${run}-${sent.size}`;
        // POP3 ends every message with a line end.
        const whole = new Uint8Array(Buffer.concat([bytes, Buffer.from(`${uniqueId}\r\n`)]));
        maildrop.lying.push({ uniqueId, bytes: whole });
        sent.set(uniqueId, sha256(whole));
      }
      // CAPA, sign-in, LIST, UIDL; RETR of each, DELE of each; QUIT. Some die on the word, some while files are written.
      const commands = 8 + messagesARun * (retention === 'delete' ? 2 : 1);
      trap.heard = 0;
      trap.at = 1 + Math.floor(random() * commands);
      const delayMs = random() < 0.4 ? 0 : Math.floor(random() * 40);
      const child = postrider.start(['collect', '--json']);
      trap.spring = () => void setTimeout(() => child.kill('SIGKILL'), delayMs);
      const { code, stderr } = await child.ended;
      if (code === null) onProgress(++done);
      else if (code !== 0) throw new Error(`A collection failed by itself: ${stderr}`);
    }
    trap.at = -1;
    const last = await postrider.run(['collect', '--json']);
    if (last.code !== 0) throw new Error(`The last collection failed: ${last.stdout}${last.stderr}`);
    return await audit(postrider, maildrop, sent, { kills: done, retention });
  } finally {
    await server.close();
    await postrider.remove();
  }
}

async function addAccount(postrider: Command, port: number, retention: string): Promise<void> {
  const account = {
    label: 'Killed',
    host: '127.0.0.1',
    port,
    security: 'none',
    user: 'anna',
    secret: 'secret',
    auth: 'user-pass',
    retention: { kind: retention },
  };
  const added = await postrider.run(['account', 'add', '--json'], { stdin: JSON.stringify(account) });
  if (added.code !== 0) throw new Error(`${added.stdout}${added.stderr}`);
}

async function audit(
  postrider: Command,
  maildrop: ReturnType<typeof createMaildrop>,
  sent: ReadonlyMap<string, string>,
  { kills, retention }: { kills: number; retention: string },
): Promise<CollectingReport> {
  const here = new Map<string, number>();
  for (const part of ['new', 'cur']) {
    const folder = join(postrider.profileDir, 'Mail', part);
    for (const name of await readdir(folder)) {
      const digest = sha256(await readFile(join(folder, name)));
      here.set(digest, (here.get(digest) ?? 0) + 1);
    }
  }
  const digests = new Set(sent.values());
  const listed = (await postrider.run(['list', 'Inbox', '--json'])).lines().length;
  const files = [...here.values()].reduce((sum, count) => sum + count, 0);
  const shouldLie = retention === 'delete' ? 0 : sent.size;
  const shouldGo = retention === 'delete' ? sent.size : 0;
  return {
    kills,
    messages: sent.size,
    lost: [...digests].filter((digest) => !here.has(digest)).length,
    doubled: [...here.values()].filter((count) => count > 1).length + Math.abs(listed - files),
    damaged: [...here.keys()].filter((digest) => !digests.has(digest)).length,
    wrongOnServer: Math.abs(maildrop.lying.length - shouldLie) + Math.abs(maildrop.removed.length - shouldGo),
  };
}
