import { execFile } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { ZipFile } from 'yazl';
import { z } from 'zod';
import { ImportReport } from '#shared/job.ts';
import type { ImportRequest } from '#shared/mail/mail-source.ts';
import { mail } from '../../store/testing/store-fixture.ts';

const Ended = z.object({
  state: z.object({ kind: z.literal('succeeded'), summary: ImportReport }),
  lookedUp: z.number(),
  asked: z.number(),
});
export type Ended = z.infer<typeof Ended>;

export interface ImportPlace {
  readonly profileDir: string;
  readonly mailFolder: string;
  readonly request: ImportRequest;
}

/** Runs the import in a process of its own; null: it was killed. */
async function importIn(
  { profileDir, mailFolder, request }: ImportPlace,
  kill: { at: number; delayMs: number } = { at: -1, delayMs: 0 },
): Promise<Ended | null> {
  const child = join(import.meta.dirname, 'import-until-killed.ts');
  const args = [child, profileDir, mailFolder, JSON.stringify(request), `${kill.at}`, `${kill.delayMs}`];
  return await new Promise((resolve, reject) => {
    execFile(process.execPath, args, (error, stdout) => {
      if (error === null) resolve(Ended.parse(JSON.parse(stdout)));
      else if (error.signal === 'SIGKILL') resolve(null);
      else reject(error);
    });
  });
}

/** What a source holds, and what the report of its import is to say. */
export interface MadeSource {
  /** Message by message, as they lie here afterwards. */
  readonly texts: readonly string[];
  readonly report: { imported: number; duplicates: number; malformed: number; deleted: number; failedTotal: number };
  /** How many carry the tag `urgent`. */
  readonly tagged: number;
}

/**
 * A tree of everything mail is kept in: an mbox with doubles, malformed mail and what Thunderbird deleted, a Maildir with
 * keywords, `.eml` files, a zip that holds an mbox and files, one damaged zip, an mbox packed by gzip.
 */
export async function makeMixedSource(path: string, messages: number): Promise<MadeSource> {
  const texts: string[] = [];
  const report = { imported: 0, duplicates: 0, malformed: 0, deleted: 0, failedTotal: 1 };
  const made = (body: string, isMalformed = false): string => {
    const text = isMalformed
      ? `Subject malformed ${texts.length}\r\nno header\r\n\r\n${body}\r\n`
      : Buffer.from(mail(`message ${texts.length}`, body)).toString();
    texts.push(text);
    report.imported++;
    if (isMalformed) report.malformed++;
    return text;
  };
  const write = async (name: string, content: string): Promise<void> => {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  };
  const mbox = (count: number): string => {
    let text = '';
    for (let n = 0; n < count; n++) {
      const message = made(`body ${n} of many`, n % 29 === 7);
      text += entry(message);
      if (n % 17 === 3) {
        text += entry(message);
        report.duplicates++;
      }
      if (n % 23 === 5) {
        text += entry(`X-Mozilla-Status: 0009\r\n${Buffer.from(mail(`gone ${n}`))}`);
        report.deleted++;
      }
    }
    return text;
  };
  const share = Math.ceil(messages / 4);
  await write('a.mbox', `${entry(`X-Mozilla-Status: 0001\r\n${made('first of Thunderbird')}`)}${mbox(share)}`);
  await write('b.mbox', '');
  for (let n = 0; n < share; n++) await write(`c/cur/${1000 + n}.x.y:2,${n % 2 === 0 ? 'Sa' : 'S'}`, made('kept'));
  await write('c/dovecot-keywords', '0 urgent\n');
  await mkdir(join(path, 'c/new'));
  for (let n = 0; n < share; n++) await write(`d/${1000 + n}.eml`, made('alone'));
  await write('e.zip', 'PK\x03\x04 but no zip');
  await writeZip(join(path, 'f.zip'), [
    ['one.eml', made('in a zip')],
    ['Takeout/All.mbox', mbox(share)],
    ['two.eml', made('in a zip')],
  ]);
  await writeFile(join(path, 'g.mbox.gz'), gzipSync(mbox(share)));
  return { texts, report, tagged: Math.ceil(share / 2) };
}

function entry(message: string): string {
  const body = message.replaceAll('\r\n', '\n').replace(/^(>*From )/gm, '>$1');
  return `From - Mon Jan  1 10:00:00 2024\n${body}\n`;
}

async function writeZip(path: string, entries: readonly (readonly [string, string])[]): Promise<void> {
  const zip = new ZipFile();
  for (const [name, text] of entries)
    zip.addReadStreamLazy(name, {}, (give) => give(null, Readable.from([Buffer.from(text)])));
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

/** Kills the import again and again at moments that `random` draws; answers how it ended when it was let be. */
export async function killImports(
  place: ImportPlace,
  { kills, asks, random }: { kills: number; asks: number; random: () => number },
): Promise<Ended & { kills: number }> {
  let killed = 0;
  while (killed < kills) {
    const ended = await importIn(place, { at: Math.floor(random() * asks), delayMs: Math.floor(random() * 4) * 3 });
    // It was done before its moment came.
    if (ended !== null) return { ...ended, kills: killed };
    killed++;
    if (!existsSync(place.profileDir)) throw new Error('the profile is gone');
  }
  const ended = await importIn(place);
  if (ended === null) throw new Error('killed by somebody else');
  return { ...ended, kills: killed };
}
